import { digestOf } from "../../distribution/digest.ts";
import { parsePolicy } from "../../policy/parse.ts";
import type { GateRun } from "../gate/gate-run.ts";

/** What a publisher's files have to meet where no policy is named: source distributions are for nobody to build here. */
const publishPolicyText = `version = 1

[default]
attestation = "if-present"
hashes = "any"
sdist = "allow"
`;

/** The policy that is named, else the built-in one for publishers. `evenIfNamed`: the latter, before there are attestations. */
export function withPublishPolicy(run: GateRun, { evenIfNamed = false } = {}): GateRun {
  if (run.policy.path !== undefined && !evenIfNamed) return run;
  const source = "built-in publish";
  const policy = { policy: parsePolicy(publishPolicyText, source), source, text: publishPolicyText };
  return { ...run, policy: { ...policy, sha256: digestOf(Buffer.from(publishPolicyText)) } };
}
