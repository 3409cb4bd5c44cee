import { startThread, type Thread, threadScript } from "../threads/pool.ts";
import { shareWork } from "../threads/shared-work.ts";
import type { AttestationEvidence } from "../verdict/evidence.ts";
import type { SecondOpinion } from "./second-opinion.ts";
import { type FoundDocuments, loadTrust, type Trust, verifyDocuments } from "./verify-document.ts";

/**
 * Verifies attestations under trust that was loaded once. Where it is done makes no difference to what is seen: what is
 * found for a file goes in as bytes, and evidence comes out as plain data. Disposing ends threads.
 */
export interface Verifier extends AsyncDisposable {
  verify(found: FoundDocuments): Promise<readonly AttestationEvidence[]>;
}

/** Verifies in this thread; `secondOpinion` has to agree, when it is given. */
export function verifierHere(trust: Trust, secondOpinion?: SecondOpinion): Verifier {
  const context = { ...loadTrust(trust), secondOpinion };
  return { verify: async (found) => verifyDocuments(found, context), async [Symbol.asyncDispose]() {} };
}

/** What verification-thread.ts is told. */
export type VerificationTask = Trust | FoundDocuments;

/** Young objects are few and die soon; left to itself, the thread would let nearly 50 MB of them come together first. */
const limits = { maxYoungGenerationSizeMb: 6 };

/** Verifies in a thread of its own and in this one, whichever has time. */
export function verifierBeside(trust: Trust): Verifier {
  const context = loadTrust(trust);
  const script = threadScript("./verification-thread", import.meta.url);
  const thread: Thread<VerificationTask, readonly AttestationEvidence[]> = startThread(script, limits);
  // A thread that cannot load it fails at every task, and then all is verified here.
  thread.run(trust).catch(() => {});
  const { run: verify } = shareWork(thread, (found: FoundDocuments) => verifyDocuments(found, context));
  return { verify, [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose]() };
}
