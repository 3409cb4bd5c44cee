import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alice,
  brief,
  briefly,
  excepted,
  judge,
  now,
  type Situation,
  sdist,
  stranger,
  wheel,
} from "../testing/policy-judging.ts";
import type { Evidence } from "../verdict/evidence.ts";
import { evidenceOf, subjectOf } from "./cases/case-evidence.ts";
import type { CaseAttestation, PolicyCase } from "./cases/policy-case.ts";
import { decide } from "./decide.ts";
import { defaultPolicy } from "./default-policy.ts";
import { parsePolicy } from "./parse.ts";
import type { Origin } from "./policy.ts";

/** What a rule makes of a file itself: its digests, its age, where it comes from, and how its index marks it. */

test("decide() holds what was promised of the bytes against them, under every mode", () => {
  for (const mode of ["enforce", "warn", "off"]) {
    const rule = `[default]\nmode = "${mode}"\nhashes = "any"`;
    assert.equal(briefly(rule, { hash: "mismatch" }), "deny hash-mismatch");
    assert.equal(briefly(rule, { record: "mismatch" }), "deny record-mismatch");
    assert.equal(briefly(rule, { record: "unavailable" }), "undecided evidence-unavailable");
  }
});

test("decide() asks for a hash as the rule says", () => {
  const of = (demand: string, hash: NonNullable<PolicyCase["hash"]>, artifact = wheel) =>
    briefly(`[default]\nhashes = "${demand}"`, { hash, artifact });
  assert.equal(of("index", "index"), "allow");
  assert.equal(of("index", "user"), "allow");
  assert.equal(of("index", "nobody"), "deny index-hash-absent");
  assert.equal(of("require", "index"), "deny hash-required");
  assert.equal(of("require", "user"), "allow");
  assert.equal(of("any", "nobody"), "allow");
});

test("decide() says once that the index broke its promise, and keeps notices as they are meant", () => {
  const given = { artifact: wheel, attestations: ["none"] as const };
  const policy = parsePolicy("version = 1\n", "policy.toml");
  const of = (seen: Evidence) => {
    const evidence = evidenceOf(given).map((each) => (each.kind === seen.kind ? seen : each));
    const { decision, findings } = decide(policy, subjectOf(given), evidence, now);
    return [decision, ...findings.map(({ severity, id }) => `${severity} ${id}`)];
  };
  const problems = [{ id: "index-hash-mismatch", message: "Not the bytes that the index promised" } as const];
  assert.deepEqual(of({ kind: "index-digest", outcome: "invalid", problems }), ["deny", "error index-hash-mismatch"]);
  const notices = [
    { id: "wheel-version-newer", severity: "warning", message: "WHEEL is of version 1.1" },
    { id: "wheel-startup-code", severity: "note", message: "It has a .pth file" },
  ] as const;
  assert.deepEqual(of({ kind: "archive", outcome: "verified", notices }), [
    "allow",
    "warning wheel-version-newer",
    "note wheel-startup-code",
  ]);
});

test("decide() leaves open what digests that were not compared would say", () => {
  const given = { artifact: wheel, attestations: ["none"] as const };
  for (const [demand, missing] of [
    ["index", "index-digest"],
    ["require", "user-hash"],
  ] as const) {
    const policy = parsePolicy(`version = 1\n[default]\nhashes = "${demand}"`, "policy.toml");
    const evidence = evidenceOf({ ...given, hash: "nobody" }).filter(({ kind }) => kind !== missing);
    assert.equal(brief(decide(policy, subjectOf(given), evidence, now)), "undecided evidence-unavailable");
  }
});

test("decide() asks nobody for a hash where the user named the file", () => {
  const of = (origin: Origin) => briefly("", { artifact: { ...wheel, origin }, hash: "nobody" });
  assert.equal(of("local"), "allow");
  assert.equal(of("url"), "allow");
  assert.equal(of("links"), "deny index-hash-absent");
  assert.equal(of("index"), "deny index-hash-absent");
});

