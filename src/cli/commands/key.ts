import { resolve } from "node:path";
import { UsageError } from "../../errors.ts";
import {
  formatPrivateKey,
  formatPublicKey,
  generatePrivateKey,
  isEncryptedKey,
  keySigner,
  parsePrivateKey,
} from "../../signature/private-key.ts";
import { requiredKey, thumbprintOf, toJwk } from "../../signature/signing-keys.ts";
import type { KeyId } from "../../trust/key-id.ts";
import type { KeyNewOptions, KeyShowOptions } from "../command-line/keys.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { readText } from "../read-text.ts";
import { checkFree, givenPassphrase, publicKeyId, writeNewFile } from "../signing/key-file.ts";
import { printableLine } from "../terminal.ts";

/** `tspip key new`: a private key that only its owner can read, and the public one beside it. */
export async function keyNew(file: string, options: KeyNewOptions, host: Host): Promise<number> {
  const path = resolve(host.cwd, file);
  for (const name of [file, `${file}.pub`]) await checkFree(resolve(host.cwd, name), name);
  const passphrase = options.passphrase ? await newPassphrase(options, file, host) : undefined;
  const key = generatePrivateKey(options.algorithm);
  await writeNewFile(path, file, formatPrivateKey(key, passphrase), 0o600);
  await writeNewFile(`${path}.pub`, `${file}.pub`, formatPublicKey(key), 0o644);
  const { key: id } = keySigner(key);
  show(
    [`Private key: ${file}${passphrase === undefined ? " (no passphrase)" : ""}`, `Public key: ${file}.pub`],
    id,
    host,
  );
  return exitCodes.done;
}

/** Asked for twice where it is asked for: a passphrase with a slip in it is a lost key. */
async function newPassphrase(options: KeyNewOptions, file: string, host: Host): Promise<string> {
  const passphrase = await givenPassphrase(options, `Passphrase for ${file}: `, host);
  if (passphrase === "")
    throw new UsageError("passphrase-empty", "An empty passphrase protects nothing", {
      hint: "Type one, or give --no-passphrase",
    });
  const isTyped = options.passphraseFile === undefined && host.env.TSPIP_PASSPHRASE === undefined;
  if (isTyped && (await host.askSecret?.("The same again: ")) !== passphrase)
    throw new UsageError("passphrase-differs", "The two passphrases differ: no key was made");
  return passphrase;
}

/** `tspip key show`: the names by which others know a key. */
export async function keyShow(file: string, options: KeyShowOptions, host: Host): Promise<number> {
  show([], await idIn(file, options, host), host);
  return exitCodes.done;
}

async function idIn(file: string, options: KeyShowOptions, host: Host): Promise<KeyId> {
  const pem = await readText(resolve(host.cwd, file), file, host).catch(() => undefined);
  if (pem === undefined || !pem.includes("PRIVATE KEY")) return publicKeyId(file, host);
  // The public key lies beside it in clear: no passphrase is needed for that.
  const beside = await publicKeyId(`${file}.pub`, host).catch(() => undefined);
  if (isEncryptedKey(pem) && beside !== undefined) return beside;
  const passphrase = isEncryptedKey(pem) ? await givenPassphrase(options, `Passphrase of ${file}: `, host) : undefined;
  return keySigner(parsePrivateKey(pem, passphrase, file)).key;
}

function show(head: readonly string[], id: KeyId, host: Host): void {
  const jwk = toJwk(requiredKey(id));
  const lines = [
    ...head,
    `Key: ${id}`,
    `Thumbprint (RFC 7638): ${thumbprintOf(id)}`,
    `JWK: ${JSON.stringify(jwk)}`,
    "In a policy:",
    "  [signers.NAME]",
    '  kind = "key"',
    `  key = "${id}"`,
  ];
  host.stdout.write(`${lines.map(printableLine).join("\n")}\n`);
}
