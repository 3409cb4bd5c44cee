import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alice,
  aliceKey,
  asWarning,
  bob,
  bobKey,
  brief,
  excepted,
  judge,
  keys,
  now,
  signers,
  wheel,
} from "../testing/policy-judging.ts";
import type { KeyId } from "../trust/key-id.ts";
import type { Publisher } from "../trust/publisher.ts";
import type { Evidence } from "../verdict/evidence.ts";
import type { FindingId } from "../verdict/finding-catalog.ts";
import { subjectOf } from "./cases/case-evidence.ts";
import type { CaseSummary } from "./cases/policy-case.ts";
import { needsSummaries } from "./condition.ts";
import { decide } from "./decide.ts";
import { parsePolicy } from "./parse.ts";

/** What a rule makes of verification summaries. */

const ci = "https://ci.example.org/";

const passedAt = (at: string, by: Publisher | KeyId = aliceKey) =>
  ({ by, verifier: ci, result: "PASSED", at }) as const;

const failedAt = (at: string, by: Publisher | KeyId = aliceKey) => ({ ...passedAt(at, by), result: "FAILED" }) as const;

function summarized(demand: string, summaries: readonly CaseSummary[], mode = "enforce"): string {
  const rule = `${signers}${keys}[default]\nattestation = "ignore"\nsummary = { ${demand} }\nmode = "${mode}"`;
  return brief(judge(rule, { summaries }));
}

for (const [what, summaries, wanted] of [
  ["one that passed", [passedAt("2026-11-20")], "allow"],
  ["one twice", [passedAt("2026-11-20"), passedAt("2026-11-20")], "allow"],
  ["none", ["absent"], "deny summary-absent"],
  ["a file that cannot be read", ["unavailable"], "undecided evidence-unavailable"],
  ["one that passed beside a file that cannot be read", ["unavailable", passedAt("2026-11-20")], "allow"],
  ["one that failed", [failedAt("2026-11-20")], "deny summary-failed"],
  ["one that failed beside a file that cannot be read", ["unavailable", failedAt("2026-11-20")], "deny summary-failed"],
  ["one that failed before", [failedAt("2026-11-19"), passedAt("2026-11-20")], "allow"],
  ["one that failed later", [passedAt("2026-11-19"), failedAt("2026-11-20")], "deny summary-failed"],
  ["both at one time", [passedAt("2026-11-20"), failedAt("2026-11-20")], "deny summary-failed"],
  ["one by another key", [passedAt("2026-11-20", bobKey)], "deny summary-absent"],
  ["one that failed by another key", [passedAt("2026-11-20"), failedAt("2026-11-21", bobKey)], "allow"],
  [
    "one of another verifier",
    [{ ...passedAt("2026-11-20"), verifier: "https://ci.example.org" }],
    "deny summary-absent",
  ],
  ["one that is too old", [passedAt("2026-11-01")], "deny summary-too-old"],
  ["one of the future", [passedAt("2026-12-24")], "deny summary-too-old"],
] as const) {
  for (const [mode, outcome] of [
    ["enforce", wanted],
    ["warn", asWarning(wanted)],
    ["off", "allow"],
  ] as const) {
    test(`decide() with mode = "${mode}" and a summary asked for: ${what} gives ${outcome}`, () => {
      const demand = `signer = "alice-key", verifier = "${ci}", max-age = "P7D"`;
      assert.equal(summarized(demand, summaries, mode), outcome);
      assert.equal(summarized(demand, summaries.toReversed(), mode), outcome);
    });
  }
}

test("decide() lets a bad summary stand beside a good one, unless a second verifier disagrees about it", () => {
  const rule = `${keys}[default]\nattestation = "ignore"\nsummary = { signer = "alice-key", verifier = "${ci}" }`;
  const beside = (id: FindingId) => {
    const problems = [{ id, message: "It is not as it should be" }];
    const bad: Evidence = { kind: "summary", outcome: "invalid", source: "other.jsonl", problems };
    return brief(judge(rule, { summaries: [passedAt("2026-11-20")], more: [bad] }));
  };
  assert.equal(beside("key-not-current"), "allow");
  assert.equal(beside("second-opinion-disagrees"), "deny second-opinion-disagrees");
});

