import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../cli/report/report.ts";
import { makeWheel } from "./make-wheel.ts";
import { type Scene, setScene } from "./scene.ts";
import { serveFolder } from "./serve-folder.ts";
import type { Answer } from "./type-command.ts";

/** Types a command that has to end well. @returns what it says on stdout */
export type Type = (...argv: string[]) => Promise<string>;

export function endingWell(tspip: (...argv: string[]) => Promise<Answer>): Type {
  return async (...argv) => {
    const { exitCode, stdout, stderr } = await tspip(...argv);
    assert.equal(exitCode, 0, `${argv.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  };
}

/** `NAME.pem` and `NAME.pem.pub` for each of the names. */
export async function newKeys(type: Type, names: readonly string[], algorithm = "ed25519"): Promise<void> {
  for (const name of names) await type("key", "new", `${name}.pem`, "--no-passphrase", "--algorithm", algorithm);
}

export interface KeyringDescription {
  /** Names of keys, all of which sign at the beginning. */
  readonly roots: readonly string[];
  /** Names in the keyring, and of their keys. */
  readonly members: Readonly<Record<string, string>>;
  readonly project: string;
  /** More options of `keyring init`. */
  readonly begin: readonly string[];
}

/** A keyring in folder `k`, of keys that are there, with `daily` as its fresh key; it is in force. */
export async function makeKeyring(type: Type, { roots, members, project, begin }: KeyringDescription): Promise<void> {
  const rootKeys = roots.flatMap((name) => ["--root", `${name}.pem.pub`]);
  await type("keyring", "init", "k", "--fresh", "daily.pem.pub", ...rootKeys, ...begin);
  for (const [name, key] of Object.entries(members))
    await type("keyring", "add", "k", name, "--key", `${key}.pem.pub`, "--project", project);
  await putInForce(type, ...roots);
}

/** What was changed in the keyring counts from now on. */
export async function putInForce(type: Type, ...roots: string[]): Promise<void> {
  await signedBy(type, roots);
  await type("keyring", "refresh", "k", "--key", "daily.pem");
}

async function signedBy(type: Type, roots: readonly string[]): Promise<void> {
  for (const root of roots) await type("keyring", "sign", "k", "--key", `${root}.pem`);
}

/** The forms that a keyring can have. */
export const forms = ["plain", "tuf"] as const;

const policy = `version = 1
[trust]
keyring = { file = "pin/keyring.json" }
[signers.alice]
kind = "key"
key = "alice"
[signers.bob]
kind = "key"
key = "bob"
[default]
attestation = "ignore"
signatures = { signer = "alice" }
[[rule]]
match = { version = ">=2" }
vouch = { any = ["alice", "bob"], threshold = 2 }
`;

/**
 * A keyring that 2 of 3 roots decide about, served by the index's server, with alice and bob for the project demo; a
 * wheel of that project; and a user with the policy above and a pin from the beginning.
 */
export async function setKeyringScene(form: (typeof forms)[number]) {
  const scene = await setScene();
  try {
    return await populate(scene, form);
  } catch (error) {
    await scene[Symbol.asyncDispose]();
    throw error;
  }
}

async function populate(scene: Scene, form: (typeof forms)[number]) {
  let now = new Date();
  const at = (name: string) => join(scene.folder, name);
  const tspip = (...argv: string[]) => scene.tspipOn({ now: () => now }, ...argv);
  const type = endingWell(tspip);
  /** What the server has from now on. */
  const serve = (folder: string) => {
    rmSync(at("served"), { recursive: true, force: true });
    cpSync(at(folder), at("served"), { recursive: true });
  };
  /** Puts a change into force, and copies the keyring to the server, as a deployment would. */
  const publish = async (...roots: string[]) => {
    await putInForce(type, ...roots);
    serve("k");
  };

  scene.index.fault = serveFolder(at("served"), "/keyring/");
  await newKeys(type, ["root1", "root3", "daily", "alice"]);
  await newKeys(type, ["root2", "bob"], "p256");
  const url = `${scene.index.origin}/keyring/`;
  const begin = ["--form", form, "--name", "example.org/wheels", "--threshold", "2", "--url", url];
  const third = ["--root", "root3.pem.pub"];
  const members = { alice: "alice", bob: "bob" };
  await makeKeyring(type, { roots: ["root1", "root2"], members, project: "demo", begin: [...begin, ...third] });
  serve("k");

  scene.write("pin/keyring.json", readFileSync(at("k/keyring.json")));
  if (form === "tuf") scene.write("pin/1.root.json", readFileSync(at("k/1.root.json")));
  const wheel = makeWheel({ name: "demo" });
  scene.write(wheel.filename, wheel.bytes);
  scene.write("policy.toml", policy);
  return Object.assign(scene, {
    form,
    wheel,
    type,
    signedBy: (...roots: string[]) => signedBy(type, roots),
    publish,
    serve,
    /** Keeps what the server has. */
    keep: (folder: string) => cpSync(at("served"), at(folder), { recursive: true }),
    newKey: (name: string) => newKeys(type, [name]),
    /** As a policy writes it out. */
    async keyId(key: string): Promise<string> {
      const shown = await type("key", "show", `${key}.pem`);
      return /^Key: (\S+)$/m.exec(shown)?.[1] ?? assert.fail(shown);
    },
    /** @param file the wheel, when it is left out */
    sign: (key: string, file = wheel.filename) => type("sign", file, "--key", `${key}.pem`),
    /** Types a command that is wrong to type. @returns what it says on stderr */
    async mistyped(...argv: string[]): Promise<string> {
      const { exitCode, stderr } = await tspip(...argv);
      assert.equal(exitCode, 2, argv.join(" "));
      return stderr;
    },
    /** @param words what is verified, and how; the wheel, when they are left out */
    async verify(...words: string[]) {
      const given = words.length === 0 ? [`./${wheel.filename}`] : words;
      const asked = ["verify", "--no-index", "--retries", "0", "--format", "json", "--policy", "policy.toml", ...given];
      const { exitCode, stdout, stderr } = await tspip(...asked);
      const report: Report = JSON.parse(stdout || assert.fail(stderr));
      const findings = report.artifacts.flatMap((artifact) => artifact.findings);
      return { exitCode, ids: findings.map(({ id }) => id), text: JSON.stringify(report) };
    },
    pass(milliseconds: number) {
      now = new Date(now.getTime() + milliseconds);
    },
  });
}
