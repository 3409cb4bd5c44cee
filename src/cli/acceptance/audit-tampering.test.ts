import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { compile, makeAuditScene, site } from "../../testing/audit-scene.ts";
import { writeTree } from "../../testing/install-scene.ts";
import { makeCompiled } from "../../testing/make-compiled.ts";

/** An environment tampered with in every way there is: each way is found, and under the right name. */

const scene = await makeAuditScene();
after(() => scene[Symbol.dispose]());

const info = "example-1.0.dist-info";

type Way = readonly [finding: string, tamper: (at: (path: string) => string, env: string) => void];

/** Paths are from the folder of packages, or from the top where they begin with `../`. */
const ways: Readonly<Record<string, Way>> = {
  // Files of a distribution
  "a module is edited": ["error file-changed", (at) => appendFileSync(at("example/__init__.py"), "#")],
  "a large file is edited at its end": ["error file-changed", (at) => appendFileSync(at("example/data.bin"), "x")],
  "a large file is cut off": ["error file-changed", (at) => writeFileSync(at("example/data.bin"), "")],
  "one bit of a file is another": [
    "error file-changed",
    (at) => {
      const bytes = readFileSync(at("example/sub/mod.py"));
      writeFileSync(at("example/sub/mod.py"), bytes.fill((bytes[0] ?? 0) ^ 1, 0, 1));
    },
  ],
  "a module is replaced by another of the same distribution": [
    "error file-changed",
    (at) => copyFileSync(at("example/sub/mod.py"), at("example/__init__.py")),
  ],
  "a script is edited": ["error file-changed", (at) => appendFileSync(at("../../../bin/example"), "#")],
  "METADATA is edited": ["error file-changed", (at) => appendFileSync(at(`${info}/METADATA`), "\n")],
  "WHEEL is edited": ["error file-changed", (at) => appendFileSync(at(`${info}/WHEEL`), "\n")],
  "entry_points.txt is edited": [
    "error file-changed",
    (at) => appendFileSync(at(`${info}/entry_points.txt`), "more = example:more\n"),
  ],
  "INSTALLER says another installer": ["error file-changed", (at) => writeFileSync(at(`${info}/INSTALLER`), "pip\n")],
  "the receipt is edited": ["error file-changed", (at) => appendFileSync(at(`${info}/tspip.json`), "\n")],
  "a module is a link to a changed copy": [
    "error file-changed",
    (at) => {
      writeFileSync(at("example/copy.txt"), "evil");
      rmSync(at("example/sub/mod.py"));
      symlinkSync("../copy.txt", at("example/sub/mod.py"));
    },
  ],
  "a module is gone": ["error file-missing", (at) => rmSync(at("example/sub/mod.py"))],
  "a package is gone": ["error file-missing", (at) => rmSync(at("example"), { recursive: true })],
  "a script is gone": ["error file-missing", (at) => rmSync(at("../../../bin/example"))],
  "a module is a link that leads nowhere": [
    "error file-missing",
    (at) => {
      rmSync(at("example/sub/mod.py"));
      symlinkSync("nowhere", at("example/sub/mod.py"));
    },
  ],
  "a folder of modules is a file now": [
    "error file-missing",
    (at) => {
      rmSync(at("example/sub"), { recursive: true });
      writeFileSync(at("example/sub"), "");
    },
  ],
  "a module is a folder now": [
    "error file-unreadable",
    (at) => {
      rmSync(at("example/sub/mod.py"));
      mkdirSync(at("example/sub/mod.py"));
    },
  ],
  "a module is a link to a device without end": [
    "error file-unreadable",
    (at) => {
      rmSync(at("example/sub/mod.py"));
      symlinkSync("/dev/zero", at("example/sub/mod.py"));
    },
  ],
  "a module is a pipe now": [
    "error file-irregular",
    (at) => {
      rmSync(at("example/sub/mod.py"));
      execFileSync("mkfifo", [at("example/sub/mod.py")]);
    },
  ],

  // Files of nobody
  "a module is added to a package": ["warning file-unowned", (at) => writeFileSync(at("example/extra.py"), "")],
  "a package is added": ["warning file-unowned", (at) => writeTree(at(""), { "evil/__init__.py": "" })],
  "a file without meaning is added": ["warning file-unowned", (at) => writeFileSync(at("example/.hidden"), "")],
  "a native module is added": ["warning file-unowned", (at) => writeFileSync(at("_speedup.abi3.so"), "")],
  "a compiled module without source is added": [
    "warning file-unowned",
    (at) => writeTree(at(""), { "example/__pycache__/evil.cpython-313.pyc": "" }),
  ],
  "a module is added that exists compiled only": ["warning file-unowned", (at) => writeFileSync(at("evil.pyc"), "")],
  "a file is added to a .dist-info": ["warning file-unowned", (at) => writeFileSync(at(`${info}/REQUESTED2`), "")],
  "a licence is added to a .dist-info": [
    "warning file-unowned",
    (at) => writeTree(at(""), { [`${info}/licenses/EVIL`]: "" }),
  ],
  "a program is added beside the interpreter": [
    "warning file-unowned",
    (at) => writeFileSync(at("../../../bin/ls"), "#!/bin/sh\n"),
  ],

  // What runs at every start
  "a .pth file runs code": [
    "error startup-code",
    (at) => writeFileSync(at("zz.pth"), "# harmless\nimport os; os.system('true')\n"),
  ],
  "a .pth file runs code behind a tab": ["error startup-code", (at) => writeFileSync(at("zz.pth"), "import\tevil\n")],
  "a .pth file runs code behind a byte order mark": [
    "error startup-code",
    (at) => writeFileSync(at("zz.pth"), "\uFEFFimport evil\n"),
  ],
  "a .pth file of virtualenv's name runs other code": [
    "error startup-code",
    (at) => writeFileSync(at("_virtualenv.pth"), "import _virtualenv, evil\n"),
  ],
  "virtualenv's module does something else": [
    "error startup-code",
    (at) => {
      writeFileSync(at("_virtualenv.pth"), "import _virtualenv");
      writeFileSync(at("_virtualenv.py"), 'import os\na = "#"; os.system("true")\n');
    },
  ],
  "virtualenv's module spells other names with the letters of its own words": [
    "error startup-code",
    (at) => {
      writeFileSync(at("_virtualenv.pth"), "import _virtualenv");
      writeFileSync(at("_virtualenv.py"), 'import os\ngetattr(os, "sys" + "path"[2] + "None"[3] + "meta"[0])("")\n');
    },
  ],
  "virtualenv's module has a name in letters that Python takes for others": [
    "error startup-code",
    (at) => {
      writeFileSync(at("_virtualenv.pth"), "import _virtualenv");
      writeFileSync(at("_virtualenv.py"), "ｅｘｅｃ('')\n");
    },
  ],
  "a package stands before virtualenv's module": [
    "error startup-code",
    (at) => {
      writeFileSync(at("_virtualenv.pth"), "import _virtualenv");
      writeTree(at(""), { "_virtualenv.py": "import os\n", "_virtualenv/__init__.py": "" });
    },
  ],
  "a .pth file is too large to be read": [
    "error startup-code",
    (at) => {
      writeFileSync(at("zz.pth"), "import evil\n");
      truncateSync(at("zz.pth"), 3 * 2 ** 30);
    },
  ],
  "a .start file is added": ["error startup-code", (at) => writeFileSync(at("evil.start"), "evil:main\n")],
  "sitecustomize is added": ["error startup-code", (at) => writeFileSync(at("sitecustomize.py"), "")],
  "sitecustomize is added as a native module": [
    "error startup-code",
    (at) => writeFileSync(at("sitecustomize.cpython-313-x86_64-linux-gnu.so"), ""),
  ],
  "usercustomize is added as a package": [
    "error startup-code",
    (at) => writeTree(at(""), { "usercustomize/__init__.py": "" }),
  ],
  "usercustomize is added compiled": ["error startup-code", (at) => writeFileSync(at("usercustomize.pyc"), "")],
  "a .pth file adds a folder": ["error search-path-added", (at) => writeFileSync(at("zz.pth"), "/opt/evil\n")],
  "a .pth file adds a folder above": ["error search-path-added", (at) => writeFileSync(at("zz.pth"), "../../evil\n")],
  "a .pth file hides its import behind a form feed": [
    "error startup-code",
    (at) => writeFileSync(at("zz.pth"), "# a comment\fimport evil\n"),
  ],
  "a .pth file hides its folder behind a form feed": [
    "error search-path-added",
    (at) => writeFileSync(at("zz.pth"), "# a comment\f/opt/evil\n"),
  ],
  "a .pth file lies in a lib64 of its own": [
    "error startup-code",
    (at) => writeTree(at("../../../lib64/python3.13/site-packages"), { "zz.pth": "import evil\n" }),
  ],
  "the interpreter is a script": [
    "error interpreter-replaced",
    (at) => writeFileSync(at("../../../bin/python"), "#!/bin/sh\nexec python3\n"),
  ],
  "the interpreter is another program": [
    "error interpreter-replaced",
    (at) => writeFileSync(at("../../../bin/python"), "\u007fELF another"),
  ],
  "the interpreter is a link to another program": [
    "error interpreter-replaced",
    (at) => {
      rmSync(at("../../../bin/python"));
      symlinkSync("/bin/sh", at("../../../bin/python"));
    },
  ],
  "pyvenv.cfg lets the interpreter's packages in": [
    "note system-packages-visible",
    (at) => appendFileSync(at("../../../pyvenv.cfg"), "include-system-site-packages = true\n"),
  ],
  "pyvenv.cfg says twice whether it lets the interpreter's packages in": [
    "note system-packages-visible",
    (at) =>
      appendFileSync(
        at("../../../pyvenv.cfg"),
        "include-system-site-packages = false\n  Include-System-Site-Packages = true\n",
      ),
  ],
  "pyvenv.cfg names its interpreter behind a blank": [
    "error interpreter-replaced",
    (at, env) => {
      writeTree(env, { "other/python3": "" });
      edit(at("../../../pyvenv.cfg"), (text) => ` home = ${join(env, "other")}\n${text}`);
      rmSync(at("../../../bin/python"), { force: true });
      symlinkSync(at("../../../../home/python3"), at("../../../bin/python"));
    },
  ],
  "pyvenv.cfg no longer keeps the interpreter's packages out": [
    "note system-packages-visible",
    (at) => writeFileSync(at("../../../pyvenv.cfg"), ""),
  ],

  // What is imported in place of something else
  "a compiled file is of other code": [
    "error compiled-foreign",
    (_, env) => compile(env, "example/sub/mod.py", ["system"]),
  ],
  "a compiled file is no code": [
    "error compiled-foreign",
    (at) => truncateCode(at("example/sub/__pycache__/mod.cpython-313.pyc")),
  ],
  "a compiled file is too large to be read": [
    "error compiled-foreign",
    (at) => truncateSync(at("example/sub/__pycache__/mod.cpython-313.pyc"), 3 * 2 ** 30),
  ],
  "a compiled file says that nobody shall look": [
    "error compiled-foreign",
    (at) =>
      writeFileSync(
        at("example/sub/__pycache__/mod.cpython-313.pyc"),
        makeCompiled(["x"], { kind: "unchecked-hash", hash: 1n }),
      ),
  ],
  "a compiled file with optimisation is of other code": [
    "error compiled-foreign",
    (at, env) => {
      compile(env, "example/sub/mod.py", ["system"]);
      const compiled = at("example/sub/__pycache__/mod.cpython-313.pyc");
      renameSync(compiled, compiled.replace(".pyc", ".opt-1.pyc"));
    },
  ],
  "a native module stands before a module": [
    "error module-shadowed",
    (at) => writeFileSync(at("example/sub/mod.cpython-313-x86_64-linux-gnu.so"), ""),
  ],
  "a native module stands before a package's own code": [
    "error module-shadowed",
    (at) => writeFileSync(at("example/__init__.abi3.so"), ""),
  ],
  "a package stands before a module": [
    "error module-shadowed",
    (at) => writeTree(at(""), { "example/sub/mod/__init__.py": "" }),
  ],
  "a link to a package stands before a module": [
    "error module-shadowed",
    (at) => {
      writeTree(at("../.."), { "evil/__init__.py": "" });
      symlinkSync(at("../../evil"), at("example/sub/mod"));
    },
  ],
  "a link to a package has a name of the standard library": [
    "error standard-library-shadowed",
    (at) => symlinkSync("../../evil", at("json")),
  ],
  "a module has a name of the standard library": [
    "error standard-library-shadowed",
    (at) => writeFileSync(at("json.py"), ""),
  ],
  "a package has a name of the standard library": [
    "error standard-library-shadowed",
    (at) => writeTree(at(""), { "ssl/__init__.py": "" }),
  ],
  "a native module has a name of the standard library": [
    "error standard-library-shadowed",
    (at) => writeFileSync(at("socket.abi3.so"), ""),
  ],

  // RECORD and METADATA
  "a second version lies beside the first": [
    "error duplicate-distribution",
    (at) =>
      writeTree(at(""), {
        "example-0.9.dist-info/METADATA": "Metadata-Version: 2.1\nName: example\nVersion: 0.9\n",
        "example-0.9.dist-info/RECORD": "example-0.9.dist-info/METADATA,,\nexample-0.9.dist-info/RECORD,,\n",
      }),
  ],
  "a second one lies beside the first in capitals": [
    "error duplicate-distribution",
    (at) =>
      writeTree(at(""), { "example-0.9.DIST-INFO/METADATA": "Metadata-Version: 2.1\nName: example\nVersion: 0.9\n" }),
  ],
  "a second spelling lies beside the first": [
    "error duplicate-distribution",
    (at) =>
      writeTree(at(""), {
        "Example-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: Example\nVersion: 1.0\n",
        "Example-1.0.dist-info/RECORD": "Example-1.0.dist-info/METADATA,,\nExample-1.0.dist-info/RECORD,,\n",
      }),
  ],
  "RECORD is gone": ["warning installed-record-absent", (at) => rmSync(at(`${info}/RECORD`))],
  "RECORD is empty": ["warning file-unowned", (at) => writeFileSync(at(`${info}/RECORD`), "")],
  "RECORD cannot be read": ["error installed-unreadable", (at) => appendFileSync(at(`${info}/RECORD`), '"x"y,,\n')],
  "RECORD has no hash for a module that was edited": [
    "warning installed-hash-absent",
    (at) => {
      appendFileSync(at("example/sub/mod.py"), "#");
      editRecord(at, (text) => text.replace(/^(example\/sub\/mod\.py),.*$/m, "$1,,"));
    },
  ],
  "RECORD has a weak hash for a module": [
    "warning installed-hash-absent",
    (at) => editRecord(at, (text) => text.replace(/^(example\/sub\/mod\.py),.*$/m, "$1,md5=AAAA,6")),
  ],
  "RECORD has another hash for a module": [
    "error file-changed",
    (at) => editRecord(at, (text) => text.replace(/^(example\/sub\/mod\.py,sha256=).{6}/m, "$1AAAAAA")),
  ],
  "RECORD does not list a module any more": [
    "warning file-unowned",
    (at) => editRecord(at, (text) => text.replace(/^example\/sub\/mod\.py,.*\n/m, "")),
  ],
  "RECORD lists what lies outside": [
    "error record-path-outside",
    (at) => appendFileSync(at(`${info}/RECORD`), "../../../../../etc/passwd,,\n"),
  ],
  "RECORD lists an absolute path": [
    "error record-path-outside",
    (at) => appendFileSync(at(`${info}/RECORD`), "/etc/passwd,,\n"),
  ],
  "RECORD lists a file just above the environment": [
    "error record-path-outside",
    (at) => appendFileSync(at(`${info}/RECORD`), "../../../../beside.txt,,\n"),
  ],
  "another RECORD claims a module, with its own contents": [
    "warning file-claimed-twice",
    (at) => appendFileSync(at("other-1.0.dist-info/RECORD"), "example/sub/mod.py,sha256=AAAA,6\n"),
  ],
  "METADATA is gone": ["error installed-unreadable", (at) => rmSync(at(`${info}/METADATA`))],
  "METADATA is empty": ["error installed-unreadable", (at) => writeFileSync(at(`${info}/METADATA`), "")],
  "METADATA is a pipe": [
    "error installed-unreadable",
    (at) => {
      rmSync(at(`${info}/METADATA`));
      execFileSync("mkfifo", [at(`${info}/METADATA`)]);
    },
  ],
  "METADATA is of another project": [
    "error installed-identity-mismatch",
    (at) => editMetadata(at, (text) => text.replace(/^Name: .*$/m, "Name: requests")),
  ],
  "METADATA is of another version": [
    "error installed-identity-mismatch",
    (at) => editMetadata(at, (text) => text.replace(/^Version: .*$/m, "Version: 9.9")),
  ],
  "a .dist-info is renamed to another version": [
    "error installed-identity-mismatch",
    (at) => renameSync(at(info), at("example-2.0.dist-info")),
  ],
  "METADATA asks for another Python": [
    "warning python-unsupported",
    (at) => editMetadata(at, (text) => text.replace(/^(Version: .*)$/m, "$1\nRequires-Python: >=3.99")),
  ],
  "WHEEL is of another Python": [
    "warning python-unsupported",
    (at) => {
      const path = at(`${info}/WHEEL`);
      writeFileSync(path, readFileSync(path, "utf8").replace(/^Tag: .*$/m, "Tag: cp38-cp38-manylinux_2_17_x86_64"));
    },
  ],
  "an installation without RECORD is added": [
    "warning legacy-install",
    (at) => writeTree(at(""), { "evil-1.0.egg-info/PKG-INFO": "Name: evil\nVersion: 1.0\n" }),
  ],
  "a link of setuptools is added": [
    "warning legacy-install",
    (at) => writeFileSync(at("evil.egg-link"), "/opt/evil\n."),
  ],

  // Links and permissions
  "a package is a link out of the packages": ["warning link-outside", (at) => symlinkSync("/tmp", at("elsewhere"))],
  "a link leads nowhere": ["warning link-outside", (at) => symlinkSync("nowhere", at("dangling"))],
  "a module is a link to the same contents outside": [
    "warning link-outside",
    (at) => {
      renameSync(at("example/sub/mod.py"), at("../../../mod.py"));
      symlinkSync(at("../../../mod.py"), at("example/sub/mod.py"));
    },
  ],
  "a module is writable by everybody": [
    "warning file-world-writable",
    (at) => chmodSync(at("example/__init__.py"), 0o666),
  ],
  "a script is writable by everybody": [
    "warning file-world-writable",
    (at) => chmodSync(at("../../../bin/example"), 0o777),
  ],
  "a package is writable by everybody": ["warning folder-world-writable", (at) => chmodSync(at("example"), 0o777)],
  "the folder of packages is writable by everybody": [
    "warning folder-world-writable",
    (at) => chmodSync(at(""), 0o777),
  ],
  "a file runs with the rights of its owner": [
    "error file-privileged",
    (at) => chmodSync(at("example/data.bin"), 0o4755),
  ],
  "a script runs with the rights of its owner": [
    "error file-privileged",
    (at) => chmodSync(at("../../../bin/example"), 0o4755),
  ],

  // Where it came from
  "the receipt is another distribution's": [
    "error receipt-mismatch",
    (at) => copyFileSync(at("other-1.0.dist-info/tspip.json"), at(`${info}/tspip.json`)),
  ],
  "the receipt is another version's": [
    "error receipt-mismatch",
    (at) => editReceipt(at, (text) => text.replaceAll("example-1.0-", "example-1.0.1-")),
  ],
  "the receipt is no JSON": ["error receipt-unreadable", (at) => editReceipt(at, (text) => text.slice(1))],
  "the receipt is empty": ["error receipt-unreadable", (at) => editReceipt(at, () => "{}")],
  "provenance_url.json is another version's": [
    "error receipt-mismatch",
    (at) => writeProvenance(at, "https://e.example/example-1.1-py3-none-any.whl"),
  ],
  "provenance_url.json names no archive": ["error receipt-unreadable", (at) => writeProvenance(at, "")],
  "the receipt is gone": ["warning receipt-absent", (at) => rmSync(at(`${info}/tspip.json`))],
  "a dependency is gone": [
    "warning dependency-unmet",
    (at) => {
      for (const name of ["example", info]) rmSync(at(name), { recursive: true });
    },
  ],
  "it says that it came from an archive": ["note direct-install", (at) => writeOrigin(at, { archive_info: {} })],
  "it says that it is editable": ["note editable-install", (at) => writeOrigin(at, { dir_info: { editable: true } })],
  "it says that it came from a repository": [
    "note repository-install",
    (at) => writeOrigin(at, { vcs_info: { vcs: "git", commit_id: "c0ffee" } }),
  ],
  "where it came from is no JSON": [
    "error installed-unreadable",
    (at) => writeFileSync(at("other-1.0.dist-info/direct_url.json"), "{"),
  ],
};