test("decide() asks for files of an age", () => {
  const of = (minAge: string, artifact: Partial<PolicyCase["artifact"]>, rest: Situation = {}) =>
    briefly(`[default]\nmin-age = "${minAge}"`, { artifact: { ...wheel, ...artifact }, ...rest });
  assert.equal(of("P3D", { uploadTime: "2026-11-18T12:00:00Z" }), "allow");
  assert.equal(of("P3D", { uploadTime: "2026-11-18T12:00:00.001Z" }), "deny too-new");
  assert.equal(of("P3D", { uploadTime: "2030-01-01T00:00:00Z" }), "deny too-new");
  assert.equal(of("P0D", {}), "allow");
  assert.equal(of("P3D", {}), "deny upload-time-absent");
  assert.equal(of("P3D", { origin: "links" }), "deny upload-time-absent");
  assert.equal(of("P3D", { origin: "url" }), "deny upload-time-absent");
  assert.equal(of("P3D", { origin: "local" }), "allow");
  // The time of an attestation is asked for only where the policy says so.
  assert.equal(of("P3D", {}, { attestations: [{ publish: alice }] }), "deny upload-time-absent");
});

test("decide() takes missing upload times as the rule says", () => {
  const of = (missing: string, attestations: readonly CaseAttestation[], minAge = "P10D") =>
    briefly(`[default]\nattestation = "ignore"\nmin-age = "${minAge}"\nmissing-time = "${missing}"`, { attestations });
  assert.equal(of("ignore", ["unavailable"]), "allow");
  // The cases' attestations are 20.5 days old.
  assert.equal(of("log", [{ publish: alice }]), "allow");
  assert.equal(of("log", [{ slsa: stranger }, "unavailable"]), "allow");
  // Whoever attests the same file again does not make it younger.
  assert.equal(of("log", [{ publish: alice }, { publish: alice, signedAt: "2026-11-20T00:00:00Z" }]), "allow");
  assert.equal(of("log", [{ publish: alice }], "P21D"), "deny too-new");
  assert.equal(of("log", [{ publish: alice }, "unavailable"], "P21D"), "undecided evidence-unavailable");
  assert.equal(of("log", ["none"]), "deny upload-time-absent");
  assert.equal(of("log", ["unavailable"]), "undecided evidence-unavailable");
  assert.equal(of("log", ["invalid"]), "deny upload-time-absent attestation-invalid");
});

test("decide() says when a file is old enough", () => {
  const messages = (
    text: string,
    artifact: Partial<PolicyCase["artifact"]>,
    attestations: CaseAttestation[] = ["none"],
  ) => judge(text, { artifact: { ...wheel, ...artifact }, attestations }).findings.map(({ message }) => message);
  assert.deepEqual(messages('[default]\nmin-age = "P3D"', { uploadTime: "2026-11-20T00:00:00Z" }), [
    'Cannot admit "demo-1.0-py3-none-any.whl": policy rule "default" asks for files uploaded P3D ago or earlier, it was uploaded 2026-11-20T00:00:00.000Z: good from 2026-11-23T00:00:00.000Z on',
  ]);
  assert.deepEqual(messages('[default]\nmin-age = "P3W"\nmissing-time = "log"', {}, [{ publish: alice }]), [
    'Cannot admit "demo-1.0-py3-none-any.whl": policy rule "default" asks for files uploaded P3W ago or earlier, it was signed 2026-11-01T00:00:00.000Z: good from 2026-11-22T00:00:00.000Z on',
  ]);
});

test("decide() takes source distributions as the rule says", () => {
  const of = (demand: string, attestations: readonly CaseAttestation[]) =>
    briefly(`[default]\nattestation = "ignore"\nsdist = "${demand}"`, { artifact: sdist, attestations });
  assert.equal(of("deny", [{ publish: alice }]), "deny sdist-refused");
  assert.equal(of("require-attestation", [{ publish: alice }]), "allow");
  assert.equal(of("require-attestation", ["unknown"]), "deny attestation-absent");
  assert.equal(of("allow", ["none"]), "allow");
});

