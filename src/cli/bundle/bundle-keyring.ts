import { readdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { recordingTransport } from "../../bundle/kept-answers.ts";
import { memberFolders, memberNames } from "../../bundle/members.ts";
import { compareText } from "../../encoding/compare-text.ts";
import { formatPin, type KeyringPin } from "../../keyring/pin.ts";
import type { Transport } from "../../package-index/transport.ts";
import type { GateRun } from "../gate/gate-run.ts";
import { loadKeyring, namedKeyring } from "../settings/keyring-in-force.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";

/** A keyring on its way into a bundle. */
export interface BundledKeyring {
  /** The pin and what it leads to, by the names of their members. */
  readonly documents: ReadonlyMap<string, Uint8Array>;
  /** For a keyring on a server: the member of each answer, by URL; nothing where there was no such document. */
  readonly answers: ReadonlyMap<string, string | undefined>;
}

/**
 * The keyring in force, as it is shown now; nothing where none is named. It is loaded as by somebody who has seen nothing of
 * it yet, since that may be who gets the bundle.
 * @throws TrustError when it is not shown to be current
 */
export async function bundledKeyring(
  { options, policy, host }: Pick<GateRun, "options" | "policy" | "host">,
  transport: Transport,
): Promise<BundledKeyring | undefined> {
  if (options.keyring === undefined && policy.policy.trust.keyring === undefined) return undefined;
  const named = await namedKeyring(options.keyring, policy, host);
  const stateFolder = makeTemporaryFolder(host);
  try {
    const { transport: recording, answers } = recordingTransport(transport);
    await loadKeyring({ ...named, stateFolder }, recording, host);
    const documents = new Map<string, Uint8Array>();
    // In an order that no server's haste decides.
    const sorted = [...answers].sort(([a], [b]) => compareText(a, b));
    const asked = sorted.map(([url, bytes], at) => {
      const member = `${memberFolders.keyring}answer-${at + 1}`;
      if (bytes !== undefined) documents.set(member, bytes);
      return [url, bytes && member] as const;
    });
    for (const [name, bytes] of await filesOf(named.pin, named.folder))
      documents.set(memberFolders.keyring + name, bytes);
    if (named.root !== undefined) documents.set(`${memberFolders.keyring}${rootName}`, named.root);
    documents.set(memberNames.keyring, Buffer.from(`${JSON.stringify(formatPin(moved(named.pin)), undefined, 2)}\n`));
    return { documents, answers: new Map(asked) };
  } finally {
    await rm(stateFolder, { recursive: true, force: true });
  }
}

const rootName = "1.root.json";

/** The pin as it stands in the folder of the bundle. Who it trusts stays: where that is found is no part of it. */
function moved(pin: KeyringPin): KeyringPin {
  if (pin.form === "tuf") return { ...pin, root: rootName };
  return isRemote(pin) ? pin : { ...pin, from: "." };
}

/** What a plain keyring in a folder is made of. */
async function filesOf(pin: KeyringPin, folder: string): Promise<[string, Buffer][]> {
  if (pin.form === "tuf" || isRemote(pin)) return [];
  const path = resolve(folder, pin.from);
  const names = (await readdir(path)).filter((name) => /^(?:(?:[1-9]\d*\.)?keys|current)\.jws$/.test(name)).sort();
  return Promise.all(names.map(async (name): Promise<[string, Buffer]> => [name, await readFile(join(path, name))]));
}

function isRemote({ from }: KeyringPin & { form: "plain" }): boolean {
  return /^https?:/i.test(from);
}
