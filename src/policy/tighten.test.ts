import assert from "node:assert/strict";
import { test } from "node:test";
import { evidenceOf, subjectOf } from "./cases/case-evidence.ts";
import type { CaseAttestation } from "./cases/policy-case.ts";
import { parsePolicy } from "./parse.ts";
import { tightenings } from "./tighten.ts";

const now = new Date("2026-11-21T12:00:00Z");

function seen(filename: string, attestation: CaseAttestation) {
  const artifact = { filename };
  return {
    subject: subjectOf({ artifact }),
    evidence: evidenceOf({ artifact, attestations: [attestation] }),
    judged: "bytes",
  } as const;
}

const attested = seen("alpha-1.0-py3-none-any.whl", { publish: { kind: "github", repository: "acme/alpha" } });
const bare = seen("beta-1.0-py3-none-any.whl", "none");
const open = seen("gamma-1.0-py3-none-any.whl", "unavailable");

function told(policy: string, time = now) {
  return tightenings(parsePolicy(`version = 1\n${policy}`, "p"), [attested, bare, open], time).map(
    ({ rule, from, refused }) => [
      rule,
      from?.toISOString().slice(0, 10),
      ...refused.map(({ artifact, verdict }) => `${artifact.subject.name} ${verdict.decision}`),
    ],
  );
}

test("tightenings() says what a rule refuses from its day on", () => {
  const policy = '[default]\nmode = "warn"\nenforce-after = 2027-01-01\nattestation = "require"\n';
  assert.deepEqual(told(policy), [["default", "2027-01-01", "beta deny", "gamma undecided"]]);
  assert.deepEqual(told(policy, new Date("2027-01-01")), [], "from then on it is no news");
});

test("tightenings() speaks of rules that warn, day or none, and that apply to something", () => {
  const rule = (name: string, rest: string) => `[[rule]]\nmatch = { name = "${name}" }\n${rest}\n`;
  const policy = [
    rule("alpha", 'mode = "enforce"'),
    rule("beta", 'mode = "warn"\nattestation = "require"'),
    rule("gamma", 'mode = "off"'),
    rule("delta", 'mode = "warn"'),
  ].join("");
  assert.deepEqual(told(policy), [["rule 2", undefined, "beta deny"]]);
  assert.deepEqual(
    told(rule("alpha", 'mode = "warn"\nattestation = "require"')),
    [["rule 1", undefined]],
    "it is ready",
  );
});

test("tightenings() takes exceptions as they hold on the day, and an expired policy as it is", () => {
  const policy = (expires: string) => `expires = 2026-12-01
[default]
mode = "warn"
enforce-after = 2027-01-01
attestation = "require"
[[exception]]
id = "EX"
match = { name = "beta" }
waive = ["attestation"]
reason = "r"
owner = "o"
expires = ${expires}
`;
  assert.deepEqual(told(policy("2026-12-31")), [["default", "2027-01-01", "beta deny", "gamma undecided"]]);
  assert.deepEqual(told(policy("2027-01-01")), [["default", "2027-01-01", "gamma undecided"]]);
});
