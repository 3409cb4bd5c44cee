import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { readAdvisories } from "../../audit/advisories.ts";
import { type AuditFinding, auditEnvironment } from "../../audit/audit.ts";
import { type Facts, gatherFacts } from "../../audit/facts.ts";
import { createLooker } from "../../audit/look.ts";
import type { Installed } from "../../environment/installed.ts";
import type { UnstartedEnvironment } from "../../environment/unstarted.ts";
import { messageOf, UsageError } from "../../errors.ts";
import type { Finding, Severity } from "../../verdict/finding.ts";
import type { OnlineAnswer } from "../audit/audit-online.ts";
import { environmentsToRead } from "../audit/environments.ts";
import type { AuditOptions } from "../command-line/environment.ts";
import { exitCodeOf } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { parseFormats, writeReport } from "../report/format.ts";
import type { Outcome, Report, ReportedArtifact } from "../report/report.ts";
import { policyFor } from "../settings/policy-in-force.ts";
import { createTalk, type Talk } from "../terminal.ts";
import { version } from "../version.ts";

/** From the least on. */
const severities = ["note", "warning", "error"] as const;

/** `tspip audit`: what is installed against what was installed. Runs nothing of the environments it looks at. */
export async function audit(options: AuditOptions, host: Host): Promise<number> {
  const destinations = parseFormats(options.format ?? []);
  const accepted = await readBaseline(options.baseline, host);
  const talk = createTalk(options, host);
  if (options.python !== undefined)
    talk.info(`Asked "${options.python}" where its packages are; it was started isolated, without any of their code`);
  const environments = await environmentsToRead(options, host);
  await using looker = createLooker(host.processors);
  if (options.chain !== undefined) {
    const all = [];
    for (const environment of environments) all.push(await factsOf(environment));
    return (await import("../audit/audit-chain.ts")).showChain(options.chain, all, options, host);
  }
  const policy = await policyFor(options, host);
  const isJudged = options.policy !== undefined;
  const artifacts: ReportedArtifact[] = [];
  const findings: Finding[] = [];
  for (const environment of environments) {
    talk.progress(`Looking at ${environment.label}`);
    const facts = await factsOf(environment);
    const named = (found: AuditFinding): AuditFinding =>
      environments.length === 1 ? found : { ...found, message: `${environment.label}: ${found.message}` };
    const answers = isJudged || options.online === true ? await ask(facts) : new Map<Installed, OnlineAnswer>();
    const online = [...answers].flatMap(([installed, answer]) =>
      onlineFindings(answer).map((found) => ({ ...found, installed })),
    );
    const fresh = [...auditEnvironment(facts), ...online]
      .map(named)
      .filter((found) => !accepted.has(baselineKey(found)));
    artifacts.push(
      ...facts.installed.map((each) => withVerdict(reported(each, fresh, options.failOn), answers.get(each))),
    );
    findings.push(...environmentFindings(fresh, facts));
  }
  talk.progress("");
  const all = [...findings, ...artifacts.flatMap((artifact) => artifact.findings)];
  const report: Report = {
    schema: "tspip-report/1",
    tool: { name: "tspip", version },
    command: "audit",
    policy: { source: policy.source, sha256: policy.sha256 },
    outcome: outcomeOf(
      artifacts,
      all.some(({ severity }) => counts(severity, options.failOn)),
    ),
    artifacts,
    findings,
  };
  await writeReport(report, destinations, options.color, host);
  return exitCodeOf(report.outcome);

  async function ask(facts: Facts): Promise<ReadonlyMap<Installed, OnlineAnswer>> {
    talk.progress("Asking the index");
    return (await import("../audit/audit-online.ts")).askIndex(facts, policy, options, talk, host);
  }

  /** Without a policy that the user names, what the verdict says is nobody's rule for what is installed already. */
  function onlineFindings({ findings: own, judged }: OnlineAnswer): Finding[] {
    if (!isJudged) return [...own];
    const known = new Set(own.map(({ id }) => id));
    return [...own, ...(judged?.verdict.findings ?? []).filter(({ id }) => !known.has(id))];
  }

  function withVerdict(artifact: ReportedArtifact, answer: OnlineAnswer | undefined): ReportedArtifact {
    if (!isJudged) return artifact;
    const verdict = answer?.judged?.verdict;
    const isOpen = verdict === undefined || verdict.decision === "undecided";
    const decision =
      artifact.decision === "deny" || verdict?.decision === "deny" ? "deny" : isOpen ? "undecided" : artifact.decision;
    return { ...artifact, decision, rule: verdict?.rule ?? artifact.rule };
  }

  async function factsOf(environment: UnstartedEnvironment): Promise<Facts> {
    const facts = await gatherFacts(environment, looker);
    if (options.osv === undefined) return { ...facts, advisories: [] };
    return { ...facts, advisories: advisoriesAbout(facts.installed, options.osv, talk, host) };
  }
}

