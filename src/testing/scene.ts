import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Host } from "../cli/host.ts";
import { type FakeIndex, type OfferedFile, startFakeIndex } from "./fake-index.ts";
import { type MadeWheel, makeWheel, type WheelDescription } from "./make-wheel.ts";
import { findPython } from "./python.ts";
import { createSigningAuthority } from "./signing-authority.ts";
import { temporaryFolder } from "./tree.ts";
import type { TestPublisher } from "./trusted-publishers.ts";
import { type Answer, typeCommand } from "./type-command.ts";

/** A user's folder, an index on loopback, and a Sigstore instance that the user trusts: what a command is tried in. */
export interface Scene extends AsyncDisposable {
  readonly folder: string;
  readonly index: FakeIndex;
  /** Makes a wheel and offers it, with its METADATA beside it. */
  offer(wheel: WheelDescription, more?: Partial<OfferedFile>): MadeWheel;
  write(name: string, content: string | Uint8Array): void;
  /** Runs one command line, with an empty home, the scene's index and its trusted root. */
  tspip(...argv: string[]): Promise<Answer>;
  /** A command that asks no index: uninstall, audit, cache. */
  tspipAlone(...argv: string[]): Promise<Answer>;
  /** The same on a host that differs: a terminal to type at, another time. */
  tspipOn(more: Partial<Host>, ...argv: string[]): Promise<Answer>;
  /** The same as `tspip` with further variables. */
  tspipWith(env: Host["env"], ...argv: string[]): Promise<Answer>;
  /** `NAME==VERSION` of what the environment `env` holds. */
  installed(): string[];
}

export async function setScene(): Promise<Scene> {
  const folder = temporaryFolder();
  const index = await startFakeIndex();
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), content);
  };
  const tspip = (env: Host["env"], [command = "", ...argv]: readonly string[]) =>
    typeCommand(folder.path, [command, "-i", index.url, "--retries", "0", "--trusted-root", "root.json", ...argv], {
      env,
    });
  write("root.json", authority.trustedRootJson);
  return {
    folder: folder.path,
    index,
    write,
    offer(description, more) {
      const metadata = ["Metadata-Version: 2.1", `Name: ${description.name}`, `Version: ${description.version}`];
      const coreMetadata = [...metadata, ...(description.metadata ?? []), ""].join("\n");
      const wheel = makeWheel(description);
      index.add({ ...wheel, coreMetadata, ...more });
      return wheel;
    },
    tspip: (...argv) => tspip({}, argv),
    tspipAlone: (...argv) => typeCommand(folder.path, argv),
    tspipOn: (more, ...argv) => typeCommand(folder.path, argv, more),
    tspipWith: (env, ...argv) => tspip(env, argv),
    installed() {
      const [lib = ""] = readdirSync(join(folder.path, "env/lib"));
      return readdirSync(join(folder.path, "env/lib", lib, "site-packages"))
        .flatMap((name) => /^(.+)-(.+)\.dist-info$/.exec(name)?.slice(1).join("==") ?? [])
        .sort();
    },
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** The Sigstore instance that every scene trusts. */
export const authority = createSigningAuthority();

/** A policy that asks for an attestation by the workflow of `acme/alice`. */
export const requireAlice = `version = 1
[signers.alice]
kind = "github"
repository = "acme/alice"
workflow = "release.yml"
[default]
attestation = "require"
publish = { signer = "alice" }
`;

/** A provenance object with one publish attestation that verifies in every scene. */
export function provenanceOf({ filename, sha256 }: MadeWheel, publisher: TestPublisher): string {
  const attestation = authority.attest({ filename, sha256, publisher });
  return JSON.stringify(authority.provenance([{ publisher, attestations: [attestation] }]));
}

/** The interpreter itself; nothing where there is none. */
export const python: string | undefined = (process.env.TSPIP_TEST_PYTHON ?? findPython()) || undefined;

/** Options of a test that needs Python and an engine that chooses versions. */
export function skipWithout(engine: "uv" | "pip"): { skip?: string } {
  if (python === undefined) return { skip: "there is no python3 on PATH" };
  const has =
    engine === "uv"
      ? succeeds("uv", "--version")
      : succeeds(python, "-Ic", "import importlib.util as u; assert u.find_spec('pip')");
  return has ? {} : { skip: `there is no ${engine}` };
}

function succeeds(program: string, ...argv: string[]): boolean {
  return spawnSync(program, argv, { stdio: "ignore" }).status === 0;
}
