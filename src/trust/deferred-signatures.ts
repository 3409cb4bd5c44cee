import { isSignedByLater, type SignatureCheck } from "./verification-key.ts";

/** Signatures that are looked at in Node.js's own threads, while whoever asked goes on as if each of them held. */
export interface DeferredSignatures {
  /** Says yes. That is worth nothing until `allHold` has said so too. */
  readonly isSignedBy: SignatureCheck;
  /** Whether each signature that was asked for holds: if so, whoever asked went the way that it would have gone anyhow. */
  allHold(): Promise<boolean>;
}

export function deferSignatures(): DeferredSignatures {
  const asked: Parameters<SignatureCheck>[] = [];
  return {
    isSignedBy(...signature) {
      asked.push(signature);
      return true;
    },
    // All at once: a thread that has looked at one goes to sleep, and to wake it takes a good part of what it saves.
    allHold: async () => (await Promise.all(asked.map((signature) => isSignedByLater(...signature)))).every(Boolean),
  };
}
