import { resolve } from "node:path";
import { normalizeProjectName } from "../../distribution/project-name.ts";
import { currencyOf } from "../../keyring/keyring.ts";
import type { KeyId } from "../../trust/key-id.ts";
import { openTransport } from "../gate/index-client.ts";
import type { Host } from "../host.ts";
import { keyringAt, loadKeyring } from "../settings/keyring-in-force.ts";
import { publicKeyId } from "../signing/key-file.ts";

/**
 * The keys of those who may make bundles: each word is a public key (its id, or a file with it), or a keyring (`NAME.json`),
 * of which those members count that are current and may sign for every project.
 * @throws UsageError, TrustError
 */
export async function bundleKeys(words: readonly string[], host: Host): Promise<KeyId[]> {
  const keys = await Promise.all(
    words.map((word) => (word.endsWith(".json") ? keysOf(word, host) : publicKeyId(word, host))),
  );
  return keys.flat();
}

async function keysOf(file: string, host: Host): Promise<KeyId[]> {
  await using transport = await openTransport({ offline: true }, host);
  const keyring = await loadKeyring(await keyringAt(resolve(host.cwd, file), host), transport, host);
  const anyProject = normalizeProjectName("any");
  // Whoever signs for some projects has no say in what else is installed.
  return keyring.members
    .filter(({ projects }) => projects.includes("*"))
    .flatMap(({ id }) => (currencyOf(keyring, id, anyProject, host.now()).state === "current" ? [id] : []));
}
