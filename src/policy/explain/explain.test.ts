import assert from "node:assert/strict";
import { test } from "node:test";
import { normalizeProjectName } from "../../distribution/project-name.ts";
import { parseVersion } from "../../distribution/version.ts";
import { parsePolicy } from "../parse.ts";
import { explain } from "./explain.ts";
import type { KnownSubject } from "./match-outcome.ts";

const now = new Date("2026-11-21T12:00:00Z");
const signers = `[signers.acme]
kind = "github"
repository = "acme/tool"
workflow = "release.yml"
repository-id = "7"
[signers.bob]
kind = "gitlab"
repository = "bob/tool"
[signers.alice]
kind = "key"
key = "ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8"
[groups.both]
of = ["acme", "bob"]
threshold = 2
distinct-by = "owner"
`;
const wheel: KnownSubject = { name: normalizeProjectName("tool"), kind: "wheel" };

function explained(policy: string, known: Partial<KnownSubject> = {}) {
  return explain(parsePolicy(`version = 1\n${signers}${policy}`, "p"), { ...wheel, ...known }, now);
}

/** What the applying rule asks besides what [default] asks by itself. */
function asked(rule: string, known: Partial<KnownSubject> = {}): string[][] {
  const usual = new Set(explained("", known).rules[0]?.demands?.conditions.map(({ asks }) => asks));
  const conditions = explained(`[default]\n${rule}`, known).rules[0]?.demands?.conditions ?? [];
  return conditions.flatMap(({ asks, satisfiedBy }) => (usual.has(asks) ? [] : [[asks, ...satisfiedBy]]));
}

const acme = '"acme": github, repository "acme/tool", workflow "release.yml", repository-id "7"';

for (const [rule, ...expected] of [
  [
    'attestation = "require"',
    ["it has an attestation that verifies", "a publish attestation or SLSA provenance, by anyone"],
  ],
  [
    'attestation = "no-downgrade"',
    [
      "it has an attestation, if the index has an attested earlier release",
      "a publish attestation or SLSA provenance, by anyone",
    ],
  ],
  [
    'attestation = "no-downgrade"\npublish = { signer = "acme" }',
    [
      'if it has a publish attestation, or an earlier release is attested, it has one by signer "acme"',
      `attestation by ${acme}`,
    ],
  ],
  [
    'publish = { signer = "acme" }',
    ['if it has a publish attestation, it has one by signer "acme"', `attestation by ${acme}`],
  ],
  [
    'attestation = "require"\nslsa = { group = "both", builder = ["https://b/*"], build-type = ["t"], parameters = { level = 2 } }',
    [
      'it has SLSA provenance by 2 of group "both", each of another owner',
      acme,
      '"bob": gitlab, repository "bob/tool"',
      "built by https://b/*",
      "of the build type t",
      "with the external parameter level = 2",
    ],
  ],
  [
    'signatures = { signer = "alice" }',
    [
      'the wheel has a signature by signer "alice"',
      'signature by "alice": key ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8',
    ],
  ],
  [
    'summary = { signer = "acme", verifier = "https://ci/", max-age = "P7D" }',
    [
      'it has a verification summary in the name of "https://ci/", at most 7 days old, by signer "acme"',
      `summary by ${acme}`,
    ],
  ],
  [
    'hashes = "require"',
    ["you named a secure hash beforehand", "--hash=sha256:… in a requirements file, or a lock file"],
  ],
  [
    'sources = ["https://i.example/simple", "local"]',
    ["it comes from a place that the rule names", "the index https://i.example/simple/", "a file on this machine"],
  ],
  [
    'min-age = "P3D"',
    ["it was uploaded at least 3 days ago", "an upload time from the index; without one it is refused"],
  ],
  [
    'min-age = "P3D"\nmissing-time = "log"',
    [
      "it was uploaded at least 3 days ago",
      "an upload time from the index, or the transparency log's time of an attestation",
    ],
  ],
  [
    'status = { yanked = "deny", archived = "allow" }',
    ["it is not yanked; it is not deprecated (otherwise there is only a warning)"],
  ],
  [
    'continuity = { pins = "pins.json" }',
    [
      'it is attested as earlier releases are, which pins.json has written down (on-change = "deny", on-loss = "deny")',
      'nothing is pinned of the project: on-new = "record"',
    ],
  ],
] as const) {
  test(`explain() says what ${rule.replaceAll("\n", ", ")} asks for`, () => assert.deepEqual(asked(rule), expected));
}

