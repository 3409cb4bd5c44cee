import { auditEnvironment } from "../../audit/audit.ts";
import type { AuditFinding } from "../../audit/audit-finding.ts";
import { type Facts, gatherFacts } from "../../audit/facts.ts";
import { createLooker } from "../../audit/look.ts";
import type { Installed } from "../../environment/installed.ts";
import type { UnstartedEnvironment } from "../../environment/unstarted.ts";
import type { Finding } from "../../verdict/finding.ts";
import { advisoriesAbout } from "../audit/advisories-about.ts";
import type { OnlineAnswer } from "../audit/audit-online.ts";
import { auditReport, type ReportedEnvironment, reportOn } from "../audit/audit-report.ts";
import { readBaseline } from "../audit/baseline.ts";
import { environmentsToRead } from "../audit/environments.ts";
import type { AuditOptions } from "../command-line/environment.ts";
import { exitCodeOf } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { parseFormats, writeReport } from "../report/format.ts";
import { policyFor } from "../settings/policy-in-force.ts";
import { createTalk } from "../terminal.ts";

/** `tspip audit`: what is installed against what was installed. Runs nothing of the environments it looks at. */
export async function audit(options: AuditOptions, host: Host): Promise<number> {
  const destinations = parseFormats(options.format ?? []);
  const isAccepted = await readBaseline(options.baseline, host);
  const talk = createTalk(options, host);
  if (options.python !== undefined)
    talk.info(`Asked "${options.python}" where its packages are; it was started isolated, without any of their code`);
  const environments = await environmentsToRead(options, host, talk.warn);
  await using looker = createLooker(host.processors);
  if (options.chain !== undefined) {
    const all = [];
    for (const environment of environments) all.push(await factsOf(environment));
    return (await import("../audit/audit-chain.ts")).showChain(options.chain, all, options, host);
  }
  const policy = await policyFor(options, host);
  const isJudged = options.policy !== undefined;
  const reported: ReportedEnvironment[] = [];
  for (const environment of environments) {
    talk.progress(`Looking at ${environment.label}`);
    const facts = await factsOf(environment);
    const answers = isJudged || options.online === true ? await ask(facts) : new Map<Installed, OnlineAnswer>();
    const named = (found: AuditFinding): AuditFinding =>
      environments.length === 1 ? found : { ...found, message: `${environment.label}: ${found.message}` };
    const all = [...auditEnvironment(facts), ...onlineFindings(answers, isJudged)].map(named);
    reported.push(reportOn({ facts, answers, found: all.filter((each) => !isAccepted(each)) }, options));
  }
  talk.progress("");
  const report = auditReport(reported, policy, options);
  const detail = { notes: Number(options.verbose) > 0 || options.failOn === "note" };
  await writeReport(report, destinations, options.color, host, detail);
  return exitCodeOf(report.outcome);

  async function ask(facts: Facts): Promise<ReadonlyMap<Installed, OnlineAnswer>> {
    talk.progress("Asking the index");
    return (await import("../audit/audit-online.ts")).askIndex(facts, policy, options, talk, host);
  }

  async function factsOf(environment: UnstartedEnvironment): Promise<Facts> {
    const facts = await gatherFacts(environment, looker);
    if (options.osv === undefined) return { ...facts, advisories: [] };
    return { ...facts, advisories: advisoriesAbout(facts.installed, options.osv, talk, host) };
  }
}

function onlineFindings(answers: ReadonlyMap<Installed, OnlineAnswer>, isJudged: boolean): AuditFinding[] {
  return [...answers].flatMap(([installed, answer]) =>
    findingsOf(answer, isJudged).map((found) => ({ ...found, installed })),
  );
}

/** Without a policy that the user names, what the verdict says is nobody's rule for what is installed already. */
function findingsOf({ findings: own, judged }: OnlineAnswer, isJudged: boolean): readonly Finding[] {
  if (!isJudged) return own;
  const known = new Set(own.map(({ id }) => id));
  return [...own, ...(judged?.verdict.findings ?? []).filter(({ id }) => !known.has(id))];
}
