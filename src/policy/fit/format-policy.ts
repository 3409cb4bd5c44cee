import { tomlText } from "../../encoding/toml-text.ts";
import type { FittedPolicy, FittedRule, SeenProject, SignedBy } from "./fit-policy.ts";
import { formatSigner } from "./format-signer.ts";

/** The text of a policy file, commented for whoever reviews it. @param made how it was made, a line each */
export function formatPolicy(policy: FittedPolicy, made: readonly string[]): string {
  return [
    [...head, ...made.map((line) => `# ${line}`), "", "version = 1"],
    signerLines(policy),
    floorLines,
    defaultLines(policy),
    ...ruleLines(policy),
    unattestedLines(policy),
    exceptionLines,
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

const head = [
  "#:schema policy.schema.json",
  "#",
  "# Who may vouch for which distribution, and what happens if nobody does. docs/policy.md explains every key.",
  "# After `tspip policy schema > policy.schema.json`, editors complete its keys and underline mistakes.",
  "#",
];

function signerLines({ signers, groups }: FittedPolicy): string[] {
  if (signers.length === 0) return [];
  return [
    "# Who signed the files that were there. Only you can know whether these are the right ones: check each. Every field is",
    '# compared with the certificate, exactly; `ref = "refs/tags/v*"` would narrow one down to tags.',
    ...signers.flatMap(({ name, publisher, projects }, at) => [
      ...(at === 0 ? [] : [""]),
      ...(projects.length === 1 && projects[0] === name ? [] : [`# Of ${projects.join(", ")}.`]),
      ...formatSigner(name, publisher),
    ]),
    ...groups.flatMap(({ name, of }) => [
      "",
      "# Some files were signed by one of them, some by another.",
      `[groups.${name}]`,
      `of = [${of.map(tomlText).join(", ")}]`,
      "threshold = 1",
    ]),
  ];
}

const floorLines = [
  "# What holds for every artifact; no rule and no mode weakens it.",
  "[floor]",
  'record = "enforce"                     # every file of a wheel matches its RECORD',
  'archive = "enforce"                    # the archive has exactly one reading',
  'deny = []                              # { name = "litellm", version = "==1.82.7" }, { sha256 = "…" }',
];

function defaultLines({ hashes }: FittedPolicy): string[] {
  const why =
    hashes === "require"
      ? "you have pinned a hash for every file: keep doing so"
      : 'from the index or from you; "require" wants it from you';
  return [
    "# What holds for projects without a rule, and for rules that do not say otherwise.",
    "[default]",
    'mode = "enforce"                       # "warn" with enforce-after = 2027-01-01 warns until that day',
    'attestation = "no-downgrade"           # one that is there must verify, and must not disappear later',
    `${`hashes = ${tomlText(hashes)}`.padEnd(39)}# ${why}`,
    'sdist = "deny"                         # building a source distribution runs its code',
    'status = { yanked = "warn" }',
    '# min-age = "P3D"                      # refuse what was uploaded less than three days ago',
    '# continuity = { pins = "tspip.pins.json" }   # also pins who signs, for projects without a rule too',
  ];
}

function ruleLines({ rules }: FittedPolicy): string[][] {
  if (rules.length === 0) return [];
  const intro =
    "# One rule for each project; the first that matches applies. What a rule does not say comes from [default].";
  return [[intro], ...rules.map(oneRule)];
}

function oneRule(rule: FittedRule): string[] {
  return [
    `# ${seenWords(rule)}`,
    ...rule.remarks.map((remark) => `# ${remark}`),
    "[[rule]]",
    `match = { name = ${tomlText(rule.name)} }`,
    ...conditionLines(rule),
  ];
}

function conditionLines({ attestation, signedBy, sdist }: FittedRule): string[] {
  return [
    ...(attestation === undefined ? [] : [`attestation = ${tomlText(attestation)}`]),
    ...signedBy.map(signedByLine),
    ...(sdist === undefined ? [] : [`sdist = ${tomlText(sdist)}`]),
  ];
}

function signedByLine({ predicate, kind, name }: SignedBy): string {
  return `${predicate} = { ${kind} = ${tomlText(name)} }`;
}

function unattestedLines({ unattested }: FittedPolicy): string[] {
  if (unattested.length === 0) return [];
  return [
    "# Not attested: for these you have to trust the index, or your pinned hashes.",
    ...unattested.map((project) => `# - ${seenWords(project)}`),
    '# If you set attestation = "require" in [default], each of them needs a rule with attestation = "if-present".',
  ];
}

function seenWords({ name, versions }: SeenProject): string {
  return `${name} ${versions.join(", ")}`;
}

const exceptionLines = [
  "# To let something through for a while:",
  "# [[exception]]",
  '# id = "EX-1"',
  '# match = { name = "…", version = "==…" }',
  '# waive = ["attestation"]',
  '# reason = "…"',
  '# owner = "…"',
  "# expires = 2027-02-01",
];