/** @throws UsageError `no-advisories` when the folder has none: nothing found would mean nothing */
function advisoriesAbout(installed: readonly Installed[], folder: string, talk: Talk, { cwd }: Host) {
  const names = new Set(installed.map(({ name }) => name));
  try {
    const { advisories, read, unreadable } = readAdvisories(resolve(cwd, folder), names);
    if (read === 0) throw new Error("there is no advisory in it");
    if (unreadable.length > 0) talk.warn(`${unreadable.length} files in "${folder}" are no JSON`);
    return advisories;
  } catch (error) {
    throw new UsageError("no-advisories", `Cannot use the advisories in "${folder}": ${messageOf(error)}`, {
      hint: "Name a folder of JSON files in OSV format, as osv.dev exports them for PyPI",
    });
  }
}

/** What cannot be judged leaves the question open, unless something is refused. */
function outcomeOf(artifacts: readonly ReportedArtifact[], isRefused: boolean): Outcome {
  const decisions = new Set(artifacts.map(({ decision }) => decision));
  if (isRefused || decisions.has("deny")) return "refused";
  return decisions.has("undecided") ? "undecided" : "allowed";
}

function counts(severity: Severity, failOn: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(failOn);
}

function reported(installed: Installed, found: readonly AuditFinding[], failOn: Severity): ReportedArtifact {
  const { name, version: installedVersion, receipt, site, distInfo } = installed;
  const own = found.filter((each) => each.installed === installed).map(plain);
  const isRefused = own.some(({ severity }) => counts(severity, failOn));
  const isWarned = own.some(({ severity }) => severity !== "note");
  return {
    name,
    version: installedVersion,
    filename: receipt?.artifact.filename ?? distInfo,
    url: receipt?.artifact.url ?? pathToFileURL(join(site, distInfo)).href,
    ...(receipt && { size: receipt.artifact.size, hashes: receipt.artifact.hashes }),
    decision: isRefused ? "deny" : isWarned ? "warn" : "allow",
    rule: "audit",
    findings: own,
    evidence: [],
  };
}

/** What is of no distribution, or of one that could not be read. */
function environmentFindings(found: readonly AuditFinding[], { installed }: Facts): Finding[] {
  return found.filter((each) => each.installed === undefined || !installed.includes(each.installed)).map(plain);
}

function plain({ installed: _, ...finding }: AuditFinding): Finding {
  return finding;
}

/**
 * What was found before and is accepted: a JSON report of an earlier audit.
 * @throws UsageError `invalid-baseline`
 */
async function readBaseline(path: string | undefined, { cwd }: Host): Promise<ReadonlySet<string>> {
  if (path === undefined) return new Set();
  try {
    const { artifacts, findings }: Report = JSON.parse(await readFile(resolve(cwd, path), "utf8"));
    return new Set([...findings, ...artifacts.flatMap((artifact) => artifact.findings)].map(baselineKey));
  } catch (error) {
    throw new UsageError("invalid-baseline", `Cannot read the baseline "${path}": ${messageOf(error)}`, {
      hint: "Write one with tspip audit --format json=FILE",
    });
  }
}

function baselineKey({ id, message }: Finding): string {
  return `${id} ${message}`;
}
