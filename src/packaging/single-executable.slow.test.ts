import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { version } from "../cli/version.ts";
import { digestOf } from "../distribution/digest.ts";
import { enabling, inspectorDistribution } from "../testing/inspector-scene.ts";
import { makeWheel, type WheelDescription } from "../testing/make-wheel.ts";
import { python } from "../testing/scene.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { makeSingleExecutable } from "./single-executable.ts";

/** The single executable, alone on a machine: no Node.js on PATH, an empty HOME, nothing of this clone beside it. */

const root = new URL("../../", import.meta.url).pathname;
const wheel = join(root, "testdata/real/circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl");
const needs = [
  [process.platform === "linux", "it is made on Linux"],
  [existsSync(join(root, "dist/main.cjs")), "tspip is not built: npm run build"],
  [python !== undefined, "there is no python3 on PATH"],
] as const;
const missing = needs.find(([isThere]) => !isThere);

describe("the single executable", { skip: missing?.[1] ?? false }, () => {
  const folder = temporaryFolder();
  const made = join(folder.path, "made");
  const at = (path: string) => join(folder.path, path);
  const tspip = (...argv: string[]): SpawnSyncReturns<string> =>
    spawnSync(at("tspip"), argv, {
      cwd: folder.path,
      encoding: "utf8",
      env: { PATH: at("bin"), HOME: at("home"), TMPDIR: folder.path },
    });
  const succeeds = (...argv: string[]): string => {
    const { status, stdout, stderr } = tspip(...argv);
    assert.equal(status, 0, `${argv.join(" ")}: ${stderr}${stdout}`);
    return stdout;
  };
  /** Writes a wheel, and gives its path. */
  const wheelOf = (description: WheelDescription): string => {
    const { filename, bytes } = makeWheel(description);
    writeFileSync(at(filename), bytes);
    return at(filename);
  };

  before(() => {
    renameSync(makeSingleExecutable(made), at("tspip"));
    for (const name of ["bin", "home"]) mkdirSync(at(name));
    symlinkSync(python ?? "", at("bin/python3"));
  });
  after(() => folder[Symbol.dispose]());

  test("comes out the same twice, with its licences and an SBOM that names it", () => {
    const again = makeSingleExecutable(join(folder.path, "again"));
    const sha256 = digestOf(readFileSync(again));
    assert.equal(sha256, digestOf(readFileSync(at("tspip"))));
    const texts = (place: string) => readdirSync(place).filter((name) => /\.(?:json|txt)$/.test(name));
    for (const name of texts(made))
      assert.equal(readFileSync(join(made, name), "utf8"), readFileSync(join(folder.path, "again", name), "utf8"));
    const sbom = JSON.parse(readFileSync(`${again}.cdx.json`, "utf8"));
    assert.deepEqual(sbom.metadata.component.hashes, [{ alg: "SHA-256", content: sha256 }]);
    const licenses = readFileSync(`${again}.licenses.txt`, "utf8");
    for (const { group, name, version: of } of sbom.components)
      assert.ok(
        licenses.includes(name === "node" ? `Node.js ${of}` : `${group ? `${group}/` : ""}${name} ${of} `),
        name,
      );
  });

  test("says its version, what is wrong with a command line, and verifies", () => {
    assert.equal(succeeds("--version"), `${version}\n`);
    assert.equal(tspip("verify", "--nonsense").status, 2);
    assert.match(succeeds("verify", "--offline", wheel), /published by CircleCI/);
    const tampered = wheelOf({ name: "bent", altered: { "bent/__init__.py": "changed = True\n" } });
    assert.equal(tspip("verify", tampered).status, 1);
  });

  test("keeps compiled code in the user's own folder, and nowhere else", () => {
    succeeds("--version");
    assert.ok(!existsSync(at("node-compile-cache")), "nothing among the temporary files of everybody");
    const kept = at("home/.cache/tspip-code");
    assert.equal(statSync(kept).mode & 0o777, 0o700);
    const before = readdirSync(kept);
    assert.notDeepEqual(before, []);
    rmSync(join(kept, before[0] ?? ""), { recursive: true });
    for (const open of [kept, at("home/.cache")]) {
      chmodSync(open, 0o777);
      succeeds("--version");
      assert.deepEqual(readdirSync(kept), [], "where others may write, it is neither kept nor used");
      chmodSync(open, 0o700);
    }
  });

  test("installs with its threads, audits, and writes an SBOM that it checks by schemas it brings", () => {
    const many = ["first", "second", "third", "fourth"].map((name) =>
      wheelOf({ name, files: { [`${name}/data.bin`]: Buffer.alloc(1 << 20, name) } }),
    );
    succeeds("install", "--offline", "--venv", "env", wheel, ...many);
    assert.match(succeeds("audit", "--venv", "env"), /5 distributions/);
    const sbom = JSON.parse(succeeds("ext", "sbom", "--venv", "env", "--validate"));
    assert.equal(sbom.components.length, 5);
  });

  test("loads nothing of what lies in the node_modules of the folder that it is called in", () => {
    for (const name of ["xmlbuilder2", "supports-color", "pg-native", "kerberos"]) {
      mkdirSync(at(`node_modules/${name}`), { recursive: true });
      const code = `require("node:fs").writeFileSync(${JSON.stringify(at("marker"))}, "")`;
      writeFileSync(at(`node_modules/${name}/index.js`), code);
    }
    succeeds("ext", "sbom", wheel);
    assert.ok(!existsSync(at("marker")));
    rmSync(at("node_modules"), { recursive: true });
  });

  test("asks inspectors in Python and in TypeScript, and runs an extension", () => {
    const deny = inspectorDistribution(
      "deny",
      'def plugin_type(): return "dist-inspector"\ndef pre_extract(dist):\n    if "evil" in dist.name: raise ValueError("evil")\n',
    );
    succeeds("install", "--offline", "--venv", "tools", wheelOf(deny));
    writeFileSync(
      at("small.ts"),
      'import { statSync } from "node:fs";\nexport const plugin_type = (): string => "dist-inspector";\nexport function pre_extract(path: string): void {\n  if (statSync(path).size > 100_000) throw Object.assign(new Error("too large"), { name: "InspectionRefused" });\n}\n',
    );
    writeFileSync(
      at("hello.ts"),
      'export function main(args: string[]): number {\n  console.log(args.join("|"), process.argv.length);\n  return 5;\n}\n',
    );
    const modules =
      '[[inspector]]\nname = "small"\nmodule = "./small.ts"\n[[extension]]\nname = "hello"\nmodule = "./hello.ts"\n';
    writeFileSync(at("tspip.toml"), enabling(["deny"]) + modules);
    const refusal = (description: WheelDescription) => tspip("verify", "--offline", wheelOf(description)).stdout;
    assert.match(refusal({ name: "evil" }), /inspector "deny" refuses .*evil/);
    assert.match(
      refusal({
        name: "giant",
        files: {
          "giant.bin": crypto.getRandomValues(new Uint8Array(1 << 16)),
          "more.bin": crypto.getRandomValues(new Uint8Array(1 << 16)),
        },
      }),
      /inspector "small" refuses .*too large/,
    );
    succeeds("verify", "--offline", wheelOf({ name: "good" }));
    const { status, stdout, stderr } = tspip("ext", "hello", "--", "a b", "");
    assert.deepEqual([status, stdout, stderr], [5, "--|a b| 5\n", ""]);
  });
});
