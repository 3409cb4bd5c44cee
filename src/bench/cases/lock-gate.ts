import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { startFakeIndex } from "../../testing/fake-index.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { createSigningAuthority } from "../../testing/signing-authority.ts";
import type { TestPublisher } from "../../testing/trusted-publishers.ts";
import { tspip } from "../clone.ts";
import type { Case } from "../harness.ts";

const lockedPackages = 100;
/** As many files as much-used projects have for one release. */
const filesPerPackage = 13;
const alice: TestPublisher = { kind: "github", repository: "acme/alice", workflow: "release.yml", ref: "refs/tags/v1" };

/** What nothing in the lock file meets. */
const signedByBob = `version = 1
[signers.bob]
kind = "github"
repository = "acme/bob"
workflow = "release.yml"
[default]
attestation = "require"
publish = { signer = "bob" }
`;

/**
 * The lock gate with everything remembered: 100 attested packages, no connection. The peer is Node itself: once it reads the
 * lock file as TOML and what is remembered as JSON, and judges nothing; once it takes the same files as mere bytes.
 */
export async function lockGateCases(work: string): Promise<Case[]> {
  const folder = join(work, "lock-gate");
  mkdirSync(folder);
  await using index = await startFakeIndex();
  const authority = createSigningAuthority();
  const wheels = Array.from({ length: lockedPackages }, (_, at) => makeWheel({ name: `locked${at}` }));
  const packages = wheels.map((wheel) => {
    const attestation = authority.attest({ ...wheel, publisher: alice });
    const provenance = authority.provenance([{ publisher: alice, attestations: [attestation] }]);
    index.add({ ...wheel, provenance: JSON.stringify(provenance) });
    return lockedPackage(wheel.filename, wheel.sha256, index);
  });
  const edges = wheels.map(({ filename }) => `{ name = "${filename.split("-")[0]}" }`).join(", ");
  const own = `[[package]]\nname = "own"\nversion = "1"\nsource = { virtual = "." }\ndependencies = [${edges}]\n`;
  writeFileSync(join(folder, "uv.lock"), `version = 1\n${packages.join("")}${own}`);
  writeFileSync(join(folder, "root.json"), authority.trustedRootJson);
  writeFileSync(join(folder, "bob.toml"), signedByBob);

  // A shim is asked anew each time; what it stands for is not.
  const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
  const places = ["--cache-dir", "cache", "--python", python, "-i", index.url];
  const gate = [...tspip, "verify", "--lock", "uv.lock", "--trusted-root", "root.json", "-q", ...places] as const;
  await run(gate, folder);
  const peer = (script: string) => ({ argv: [process.execPath, "-e", script] as const, cwd: folder });
  const shared = {
    ours: { argv: [...gate, "--offline"] as const, cwd: folder },
    twin: { argv: [...gate, "--offline", "--policy", "bob.toml"] as const, cwd: folder },
  };
  const name = `lock gate: ${lockedPackages} packages, everything remembered`;
  return [
    { name: `${name} / Node.js parsing the same TOML and JSON`, bar: 2, peer: peer(parse), ...shared },
    { name: `${name} / Node.js reading the same bytes`, peer: peer(readBytes), ...shared },
  ];
}

/** The files that the gate reads: the lock, and what it needs of the cache in one file (memory/packed-store.ts). */
const readBytes = `
const { readFileSync, readdirSync } = require("node:fs");
const texts = readdirSync("cache/locked").filter((name) => name.endsWith(".pack")).map((name) => readFileSync("cache/locked/" + name, "utf8"));
if (texts.length !== 1) throw new Error("There is not one file to read");
const lock = readFileSync("uv.lock", "utf8");
`;

/** By the library that tspip reads TOML with. Behind each tab is the JSON of what is remembered. */
const parse = `${readBytes}
const { parse } = require(${JSON.stringify(createRequire(import.meta.url).resolve("smol-toml"))});
if (parse(lock).package.length !== ${lockedPackages + 1}) throw new Error("That is another lock file");
const lines = texts[0].split("\\n").slice(1, -1);
if (lines.length < ${2 * lockedPackages}) throw new Error("That is not what is remembered");
for (const line of lines) JSON.parse(line.slice(line.indexOf("\\t") + 1));
`;

function lockedPackage(filename: string, sha256: string, { url, origin }: { url: string; origin: string }): string {
  const [name] = filename.split("-");
  const names = [
    filename,
    ...Array.from({ length: filesPerPackage - 1 }, (_, at) => `${name}-1.0-cp3${at}-cp3${at}-win_amd64.whl`),
  ];
  const wheels = names.map(
    (file) =>
      `    { url = "${origin}/files/${file}", hash = "sha256:${sha256}", size = 900, upload-time = "2026-01-01T00:00:00Z" },\n`,
  );
  return `[[package]]\nname = "${name}"\nversion = "1.0"\nsource = { registry = "${url}" }\nwheels = [\n${wheels.join("")}]\n`;
}

/** Not in turn with others: the index of this process has to answer. */
function run([program = "", ...argv]: readonly string[], cwd: string): Promise<void> {
  const child = spawn(program, argv, { cwd, stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`tspip verify ends with ${code}`))));
  });
}
