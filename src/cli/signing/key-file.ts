import { lstat, stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { UsageError } from "../../errors.ts";
import { isEncryptedKey, keySigner, parsePrivateKey } from "../../signature/private-key.ts";
import type { Signer } from "../../signature/sign.ts";
import { type KeyId, keyIdOf, keyIdOfPem, keyOfId } from "../../trust/key-id.ts";
import { cannotWrite } from "../cannot-write.ts";
import type { Host } from "../host.ts";
import { readText } from "../read-text.ts";
import type { Talk } from "../terminal.ts";

/** How the user gives a passphrase; without any, it is asked for. */
export interface PassphraseOptions {
  readonly passphraseFile?: string | undefined;
}

/**
 * The signer whose private key is in a file. The one kind of signer there is: another (a token, a service) would be
 * another function that returns a `Signer`.
 * @throws UsageError
 */
export async function fileSigner(file: string, options: PassphraseOptions, talk: Talk, host: Host): Promise<Signer> {
  const path = resolve(host.cwd, file);
  const pem = await readText(path, `the private key "${file}"`, host);
  if (host.platform !== "win32" && ((await stat(path)).mode & 0o077) !== 0)
    talk.warn(`Others on this machine can read the private key "${file}": chmod 600 takes that away`);
  const passphrase = isEncryptedKey(pem) ? await givenPassphrase(options, `Passphrase of ${file}: `, host) : undefined;
  return keySigner(parsePrivateKey(pem, passphrase, file));
}

/** `--passphrase-file`, else `TSPIP_PASSPHRASE`, else whoever sits at the terminal. @throws UsageError */
export async function givenPassphrase(
  { passphraseFile }: PassphraseOptions,
  prompt: string,
  host: Host,
): Promise<string> {
  if (passphraseFile !== undefined) {
    const text = await readText(resolve(host.cwd, passphraseFile), `the passphrase "${passphraseFile}"`, host);
    return text.replace(/\r?\n$/, "");
  }
  const given = host.env.TSPIP_PASSPHRASE;
  if (given !== undefined) return given;
  if (host.askSecret !== undefined) return host.askSecret(prompt);
  throw new UsageError(
    "passphrase-missing",
    "A passphrase protects the private key, and there is no terminal to ask for it",
    {
      hint: "Give --passphrase-file FILE, or set TSPIP_PASSPHRASE",
    },
  );
}

/** A public key: its id, or a file with its PEM or id, as `tspip key new` writes beside the private one. @throws UsageError */
export async function publicKeyId(word: string, host: Host): Promise<KeyId> {
  const named = idOf(word);
  if (named !== undefined) return named;
  const text = await readText(resolve(host.cwd, word), `the public key "${word}"`, host);
  if (text.includes("PRIVATE KEY"))
    throw new UsageError("private-key-given", `"${word}" is a private key: it stays with whoever signs`, {
      hint: `Give the public one, "${word}.pub"`,
    });
  const id = keyIdOfPem(text) ?? idOf(text.trim());
  if (id === undefined)
    throw new UsageError("invalid-key", `"${word}" holds no public key: PEM of an Ed25519 or P-256 key, or its id`);
  return id;
}

function idOf(text: string): KeyId | undefined {
  const key = keyOfId(text);
  return key && keyIdOf(key);
}

/** Before anybody is asked for a passphrase. @throws UsageError `file-exists` */
export async function checkFree(path: string, shown: string): Promise<void> {
  if ((await lstat(path).catch(() => undefined)) !== undefined) throw fileExists(shown);
}

function fileExists(shown: string): UsageError {
  return new UsageError("file-exists", `"${shown}" is there already, and a key is never overwritten`);
}

/** Writes a file that is not there yet. @throws UsageError `file-exists`; EnvironmentError */
export async function writeNewFile(path: string, shown: string, text: string, mode: number): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx", mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw fileExists(shown);
    throw cannotWrite(path, shown, error);
  }
}
