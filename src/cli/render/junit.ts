import type { Finding } from "../../verdict/finding.ts";
import type { Report, ReportedArtifact } from "../report/report.ts";
import { type Markup, markup } from "./markup.ts";
import { unseenWords, vouching } from "./words.ts";

/**
 * The report as JUnit XML, which CI systems show as tests: an artifact is a test case, a refusal a failure, what could
 * not be decided an error. Findings about the whole request are a test case of their own.
 */
export function renderJunit(report: Report): string {
  const { command, artifacts, findings } = report;
  const cases = [...artifacts.map(artifactCase), ...(findings.length > 0 ? [requestCase(report)] : [])];
  const failures = artifacts.filter(({ decision }) => decision === "deny").length + (hasError(findings) ? 1 : 0);
  const errors = artifacts.filter(({ decision }) => decision === "undecided").length;
  const counts = markup`tests="${cases.length}" failures="${failures}" errors="${errors}"`;
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="tspip" ${counts}>
  <testsuite name="tspip ${command}" ${counts} skipped="0">
    <properties>
      <property name="policy" value="${report.policy.source}"/>
      <property name="policy sha256" value="${report.policy.sha256}"/>
${unseen(report)}    </properties>
${cases}  </testsuite>
</testsuites>
`.text;
}

function unseen({ artifacts }: Report): Markup | undefined {
  const words = unseenWords(artifacts);
  return words === undefined
    ? undefined
    : markup`      <property name="not looked at" value="${words}"/>
`;
}

function artifactCase(artifact: ReportedArtifact): Markup {
  const { name, filename, place, decision, findings } = artifact;
  const line = place?.line === undefined ? "" : markup` line="${place.line}"`;
  const file = place === undefined ? "" : markup` file="${place.file}"${line}`;
  const outcome = ({ deny: "failure", undecided: "error", allow: undefined, warn: undefined } as const)[decision];
  return testCase(markup`classname="${name}" name="${filename}"${file}`, outcome, findings, vouching(artifact));
}

function requestCase({ command, findings }: Report): Markup {
  const outcome = hasError(findings) ? "failure" : undefined;
  return testCase(markup`classname="tspip" name="${command}: the request as a whole"`, outcome, findings, []);
}

function testCase(
  attributes: Markup,
  outcome: "failure" | "error" | undefined,
  findings: readonly Finding[],
  words: readonly string[],
): Markup {
  const decisive = findings.filter(({ severity }) => severity === "error");
  const [first] = decisive;
  const others = findings.filter(({ severity }) => severity !== "error");
  const said = [...words, ...others.map(findingText)].join("\n");
  const element = markup`${outcome ?? ""}`;
  return markup`    <testcase ${attributes}>
${outcome === undefined ? "" : markup`      <${element} type="${first?.id ?? ""}" message="${first?.message ?? ""}">${decisive.map(findingText).join("\n")}</${element}>\n`}${said === "" ? "" : markup`      <system-out>${said}</system-out>\n`}    </testcase>
`;
}

function findingText({ id, severity, message, hint }: Finding): string {
  return `${severity}[${id}] ${message}\nhint: ${hint}`;
}

function hasError(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === "error");
}
