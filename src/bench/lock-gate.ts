import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startFakeIndex } from "../testing/fake-index.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { createSigningAuthority } from "../testing/signing-authority.ts";
import type { TestPublisher } from "../testing/trusted-publishers.ts";
import type { Case } from "./harness.ts";

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
 * The lock gate with everything remembered: 100 attested packages, no connection. The peer is Node itself, reading the same
 * files and doing nothing with them.
 */
export async function lockGateCase(work: string, tspip: readonly [node: string, program: string]): Promise<Case> {
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
  const read =
    "const fs = require('fs'); for (const name of ['uv.lock', ...fs.readdirSync('cache/locked').map((name) => 'cache/locked/' + name)]) fs.readFileSync(name)";
  return {
    name: `lock gate: ${lockedPackages} packages, everything remembered / Node.js reading the same files`,
    bar: 2,
    ours: { argv: [...gate, "--offline"], cwd: folder },
    peer: { argv: [process.execPath, "-e", read], cwd: folder },
    twin: { argv: [...gate, "--offline", "--policy", "bob.toml"], cwd: folder },
  };
}

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
