import assert from "node:assert/strict";
import { posix, win32 } from "node:path";
import { test } from "node:test";
import type { SchemeKey } from "../wheel/placement.ts";
import { recordPath, schemePaths } from "./placement.ts";

/** Where members go and what RECORD calls them, on systems that this one is not. */

const systems = {
  posix: {
    path: posix,
    schemes: {
      purelib: "/env/lib/python3.13/site-packages",
      platlib: "/env/lib64/python3.13/site-packages",
      scripts: "/env/bin",
      data: "/env",
      headers: "/env/include/site/python3.13",
    },
    rows: {
      purelib: "pkg/module.py",
      platlib: "../../../lib64/python3.13/site-packages/pkg/module.py",
      scripts: "../../../bin/pkg/module.py",
      data: "../../../pkg/module.py",
      headers: "../../../include/site/python3.13/Example/pkg/module.py",
    },
  },
  // sysconfig's "nt_venv" scheme.
  win32: {
    path: win32,
    schemes: {
      purelib: "C:\\env\\Lib\\site-packages",
      platlib: "C:\\env\\Lib\\site-packages",
      scripts: "C:\\env\\Scripts",
      data: "C:\\env",
      headers: "C:\\env\\include\\site\\python3.13",
    },
    rows: {
      purelib: "pkg/module.py",
      platlib: "pkg/module.py",
      scripts: "../../Scripts/pkg/module.py",
      data: "../../pkg/module.py",
      headers: "../../include/site/python3.13/Example/pkg/module.py",
    },
  },
} as const;

for (const [name, { path, schemes, rows }] of Object.entries(systems)) {
  test(`members of each scheme go to its folder and have their row in RECORD: ${name}`, () => {
    const inScheme = schemePaths(schemes, "Example", path);
    for (const scheme of Object.keys(schemes) as SchemeKey[]) {
      const destination = inScheme(scheme, "pkg/module.py");
      assert.ok(
        destination.startsWith(schemes[scheme]) && destination.endsWith(path.join("pkg", "module.py")),
        destination,
      );
      assert.equal(recordPath(schemes.purelib, destination, path), rows[scheme]);
    }
  });
}

test("RECORD has absolute paths for another drive", () => {
  assert.equal(recordPath("C:\\env\\Lib\\site-packages", "D:\\data\\a.txt", win32), "D:/data/a.txt");
});

test("a folder whose name begins as the site's is not inside it", () => {
  assert.equal(recordPath("/env/site", "/env/site-more/a.py", posix), "../site-more/a.py");
});
