import { serve } from "../threads/pool.ts";
import type { AttestationEvidence } from "../verdict/evidence.ts";
import type { VerificationTask } from "./verifier.ts";
import { loadTrust, type VerificationContext, verifyDocuments } from "./verify-document.ts";

/** What the thread of verifier.ts runs: trust comes first and once, then whatever is to be verified under it. */
let context: VerificationContext | undefined;

serve<VerificationTask, readonly AttestationEvidence[]>(async (task) => {
  if ("trustedRoot" in task) {
    context = loadTrust(task);
    return [];
  }
  if (context === undefined) throw new RangeError("There is nothing to verify under yet");
  return verifyDocuments(task, context);
});
