import assert from "node:assert/strict";
import { test } from "node:test";
import { type sdist, wheel } from "../testing/policy-judging.ts";
import { subjectOf } from "./cases/case-evidence.ts";
import { needsEarlier, needsIndex } from "./condition.ts";
import { ruleFor } from "./match.ts";
import { parsePolicy } from "./parse.ts";

/** Who has to be asked before a policy can judge: what is not asked is not there for it. */

const asked = (text: string, artifact: typeof wheel | typeof sdist) => {
  const policy = parsePolicy(`version = 1\n${text}`, "policy.toml");
  const subject = subjectOf({ artifact });
  const rule = ruleFor(policy, subject);
  return { index: needsIndex(policy, rule, subject), earlier: needsEarlier(rule, subject) };
};
const ofIndex = (text: string, artifact: typeof wheel | typeof sdist = wheel) => asked(text, artifact).index;

test("the index is asked where anything goes by what it says", () => {
  const plain = 'attestation = "if-present"\nstatus = { yanked = "allow" }\n';
  assert.equal(ofIndex(`[default]\n${plain}`), false);
  for (const text of [
    `[default]\n${plain}min-age = "P3D"`,
    `[default]\n${plain}sources = ["https://pypi.org/simple/"]`,
    '[default]\nattestation = "if-present"\nstatus = { yanked = "deny" }',
    `[floor]\nstatus = { yanked = "deny" }\n[default]\n${plain}`,
    // Of other files, too: which rule applies depends on it.
    `[default]\n${plain}[[rule]]\nmatch = { name = "other", index = "https://pypi.org/simple/" }`,
    `[default]\n${plain}[[exception]]\nid = "E1"\nmatch = { name = "demo", index = "https://pypi.org/simple/" }\nwaive = ["hashes"]\nreason = "none"\nowner = "somebody"\nexpires = 2027-01-01`,
  ])
    assert.equal(ofIndex(text), true, text);
});

test("of a rule that is off, the floor alone asks", () => {
  assert.equal(ofIndex('[default]\nmode = "off"\nmin-age = "P3D"\nattestation = "no-downgrade"'), false);
  assert.equal(ofIndex('[floor]\nstatus = { yanked = "deny" }\n[default]\nmode = "off"'), true);
});

test("earlier releases are asked for where none may lose its attestation, and for nothing else", () => {
  const earlier = (demand: string) => asked(`[default]\nattestation = "${demand}"`, wheel).earlier;
  assert.deepEqual(["no-downgrade", "require", "if-present"].map(earlier), [true, false, false]);
});
