import type { DirectUrl } from "../../environment/installed.ts";
import { admit } from "../../inspect/admit.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import type { InstallItem } from "../../install/install-item.ts";
import type { PolicyInForce } from "../settings/policy-in-force.ts";
import type { GateSession } from "./gate-session.ts";
import { makeReceipt } from "./make-receipt.ts";

/** What there is to install of a judged artifact: one item when it is allowed, else none. */
export function installItem(
  { artifact, verdict }: Judged,
  { unpacked }: Pick<GateSession, "unpacked">,
  requested: boolean,
  policy: PolicyInForce,
): InstallItem[] {
  if (artifact === undefined || verdict.decision !== "allow") return [];
  const admitted = admit(artifact, verdict);
  const directUrl = directUrlOf(admitted);
  const receipt = makeReceipt(admitted, policy);
  return [{ artifact: admitted, unpacked: unpacked(artifact), requested, receipt, ...(directUrl && { directUrl }) }];
}

/** PEP 610: for what the user named by path or URL, never for what an index offered. */
function directUrlOf({ ref, digests }: Judged["artifact"] & object): DirectUrl | undefined {
  if (ref.source.kind !== "direct") return undefined;
  return { url: ref.url.href, archive_info: { hashes: { sha256: digests.sha256 } } };
}
