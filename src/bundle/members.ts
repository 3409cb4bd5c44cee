/** Where things lie in a bundle. Names are chosen so that an unpacked bundle can be used by hand. */
export const memberNames = {
  manifest: "manifest.json",
  signature: "manifest.jws",
  lock: "pylock.toml",
  trustedRoot: "trusted_root.json",
  keyring: "keyring/keyring.json",
} as const;

/** Folders. `evidence` is one that `--attestations` reads. */
export const memberFolders = {
  artifacts: "artifacts/",
  evidence: "evidence/",
  keyring: "keyring/",
  policy: "policy/",
  summaries: "summaries/",
} as const;

/** Size in bytes and SHA-256 in lower-case hex, by the name of the member. */
export type MemberDigests = ReadonlyMap<string, MemberDigest>;

export interface MemberDigest {
  readonly size: number;
  readonly sha256: string;
}