test("decide() refuses what somebody on the deny list has summarised, by certificate as by key", () => {
  for (const [signer, by] of [
    ["alice", alice],
    ["alice-key", aliceKey],
  ] as const) {
    const rule = `${signers}${keys}[default]\nattestation = "ignore"\n[floor]\ndeny = [{ signer = "${signer}" }]`;
    assert.equal(brief(judge(rule, { summaries: [passedAt("2026-11-20", by)] })), "deny denied-by-policy");
    const other = by === alice ? bob : bobKey;
    assert.equal(brief(judge(rule, { summaries: [passedAt("2026-11-20", other)] })), "allow");
  }
});

test("needsSummaries() is about rules that ask for one", () => {
  const asks = (rule: string) => needsSummaries(parsePolicy(`version = 1\n${keys}[default]\n${rule}`, "p").default);
  const summary = `summary = { signer = "alice-key", verifier = "${ci}" }`;
  assert.deepEqual([asks(""), asks(summary), asks(`mode = "off"\n${summary}`)], [false, true, false]);
});

test("decide() counts the parties that verified, by key or by identity", () => {
  const both = `group = "both", verifier = "${ci}"`;
  assert.equal(summarized(both, [passedAt("2026-11-20", alice), passedAt("2026-11-20", bob)]), "allow");
  assert.equal(summarized(both, [passedAt("2026-11-20", alice), passedAt("2026-11-21", alice)]), "deny summary-absent");
  assert.equal(summarized(both, [passedAt("2026-11-20", alice), failedAt("2026-11-20", bob)]), "deny summary-failed");
});

test("decide() takes a summary as old as max-age, and of a clock that is five minutes fast", () => {
  const demand = `signer = "alice-key", verifier = "${ci}", max-age = "P1D"`;
  const after = (milliseconds: number) =>
    summarized(demand, [passedAt(new Date(now.getTime() + milliseconds).toISOString())]);
  const [day, minute] = [86_400_000, 60_000];
  assert.equal(after(-day), "allow");
  assert.equal(after(-day - 1), "deny summary-too-old");
  assert.equal(after(5 * minute), "allow");
  assert.equal(after(5 * minute + 1), "deny summary-too-old");
});

test("decide() says who signed the summaries that do not count", () => {
  const words = (demand: string, summaries: readonly CaseSummary[]) => {
    const rule = `${signers}${keys}[default]\nattestation = "ignore"\nsummary = { ${demand}, verifier = "${ci}" }`;
    return judge(rule, { summaries }).findings[0]?.message.split(`as "${ci}", `)[1];
  };
  assert.equal(words('signer = "alice-key"', ["absent"]), "there is none");
  assert.equal(
    words('signer = "alice-key"', [passedAt("2026-11-20", bobKey)]),
    `those that are there are by key ${bobKey} as "${ci}"`,
  );
  assert.equal(
    words('signer = "alice-key"', [passedAt("2026-11-20", alice)]),
    `those that are there are by GitHub acme/alice (release.yml, refs/tags/v1.0) as "${ci}"`,
  );
  assert.equal(words('group = "both"', [passedAt("2026-11-20", alice)]), "too few of them signed");
});

test("decide() heeds a verifier that says no, also where an exception waives summaries", () => {
  const rule = `summary = { signer = "alice-key", verifier = "${ci}" }`;
  assert.equal(brief(excepted("summary", rule, { summaries: [failedAt("2026-11-20")] })), "deny summary-failed");
  assert.equal(brief(excepted("summary", rule, { summaries: ["unavailable"] })), "undecided evidence-unavailable");
  const before = decide(
    parsePolicy(`version = 1\n${keys}[default]\nattestation = "ignore"\n${rule}`, "p"),
    subjectOf({ artifact: wheel }),
    [],
    now,
  );
  assert.equal(before.decision, "undecided", "nobody has looked before the download");
});
