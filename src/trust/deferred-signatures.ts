import { isSignedByLater, type SignatureCheck } from "./verification-key.ts";

/** Signatures that are looked at in Node.js's own threads, while whoever asked goes on as if each of them held. */
export interface DeferredSignatures {
  /** Says yes. That is worth nothing until `allHold` has said so too. */
  readonly isSignedBy: SignatureCheck;
  /** Whether each signature that was asked for holds: if so, whoever asked went the way that it would have gone anyhow. */
  allHold(): Promise<boolean>;
}

export function deferSignatures(): DeferredSignatures {
  const answers: Promise<boolean>[] = [];
  return {
    isSignedBy(...signature) {
      answers.push(isSignedByLater(...signature));
      return true;
    },
    allHold: async () => (await Promise.all(answers)).every(Boolean),
  };
}
