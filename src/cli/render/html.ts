import { hash } from "node:crypto";
import { compareText } from "../../encoding/compare-text.ts";
import type { Finding } from "../../verdict/finding.ts";
import { findingCatalog } from "../../verdict/finding-catalog.ts";
import type { Report, ReportedArtifact, ReportedChange, ReportedCoverage } from "../report/report.ts";
import { htmlStyle } from "./html-style.ts";
import { Markup, markup } from "./markup.ts";
import {
  counted,
  coverageWords,
  isByPolicy,
  missingWords,
  signerChangeWords,
  signerShareWords,
  signersOf,
  unseenWords,
  upcomingWords,
  versionWords,
  vouching,
} from "./words.ts";

/**
 * The report as one HTML page that stands alone: no script, nothing loaded. Everything in it may come from outside:
 * `markup` escapes it, and the policy in the head lets the page do nothing but show its own style.
 * @param now shown as the time of the judgement
 */
export function renderHtml(report: Report, now: Date): string {
  const { tool, command, outcome } = report;
  const styleHash = hash("sha256", htmlStyle, "base64");
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${new Markup(styleHash)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>tspip ${command}: ${outcome}</title>
<style>${new Markup(htmlStyle)}</style>
</head>
<body>
<main class="${outcome}">
${head(report, now)}
${coverage(report.artifacts)}
${changed(report.changes ?? [])}${covered(report.coverage)}
${reasons(report)}
${vouchers(report.artifacts)}
${everything(report.artifacts)}
<footer class="soft"><p>Made by ${tool.name} ${tool.version}.</p></footer>
</main>
</body>
</html>
`.text;
}

function head(report: Report, now: Date): Markup {
  const { command, outcome, artifacts, policy } = report;
  const day = now.toISOString().replace("T", " ").slice(0, 16);
  return markup`<header>
<h1>tspip ${command}: <strong>${outcome}</strong></h1>
<p>${counted(artifacts.length, "artifact")} judged on <time datetime="${now.toISOString()}">${day} UTC</time>${isByPolicy(report) ? markup` under policy <code>${policy.source}</code>` : markup``}</p>
${unseen(artifacts)}${isByPolicy(report) ? markup`<p class="soft">policy sha256 <code>${policy.sha256}</code></p>` : markup``}
</header>`;
}

function unseen(artifacts: readonly ReportedArtifact[]): Markup {
  const words = unseenWords(artifacts);
  return words === undefined
    ? markup``
    : markup`<p class="unseen">${words}.</p>
`;
}

/** What is known of the artifacts at a glance: counts, and the share that somebody signed for. */
function coverage(artifacts: readonly ReportedArtifact[]): Markup {
  const count = (decision: ReportedArtifact["decision"]) =>
    artifacts.filter((artifact) => artifact.decision === decision).length;
  const signed = artifacts.filter(isSigned).length;
  const pinned = artifacts.filter((artifact) => !isSigned(artifact) && isPinned(artifact)).length;
  const bare = artifacts.length - signed - pinned;
  const tile = (number: number, label: string) => markup`<li><b>${number}</b> ${label}</li>\n`;
  return markup`<ul class="tiles">
${tile(count("allow"), "allowed")}${tile(count("warn"), "allowed with warnings")}${tile(count("deny"), "refused")}${tile(count("undecided"), "undecided")}${tile(signed, "signed for")}</ul>
${bar([
  ["signed", signed],
  ["pinned", pinned],
  ["bare", bare],
])}
<p class="legend soft">${legend("signed")}${signed} signed for by a publisher ${legend("pinned")}${pinned} without a signature, pinned by a hash ${legend("bare")}${bare} with neither</p>`;
}

function bar(parts: readonly (readonly [name: string, count: number])[]): Markup {
  const total = parts.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return markup``;
  const percent = (count: number) => Math.round((10_000 * count) / total) / 100;
  let before = 0;
  const rectangles = parts.map(([name, count]) => {
    const x = percent(before);
    before += count;
    return count === 0 ? "" : markup`<rect class="${name}" x="${x}%" width="${percent(count)}%" height="100%"/>`;
  });
  return markup`<svg class="bar" role="img" aria-label="Share of artifacts that somebody signed for">${rectangles}</svg>`;
}

function legend(name: string): Markup {
  return markup`<svg class="key" aria-hidden="true"><rect class="${name}" width="100%" height="100%" rx="2"/></svg>`;
}

/** `--diff`: what changed since the other lock. */
function changed(changes: readonly ReportedChange[]): Markup {
  if (changes.length === 0) return markup``;
  const tone = { lost: "deny", changed: "deny", new: "allow", same: "allow" } as const;
  const rows = changes.map(
    (change) =>
      markup`<tr class="${change.signers === undefined ? "note" : tone[change.signers]}"><th>${change.name}</th><td>${change.change}</td><td>${versionWords(change)}</td><td>${signerChangeWords(change)}</td></tr>
`,
  );
  return markup`<h2>What changed since the other lock file</h2>
<div class="table"><table>
<thead><tr><th>project</th><th>change</th><th>version</th><th>signers</th></tr></thead>
<tbody>
${rows}</tbody>
</table></div>`;
}

/** `--report-coverage`: what is attested, and what rules will refuse that only warn yet. */
function covered(coverage: ReportedCoverage | undefined): Markup {
  if (coverage === undefined) return markup``;
  const signers = coverage.signers.map((one) => markup`<li>${signerShareWords(one)}</li>\n`);
  const upcoming = coverage.upcoming.map((tightening) => {
    const files = tightening.artifacts.map(({ filename, findings }) => {
      const reasons = findings.map(({ id, message }) => markup`<li>${id}: ${message}</li>`);
      return markup`<li><b>${filename}</b><ul>${reasons}</ul></li>\n`;
    });
    return markup`<p>${upcomingWords(tightening)}</p>\n<ul>${files}</ul>\n`;
  });
  return markup`<h2>Coverage</h2>
<p>${coverageWords(coverage)}</p>
<ul>${signers}</ul>
${upcoming}`;
}

/** What was refused and why, what is open, what is warned about. */
function reasons({ artifacts, findings }: Report): Markup {
  const groups = [
    ["deny", "Refused, and why"],
    ["undecided", "Undecided: evidence could not be had"],
    ["warn", "Allowed, with warnings"],
    ["allow", "Allowed, with notes"],
  ] as const;
  const sections = groups.map(([decision, title]) => {
    const ofGroup = artifacts.filter((artifact) => artifact.decision === decision && artifact.findings.length > 0);
    return ofGroup.length === 0 ? "" : markup`<h2>${title}</h2>\n${ofGroup.map(card)}`;
  });
  const whole =
    findings.length === 0
      ? ""
      : markup`<h2>The request as a whole</h2>\n<section class="card ${findings[0]?.severity}"><ul>${findings.map(findingItem)}</ul></section>\n`;
  return markup`${whole}${sections}`;
}

function card(artifact: ReportedArtifact): Markup {
  const { decision, filename, rule, findings } = artifact;
  return markup`<section class="card ${decision}">
<h3>${filename} <span class="tag">${decisions[decision]}</span></h3>
<p class="soft">${placeWords(artifact)}judged by ${rule}</p>
<ul>${findings.map(findingItem)}</ul>
</section>
`;
}

const decisions = { allow: "allowed", warn: "allowed", deny: "refused", undecided: "undecided" } as const;

function findingItem({ id, severity, message, hint }: Finding): Markup {
  return markup`<li class="${severity}"><strong>${findingCatalog[id].title}</strong> <span class="tag">${id}</span>
<p class="message">${message}</p>
<p class="hint">${hint}</p></li>
`;
}

/** Who vouches for what: each signer once, with everything they signed; then what nobody signed. */
function vouchers(artifacts: readonly ReportedArtifact[]): Markup {
  if (artifacts.length === 0) return markup``;
  const bySigner = new Map<string, ReportedArtifact[]>();
  for (const artifact of artifacts)
    for (const signer of signersOf(artifact)) bySigner.set(signer, [...(bySigner.get(signer) ?? []), artifact]);
  const rows = [...bySigner].sort(([a], [b]) => compareText(a, b)).map(([signer, signed]) => voucher(signer, signed));
  const missing = Map.groupBy(
    artifacts.filter((artifact) => !isSigned(artifact)),
    missingWords,
  );
  return markup`<h2>Who vouches for what</h2>
<div class="table"><table>
<thead><tr><th>signer</th><th>signed</th></tr></thead>
<tbody>
${rows}${[...missing].map(([reason, unsigned]) => voucher(markup`nobody <span class="soft">${reason}</span>`, unsigned))}</tbody>
</table></div>`;
}

function voucher(signer: string | Markup, signed: readonly ReportedArtifact[]): Markup {
  return markup`<tr><th>${signer}</th><td>${names(signed)}</td></tr>\n`;
}

function names(artifacts: readonly ReportedArtifact[]): Markup {
  return markup`${artifacts.map(({ name, version }) => `${name} ${version}`).join(", ")}`;
}

function everything(artifacts: readonly ReportedArtifact[]): Markup {
  if (artifacts.length === 0) return markup``;
  return markup`<h2>Every artifact</h2>
<div class="table"><table>
<thead><tr><th>artifact</th><th>decision</th><th>what speaks for it</th></tr></thead>
<tbody>
${artifacts.map(row)}</tbody>
</table></div>`;
}

function row(artifact: ReportedArtifact): Markup {
  const { name, version, decision } = artifact;
  const words = vouching(artifact);
  const evidence = words.length === 0 ? "nothing" : markup`<ul>${words.map((word) => markup`<li>${word}</li>`)}</ul>`;
  return markup`<tr class="${decision}"><th>${name} ${version}</th><td><span class="tag">${decisions[decision]}</span></td><td>${evidence}${particulars(artifact)}</td></tr>
`;
}

function particulars(artifact: ReportedArtifact): Markup {
  const { filename, url, size, hashes = {}, rule, evidence } = artifact;
  const times = evidence.flatMap(({ integrated_time }) => integrated_time ?? []);
  const rows: (readonly [string, string])[] = [
    ["file", filename],
    ["from", url],
    ...(size === undefined ? [] : [["size", `${size} bytes`] as const]),
    ...Object.entries(hashes),
    ["rule", rule],
    ...(artifact.place === undefined ? [] : [["asked for in", placeOf(artifact)] as const]),
    ...times.map((time) => ["signed at", time] as const),
  ];
  return markup`<details><summary>particulars</summary><dl>${rows.map(([term, value]) => markup`<dt>${term}</dt><dd><code>${value}</code></dd>`)}</dl></details>`;
}

function placeOf({ place }: ReportedArtifact): string {
  if (place === undefined) return "";
  return place.line === undefined ? place.file : `${place.file}, line ${place.line}`;
}

function placeWords(artifact: ReportedArtifact): string {
  return artifact.place === undefined ? "" : `${placeOf(artifact)} · `;
}

function isSigned(artifact: ReportedArtifact): boolean {
  return signersOf(artifact).length > 0;
}

function isPinned({ evidence }: ReportedArtifact): boolean {
  return evidence.some(({ kind, outcome }) => kind === "user-hash" && outcome === "verified");
}