test("decide() refuses or warns of yanked files as floor and rule say, the stricter one winning", () => {
  const of = (floor: string, rule: string, mode = "enforce") =>
    briefly(`[floor]\nstatus.yanked = "${floor}"\n[default]\nstatus.yanked = "${rule}"\nmode = "${mode}"`, {
      artifact: { ...wheel, yanked: "broken" },
    });
  assert.equal(of("allow", "allow"), "allow");
  assert.equal(of("allow", "warn"), "allow yanked");
  assert.equal(of("warn", "deny"), "deny yanked");
  assert.equal(of("deny", "allow"), "deny yanked");
  assert.equal(of("deny", "allow", "off"), "deny yanked");
  assert.equal(of("warn", "warn"), "allow yanked");
  const denied = judge('[floor]\nstatus.yanked = "deny"\n[default]\nstatus.yanked = "warn"', {
    artifact: { ...wheel, yanked: "broken" },
  });
  assert.deepEqual(
    denied.findings.map(({ severity }) => severity),
    ["error"],
  );
});

for (const word of ["archived", "deprecated"] as const) {
  test(`decide() refuses or warns of files of ${word} projects as floor and rule say, the stricter one winning`, () => {
    const of = (floor: string, rule: string, mode = "enforce") =>
      briefly(`[floor]\nstatus.${word} = "${floor}"\n[default]\nstatus.${word} = "${rule}"\nmode = "${mode}"`, {
        artifact: { ...wheel, projectStatus: word },
      });
    assert.equal(of("allow", "allow"), "allow");
    assert.equal(of("allow", "warn"), `allow project-${word}`);
    assert.equal(of("warn", "deny"), `deny project-${word}`);
    assert.equal(of("deny", "allow", "off"), `deny project-${word}`);
    assert.equal(briefly("", { artifact: { ...wheel, projectStatus: word } }), `allow project-${word}`, "by default");
    const other = word === "archived" ? "deprecated" : "archived";
    assert.equal(
      briefly(`[default]\nstatus.${word} = "deny"\nstatus.${other} = "allow"`, {
        artifact: { ...wheel, projectStatus: other },
      }),
      "allow",
    );
  });
}

test("decide() refuses what is quarantined under every mode, whatever is waived", () => {
  const quarantined = { artifact: { ...wheel, projectStatus: "quarantined" } } as const;
  for (const mode of ["enforce", "warn", "off"])
    assert.equal(briefly(`[default]\nmode = "${mode}"`, quarantined), "deny project-quarantined");
  assert.equal(brief(excepted("status", "", quarantined)), "deny project-quarantined");
  const subject = { ...subjectOf(quarantined), projectStatus: { status: "quarantined", reason: "malware" } };
  const [finding] = decide(defaultPolicy(), subject, [], now).findings;
  assert.equal(
    finding?.message,
    `Cannot admit "${wheel.filename}": the index has quarantined "demo": malware`,
    "known before the download",
  );
  const later = { ...subject, projectStatus: { status: "a later word" } };
  assert.equal(
    brief(decide(defaultPolicy(), later, evidenceOf({ ...quarantined, attestations: ["none"] }), now)),
    "allow",
  );
});

test("decide() takes files only from the sources of the rule, and knows it before the download", () => {
  const policy = (sources: string) =>
    parsePolicy(`version = 1\n[default]\nhashes = "any"\nsources = [${sources}]`, "p");
  const of = (sources: string, artifact: Situation["artifact"]) => {
    const given = { artifact: { ...wheel, ...artifact }, attestations: ["none"] as const };
    return brief(decide(policy(sources), subjectOf(given), evidenceOf(given), now));
  };
  const [home, pypi] = ['"https://INDEX.acme.example/simple"', '"https://pypi.org/simple/"'];
  const fromHome = { filename: wheel.filename, index: "https://user@index.acme.example/simple/" };
  assert.equal(of(home, fromHome), "allow");
  assert.equal(of(pypi, fromHome), "deny source-refused");
  assert.equal(of(`${pypi}, ${home}`, fromHome), "allow");
  assert.equal(of(home, { filename: wheel.filename }), "deny source-refused", "PyPI's");
  for (const origin of ["local", "links", "url"] as const) {
    assert.equal(of(home, { filename: wheel.filename, origin }), "deny source-refused", origin);
    assert.equal(
      of('"local"', { filename: wheel.filename, origin }),
      origin === "local" ? "allow" : "deny source-refused",
    );
  }
  const subject = subjectOf({ artifact: wheel });
  const early = decide(policy(home), subject, [], now);
  assert.equal(
    early.findings[0]?.message,
    `Cannot admit "${wheel.filename}": policy rule "default" takes it from https://index.acme.example/simple/, it is from https://pypi.org/simple/`,
  );
});