for (const [what, [expected, tamper]] of Object.entries(ways)) {
  test(`audit: ${what}: ${expected}`, async () => {
    const env = scene.copy("tampered");
    try {
      tamper((path) => join(env, site, path), env);
      const { exitCode, ids } = await scene.audit(env);
      assert.ok(ids.includes(expected), ids.join());
      assert.equal(exitCode, ids.some((id) => id.startsWith("error")) ? 1 : 0);
    } finally {
      rmSync(env, { recursive: true });
    }
  });
}

test("audit: a file that belongs to another user: warning file-foreign-user", {
  skip: process.getuid?.() !== 0,
}, async () => {
  const env = scene.copy("given-away");
  chownSync(join(env, site, "example/sub/mod.py"), 12345, 12345);
  const { ids } = await scene.audit(env);
  assert.ok(ids.includes("warning file-foreign-user"), ids.join());
});

test("audit: an environment as tspip installed it has nothing to say, compiled files and all", async () => {
  const { exitCode, ids } = await scene.audit(scene.whole);
  assert.deepEqual({ exitCode, ids }, { exitCode: 0, ids: [] });
});

function edit(path: string, change: (text: string) => string): void {
  const text = readFileSync(path, "utf8");
  const changed = change(text);
  assert.notEqual(changed, text, `nothing was changed in ${path}`);
  writeFileSync(path, changed);
}

const editRecord = (at: (path: string) => string, change: (text: string) => string) =>
  edit(at(`${info}/RECORD`), change);
const editMetadata = (at: (path: string) => string, change: (text: string) => string) =>
  edit(at(`${info}/METADATA`), change);
const editReceipt = (at: (path: string) => string, change: (text: string) => string) =>
  edit(at(`${info}/tspip.json`), change);

function writeOrigin(at: (path: string) => string, origin: object): void {
  writeFileSync(
    at("other-1.0.dist-info/direct_url.json"),
    JSON.stringify({ url: "https://example.org/src", ...origin }),
  );
}

function writeProvenance(at: (path: string) => string, url: string): void {
  const provenance = { url, archive_info: { hashes: { sha256: "5a".repeat(32) } } };
  writeFileSync(at(`${info}/provenance_url.json`), JSON.stringify(provenance));
}

function truncateCode(path: string): void {
  writeFileSync(path, readFileSync(path).subarray(0, -1));
}
