import { compareText } from "../../encoding/compare-text.ts";
import { type Judged, subjectOf } from "../../inspect/gate-request.ts";
import { predicateTypes } from "../../policy/condition.ts";
import type { Policy } from "../../policy/policy.ts";
import { dayOf } from "../../policy/shortfall.ts";
import { type SeenArtifact, tightenings } from "../../policy/tighten.ts";
import { countingAttestations } from "../../policy/unmet-attestation.ts";
import { signerFields } from "../../trust/signer-fields.ts";
import type { JudgedRequest } from "../gate/run-gate.ts";
import { signerWords } from "../render/words.ts";
import type { ReportedCoverage } from "./report.ts";

/** `--report-coverage`: how much of what was judged is attested, by whom, and what rules will refuse that only warn yet. */
export function coverageOf(
  { judged, planned }: Pick<JudgedRequest, "judged" | "planned">,
  policy: Policy,
  now: Date,
): ReportedCoverage {
  const files = judged.map((one) => ({ judged: one, state: stateOf(one) }));
  const count = (state: State) => files.filter((file) => file.state === state).length;
  const projects = [...Map.groupBy(files, ({ judged }) => judged.ref.filename.name).values()];
  const seen = judged.map((one, at) => seenArtifact(one, planned[at]));
  return {
    artifacts: {
      total: files.length,
      attested: count("attested"),
      unattested: count("unattested"),
      unknown: count("unknown"),
    },
    projects: {
      total: projects.length,
      attested: projects.filter((some) => some.every(({ state }) => state === "attested")).length,
    },
    signers: signersOf(judged),
    unattested: files.flatMap(({ judged, state }) =>
      state === "attested" ? [] : [{ filename: judged.ref.filename.text, state }],
    ),
    upcoming: tightenings(policy, seen, now).map(({ rule, from, refused }) => ({
      rule,
      ...(from && { from: dayOf(from) }),
      artifacts: refused.map(({ artifact, verdict }) => ({
        filename: artifact.subject.filename,
        decision: verdict.decision,
        findings: verdict.findings.filter(({ severity }) => severity === "error"),
      })),
    })),
  };
}

type State = "attested" | "unattested" | "unknown";

/** An attestation that does not verify attests nothing; where one could not be had, there may be one. */
function stateOf({ verdict }: Judged): State {
  if (countingAttestations(verdict).length > 0) return "attested";
  const seen = verdict.evidence.filter(({ kind }) => kind === "attestation");
  return seen.length === 0 || seen.some(({ outcome }) => outcome === "unavailable") ? "unknown" : "unattested";
}

/** Whoever attested most comes first. */
function signersOf(judged: readonly Judged[]): ReportedCoverage["signers"] {
  const each = judged.flatMap(({ verdict }) => {
    const made = countingAttestations(verdict).map(({ predicateType, signer }) => {
      const predicate = predicateType === predicateTypes.slsa ? ("slsa" as const) : ("publish" as const);
      return { signer: signerWords(signerFields(signer)), predicate };
    });
    return [...new Map(made.map((one) => [`${one.predicate} ${one.signer}`, one])).values()];
  });
  return [...Map.groupBy(each, ({ signer, predicate }) => `${signer} ${predicate}`)]
    .toSorted(([a, some], [b, others]) => others.length - some.length || compareText(a, b))
    .flatMap(([, some]) => some.slice(0, 1).map((one) => ({ ...one, artifacts: some.length })));
}

function seenArtifact(
  { ref, artifact, sha256, verdict }: Judged,
  planned: JudgedRequest["planned"][number] | undefined,
): SeenArtifact {
  const { requested = false, lockedIdentities } = planned ?? {};
  const request = {
    ref,
    relation: requested ? "direct" : "transitive",
    ...(lockedIdentities && { lockedIdentities }),
  } as const;
  const digest = artifact?.digests.sha256 ?? sha256;
  return {
    subject: subjectOf(request, digest),
    evidence: verdict.evidence,
    judged: sha256 === undefined ? "bytes" : "digest",
  };
}