test("explain() leaves out what is not asked", () => {
  const conditions = explained(
    '[default]\nattestation = "ignore"\nhashes = "any"\nstatus = { yanked = "allow", archived = "allow", deprecated = "allow" }',
  ).rules[0]?.demands;
  assert.deepEqual(conditions?.conditions, []);
  assert.deepEqual(asked("", { kind: "sdist" }), []);
  const sdist = explained("", { kind: "sdist" }).rules[0]?.demands?.conditions.map(({ asks }) => asks);
  assert.ok(sdist?.includes("it is no source distribution"));
  assert.ok(!explained("", { kind: "sdist" }).floor.some(({ asks }) => asks.includes("RECORD")));
});

test("explain() says what becomes of unmet conditions", () => {
  const mode = (rule: string) => explained(`[default]\n${rule}`).rules[0]?.demands?.mode;
  assert.equal(mode(""), "what is not met is refused");
  assert.equal(mode('mode = "off"'), "its conditions are not looked at");
  assert.equal(mode('mode = "warn"'), "what is not met is a warning");
  assert.equal(
    mode('mode = "warn"\nenforce-after = 2027-01-01'),
    "what is not met is a warning, and from 2027-01-01 on refused",
  );
  assert.equal(mode('mode = "warn"\nenforce-after = 2026-11-21'), "what is not met is refused, since 2026-11-21");
});

test("explain() goes through the rules up to the first that is known to apply", () => {
  const rules = [
    'match = { name = "other" }',
    'match = { name = "tool", version = "<2", index = "https://i.example/simple/" }',
    'match = { kind = "sdist" }',
    'match = { relation = "transitive" }',
    'match = { name = "to*" }',
    'match = { name = "tool" }',
  ];
  const policy = rules.map((match) => `[[rule]]\n${match}\n`).join("");
  const of = (known: Partial<KnownSubject>) => {
    const { rules, unreached } = explained(policy, known);
    return [...rules.map(({ name, applies, because }) => `${name} ${applies}: ${because.join(", ")}`), unreached];
  };
  assert.deepEqual(of({}), [
    'rule 1 no: name = "other"',
    'rule 2 depends: version = "<2", index = "https://i.example/simple/"',
    'rule 3 no: kind = "sdist"',
    'rule 4 depends: relation = "transitive"',
    'rule 5 yes: name = "to*"',
    1,
  ]);
  assert.deepEqual(of({ version: parseVersion("1.0"), index: "https://i.example/simple", relation: "direct" }), [
    'rule 1 no: name = "other"',
    'rule 2 yes: name = "tool", version = "<2", index = "https://i.example/simple/"',
    4,
  ]);
  assert.deepEqual(of({ version: parseVersion("2.0"), relation: "transitive" }), [
    'rule 1 no: name = "other"',
    'rule 2 no: version = "<2"',
    'rule 3 no: kind = "sdist"',
    'rule 4 yes: relation = "transitive"',
    2,
  ]);
  assert.deepEqual(explained('[[rule]]\nmatch = { name = "x" }').unreached, 0);
});

test("explain() names deny list entries and exceptions that may be about the project", () => {
  const { floor, exceptions } = explained(
    `expires = 2027-06-30
[floor]
deny = [
  { sha256 = "${"ab".repeat(32)}" },
  { name = "tool", version = "==1.0" },
  { name = "tool" },
  { name = "other" },
  { signer = "acme", from = 2026-01-01T00:00:00Z, until = 2026-01-02T00:00:00Z },
  { signer = "bob", name = "tool", version = "<1" },
  { signer = "bob", name = "other" },
]
[[exception]]
id = "EX-1"
match = { name = "tool", version = "<2" }
waive = ["attestation", "hashes"]
reason = "r"
owner = "o"
expires = 2026-11-20
[[exception]]
id = "EX-2"
match = { name = "other" }
waive = ["attestation"]
reason = "r"
owner = "o"
expires = 2027-11-20
`.replace(/^expires.*\n/, ""),
    { version: parseVersion("1.0") },
  );
  assert.deepEqual(floor[0]?.satisfiedBy, [
    `denied: sha256 ${"ab".repeat(32)}`,
    "denied: version ==1.0, which is this one",
    "denied: all versions",
    'denied: what "acme" signed from 2026-01-01T00:00:00.000Z until 2026-01-02T00:00:00.000Z',
    'denied: what "bob" signed of version <1',
  ]);
  assert.deepEqual(exceptions, [
    {
      applies: "yes",
      because: ['name = "tool"', 'version = "<2"'],
      id: "EX-1",
      waive: ["attestation", "hashes"],
      until: "2026-11-20",
      isExpired: true,
      reason: "r",
      owner: "o",
    },
  ]);
  const expiring = explain(parsePolicy("version = 1\nexpires = 2027-06-30", "p"), wheel, now);
  assert.equal(expiring.floor[0]?.asks, "the policy holds until 2027-06-30");
});
