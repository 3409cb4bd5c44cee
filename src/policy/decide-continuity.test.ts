import assert from "node:assert/strict";
import { test } from "node:test";
import { normalizeProjectName } from "../distribution/project-name.ts";
import { alice, bob, brief, judge, now, signers, stranger, wheel } from "../testing/policy-judging.ts";
import type { Publisher } from "../trust/publisher.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { evidenceOf, subjectOf } from "./cases/case-evidence.ts";
import type { CaseAttestation } from "./cases/policy-case.ts";
import { decide } from "./decide.ts";
import { parsePolicy } from "./parse.ts";
import { withPins } from "./pins.ts";
import { observedPin, pinFor } from "./unmet-continuity.ts";

/** What a rule makes of pins of earlier releases, and what is pinned. */

/** What `continuity` says where alice signed release 0.9 of demo. */
function continued(demand: string, attestations: readonly CaseAttestation[], more = "", project = "demo"): Verdict {
  const policy = parsePolicy(
    `version = 1\n${signers}[default]\nattestation = "ignore"\ncontinuity = { pins = "p.json"${demand} }\n${more}`,
    "policy.toml",
  );
  const pinned = {
    project: normalizeProjectName(project),
    version: "0.9",
    filename: "d.whl",
    signers: ["github acme/alice release.yml"],
  };
  const pins = new Map([["p.json", withPins(new Map(), [pinned])]]);
  const given = { artifact: wheel, attestations };
  return decide({ ...policy, pins }, subjectOf(given), evidenceOf(given), now);
}

test("decide() compares with pins as the rule says", () => {
  const same = [{ publish: alice }];
  const other = [{ publish: stranger }];
  assert.equal(brief(continued("", same)), "allow");
  assert.equal(brief(continued("", [...same, ...other])), "allow");
  assert.equal(brief(continued("", other)), "deny provenance-changed");
  assert.equal(brief(continued("", ["none"])), "deny provenance-lost");
  assert.equal(brief(continued("", ["unavailable"])), "undecided evidence-unavailable");
  assert.equal(brief(continued("", [...other, "unavailable"])), "undecided evidence-unavailable");
  assert.equal(brief(continued("", [...same, "unavailable"])), "allow");
  assert.equal(brief(continued("", ["invalid"])), "deny attestation-invalid provenance-lost");
  assert.equal(brief(continued(', on-change = "warn"', other)), "allow provenance-changed");
  assert.equal(brief(continued(', on-loss = "warn"', ["none"])), "allow provenance-lost");
  assert.equal(brief(continued(', on-change = "warn"', ["none"])), "deny provenance-lost");
  assert.equal(brief(continued(', on-loss = "warn"', other)), "deny provenance-changed");
});

test("decide() takes projects of which nothing is pinned as the rule says", () => {
  const of = (demand: string, attestations: readonly CaseAttestation[]) =>
    brief(continued(demand, attestations, "", "other"));
  assert.equal(of("", ["none"]), "allow");
  assert.equal(of(', on-new = "warn"', ["none"]), "allow provenance-new");
  assert.equal(of(', on-new = "deny"', [{ publish: alice }]), "deny provenance-new");
  // What could not be seen is not pinned as nothing.
  assert.equal(of("", ["unavailable"]), "undecided evidence-unavailable");
});

test("decide() leaves open what pins that were not read would say", () => {
  const policy = '[default]\ncontinuity = { pins = "p.json" }';
  const verdict = judge(policy, { attestations: [{ publish: alice }] });
  assert.equal(brief(verdict), "undecided evidence-unavailable");
  assert.match(verdict.findings[0]?.message ?? "", /the pins "p\.json" were not read$/);
});

test("decide() names both signers where they differ from the pins", () => {
  assert.equal(
    continued("", [{ publish: stranger }]).findings[0]?.message,
    'Cannot admit "demo-1.0-py3-none-any.whl": changed-provenance: release 0.9 is by github acme/alice release.yml, this file is by github mallory/alice release.yml',
  );
  assert.equal(
    continued("", ["none"]).findings[0]?.message,
    'Cannot admit "demo-1.0-py3-none-any.whl": lost-provenance: release 0.9 is by github acme/alice release.yml, this file has no attestation',
  );
});

test("decide() waives continuity by an exception", () => {
  const exception = (keys: string) =>
    `[[exception]]\nid = "EX-1"\nmatch = { name = "demo" }\nwaive = ["${keys}"]\nreason = "moved"\nowner = "a"\nexpires = 2027-01-01\n`;
  assert.equal(brief(continued("", [{ publish: stranger }], exception("continuity"))), "allow provenance-changed");
  assert.equal(brief(continued("", [{ publish: stranger }], exception("publish"))), "deny provenance-changed");
  assert.equal(brief(continued("", ["unavailable"], exception("continuity"))), "undecided evidence-unavailable");
});

test("pinFor() pins what is new and what is as before, where the rule asks for it", () => {
  const of = (demand: string, by: Publisher | undefined, project = "demo", mode = "enforce") => {
    const policy = parsePolicy(`version = 1\n[default]\nmode = "${mode}"\n${demand}`, "policy.toml");
    const pinned = {
      project: normalizeProjectName(project),
      version: "0.9",
      filename: "d.whl",
      signers: ["github acme/alice release.yml"],
    };
    const given = { artifact: wheel, attestations: by === undefined ? (["none"] as const) : [{ publish: by }] };
    const pins = new Map([["p.json", withPins(new Map(), [pinned])]]);
    return pinFor(policy.default, { ...policy, pins }, subjectOf(given), evidenceOf(given))?.signers;
  };
  const continuity = (more = "") => `continuity = { pins = "p.json", on-change = "warn", on-loss = "warn"${more} }`;
  assert.deepEqual(of(continuity(), alice), ["github acme/alice release.yml"]);
  assert.deepEqual(of(continuity(), bob, "other"), ["gitlab bobs/demo .gitlab-ci.yml"]);
  assert.deepEqual(of(continuity(), undefined, "other"), []);
  // What a person has to look at is not pinned in passing.
  assert.equal(of(continuity(), bob), undefined);
  assert.equal(of(continuity(), undefined), undefined);
  assert.equal(of(continuity(', on-new = "warn"'), bob, "other"), undefined);
  assert.equal(of("", alice), undefined);
  assert.equal(of(continuity(), alice, "demo", "off"), undefined);
});

test("observedPin() pins nobody only where it is certain that nobody signed", () => {
  const of = (...attestations: readonly CaseAttestation[]) => {
    const given = { artifact: wheel, attestations };
    return observedPin(subjectOf(given), evidenceOf(given))?.signers;
  };
  assert.deepEqual(of("none", "unknown"), []);
  assert.deepEqual(of({ slsa: bob }, { publish: alice }, "none"), [
    "github acme/alice release.yml",
    "gitlab bobs/demo .gitlab-ci.yml",
  ]);
  assert.equal(of("unavailable"), undefined);
  assert.equal(of({ publish: alice }, "unavailable"), undefined);
  assert.equal(of({ publish: alice }, "invalid"), undefined);
  assert.equal(of(), undefined);
});
