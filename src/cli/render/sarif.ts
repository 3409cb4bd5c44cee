import { digestOf } from "../../distribution/digest.ts";
import type { Finding } from "../../verdict/finding.ts";
import { type FindingId, findingCatalog } from "../../verdict/finding-catalog.ts";
import type { Report, ReportedArtifact, ReportedPlace } from "../report/report.ts";
import { printable, printableJson } from "../terminal.ts";
import { unseenWords } from "./words.ts";

/** What a renderer for code scanning has to be told. */
export interface SarifContext {
  /** The section of docs/findings.md on each finding, as Markdown. */
  readonly help: ReadonlyMap<string, string>;
  /** A path as the user wrote it → one from the top of the repository, with `/`. */
  readonly toRepositoryPath: (file: string) => string;
}

/**
 * The report as SARIF 2.1.0 (OASIS), for code scanning: each finding is a result at the line of the requirements or lock
 * file that asks for the artifact. Rules are the finding catalog.
 */
export function renderSarif(report: Report, context: SarifContext): string {
  const results = [
    ...report.artifacts.flatMap((artifact) => artifact.findings.map((finding) => result(finding, artifact, context))),
    ...report.findings.map((finding) => result(finding, undefined, context)),
  ];
  const notLookedAt = unseenWords(report.artifacts);
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: report.tool.name,
            version: report.tool.version,
            semanticVersion: report.tool.version,
            rules: ruleIds.map((id) => rule(id, context)),
          },
        },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { SRCROOT: { description: { text: "The top of the repository" } } },
        results,
        properties: {
          command: report.command,
          outcome: report.outcome,
          policy: report.policy,
          ...(notLookedAt !== undefined && { notLookedAt }),
        },
      },
    ],
  };
  return printableJson(`${JSON.stringify(log, null, 2)}\n`);
}

const ruleIds = Object.keys(findingCatalog) as FindingId[];

function rule(id: FindingId, { help }: SarifContext) {
  const { title, hint } = findingCatalog[id];
  return {
    id,
    name: id.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: title },
    help: { text: hint, markdown: `${help.get(id) ?? `**${title}.**`}\n\n${hint}.` },
    defaultConfiguration: { level: "error" },
    properties: { tags: ["security", "supply-chain"] },
  };
}

function result(
  { id, severity, message, hint }: Finding,
  artifact: ReportedArtifact | undefined,
  context: SarifContext,
) {
  const about = artifact === undefined ? "" : `${artifact.name} ${artifact.version}`;
  return {
    ruleId: id,
    ruleIndex: ruleIds.indexOf(id),
    level: severity,
    message: { text: plain(`${message}\n${hint}`) },
    ...(artifact !== undefined && { locations: [location(artifact, context)] }),
    // The line moves with every edit of the file; what is found of which release does not.
    partialFingerprints: { "tspip/v1": digestOf(Buffer.from(`${id}\n${about}\n${artifact?.filename ?? message}`)) },
  };
}

/** Viewers make a link of what looks like one, also in plain text (SARIF 3.11.6). */
function plain(text: string): string {
  return printable(text).replaceAll("](", "]\\u{28}");
}

function location({ name, version, filename, place }: ReportedArtifact, context: SarifContext) {
  const logicalLocations = [
    { name: printable(filename), fullyQualifiedName: printable(`${name}==${version}`), kind: "package" },
  ];
  return place === undefined ? { logicalLocations } : { physicalLocation: physical(place, context), logicalLocations };
}

function physical({ file, line }: ReportedPlace, { toRepositoryPath }: SarifContext) {
  const path = toRepositoryPath(file);
  const isOutside = path.startsWith("/") || path.startsWith("../");
  const uri = path.split("/").map(encodeURIComponent).join("/");
  return {
    artifactLocation: isOutside && path.startsWith("/") ? { uri: `file://${uri}` } : { uri, uriBaseId: "SRCROOT" },
    ...(line !== undefined && { region: { startLine: line } }),
  };
}
