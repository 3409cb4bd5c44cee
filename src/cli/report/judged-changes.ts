import type { Judged } from "../../inspect/gate-request.ts";
import type { Policy } from "../../policy/policy.ts";
import { type Finding, finding } from "../../verdict/finding.ts";
import { counted } from "../render/words.ts";
import { attestationsOf } from "./lock-diff.ts";
import type { ReportedChange } from "./report.ts";

/** What it says against a release that its lock file changed. */

/** The verdicts of the new lock with what the change says against them. */
export function withChanges(
  after: readonly Judged[],
  before: readonly Judged[],
  changes: readonly ReportedChange[],
  policy: Policy,
): Judged[] {
  const changeOf = new Map(changes.map((change) => [change.name, change]));
  const oldOf = new Map<string, Judged>(before.map((one) => [one.ref.filename.name, one]));
  return after.map((judged) => {
    const { name } = judged.ref.filename;
    const change = changeOf.get(name);
    if (change === undefined) return judged;
    const isNamed = isNamedByPolicy(judged, policy);
    const findings = changeFindings(change, isNamed);
    const isRefused = findings.some(({ severity }) => severity === "error");
    if (findings.length > 0) return withFindings(judged, findings, isRefused ? "deny" : judged.verdict.decision);
    return isNamed && isSigned(change) ? judged : withOpenQuestion(judged, oldOf.get(name), change);
  });
}

/** What a change says against projects that the interpreter at hand has no use for; others may install them. */
export function findingsElsewhere(judged: readonly Judged[], changes: readonly ReportedChange[]): Finding[] {
  const here = new Set<string>(judged.map(({ ref }) => ref.filename.name));
  return changes.filter(({ name }) => !here.has(name)).flatMap((change) => changeFindings(change, false));
}

function isSigned({ after }: ReportedChange): boolean {
  return (after?.signers ?? []).length > 0;
}

/** Where it is not known who signed, before or now, nobody can tell that no signer was lost. */
function withOpenQuestion(judged: Judged, old: Judged | undefined, change: ReportedChange): Judged {
  const { before, after } = change;
  if (before === undefined || judged.verdict.decision === "deny") return judged;
  const unknown = [
    ...(before.signers === undefined ? [whyUnknown(old, `"${change.name}" ${before.versions.join(", ")}`)] : []),
    ...(after?.signers === undefined ? [whyUnknown(judged, `"${judged.ref.filename.text}"`)] : []),
  ];
  const findings = unknown.flat().map((message) => finding("evidence-unavailable", message));
  return findings.length === 0 ? judged : withFindings(judged, findings, "undecided");
}

function whyUnknown(judged: Judged | undefined, release: string): string[] {
  if (judged === undefined) return [`who signed ${release} is not known: no file of it could be looked at`];
  const file = `"${judged.ref.filename.text}"`;
  const seen = attestationsOf(judged);
  const silent = seen.flatMap((one) =>
    one.outcome === "unavailable" ? [`who signed ${file} could not be had from ${one.source}: ${one.reason}`] : [],
  );
  if (silent.length > 0) return silent;
  const reason = seen.length > 0 ? "its attestation does not verify" : judged.verdict.findings[0]?.message;
  return [`who signed ${file} is not known: ${reason ?? "nobody was asked"}`];
}

function withFindings(judged: Judged, findings: readonly Finding[], decision: Judged["verdict"]["decision"]): Judged {
  const { verdict } = judged;
  return { ...judged, verdict: { ...verdict, decision, findings: [...findings, ...verdict.findings] } };
}

/** Whoever writes the signer of a project into the policy has looked at the change. */
function isNamedByPolicy({ verdict }: Judged, { rules }: Policy): boolean {
  const rule = rules.find(({ name }) => name === verdict.rule);
  const isBinding = verdict.decision === "allow" && rule?.mode === "enforce";
  return isBinding && (rule.publish ?? rule.slsa) !== undefined;
}

function changeFindings(
  { name, before, after, signers, changed_digests = [] }: ReportedChange,
  isNamed: boolean,
): Finding[] {
  const [was, is] = [listed(before?.signers), listed(after?.signers)];
  const from = `"${name}" ${before?.versions.join(", ")}`;
  const to = after?.versions.join(", ");
  const found: Finding[] = [];
  if (changed_digests.length > 0) {
    const files = changed_digests.map((file) => `"${file}"`).join(", ");
    found.push(
      finding(
        "locked-digest-changed",
        `${counted(changed_digests.length, "file")} of the same name got another digest: ${files}`,
      ),
    );
  }
  if (signers === "lost") found.push(finding("signer-lost", `${from} is signed by ${was}, nobody signed ${to}`));
  if (signers === "changed")
    found.push(finding("signer-changed", `${from} is signed by ${was}, ${to} by ${is}`, isNamed ? "note" : "error"));
  return found;
}

function listed(signers: readonly string[] = []): string {
  return signers.join(" and ");
}

/** Asks for signers and refuses nothing: what is wrong with the old lock is past. */
export function onlySigners({ expires: _, ...policy }: Policy): Policy {
  const status = { yanked: "allow", archived: "allow", deprecated: "allow" } as const;
  return {
    ...policy,
    floor: { deny: [], status },
    rules: [],
    default: { ...policy.default, mode: "off" },
    exceptions: [],
  };
}
