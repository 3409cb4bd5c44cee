/**
 * An inability: something tspip could not read, reach or understand. A refusal is not an error but a `Verdict`.
 *
 * `code` is stable and machine-readable, `hint` says what the user can do about it. Each family below stands for one
 * thing that somebody does about the error; `cli/exit-code.ts` maps the families to exit codes.
 */
export class TspipError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
  }
}

/** The request is wrong: arguments, requirements, lock file, configuration. */
export class UsageError extends TspipError {}

/** The policy file is wrong. `message` lists every mistake of the file with its line and column. */
export class PolicyFileError extends TspipError {}

/** The package index could not be reached, or its answer could not be understood. */
export class IndexError extends TspipError {}

/** Bytes that are not what they should be: no wheel, an ambiguous archive, metadata that cannot be read. */
export class ArtifactError extends TspipError {}

/** An attestation or provenance document that does not verify or cannot be read. */
export class AttestationError extends TspipError {}

/** A document of signatures by keys that cannot be read, or is about another file. */
export class SignatureError extends TspipError {}

/** Trust material (trusted root, keyring) that could not be had or read. */
export class TrustError extends TspipError {}

/** The Python environment or the disk could not be read or written. */
export class EnvironmentError extends TspipError {}

/** The message of anything that was thrown; what the system has against a file, in words for people. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = "", path, dest } = error as NodeJS.ErrnoException & { readonly dest?: string };
  // Node.js says it in this way of files alone; and which of two files is meant, it does not say.
  if (!error.message.startsWith(`${code}: `) || dest !== undefined) return error.message;
  return inWords[code]?.(path === undefined ? "it" : `"${path}"`) ?? error.message;
}

const inWords: Readonly<Record<string, (file: string) => string>> = {
  EACCES: (file) => `there is no permission for ${file}`,
  EEXIST: (file) => `${file} is there already`,
  EISDIR: (file) => `${file} is a folder`,
  ENOENT: (file) => `${file} is not there`,
  ENOSPC: () => "the disk is full",
  ENOTDIR: (file) => `${file} is no folder, or leads through a file`,
  EPERM: (file) => `there is no permission for ${file}`,
  EROFS: (file) => `${file} is on a file system that cannot be written to`,
};

const longest = 200;

/** Text from outside as a message quotes it: what it goes on with helps nobody. */
export function quotation(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest).toWellFormed()}…`;
}
