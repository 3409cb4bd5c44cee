import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../../testing/fast-check.ts";
import { assertGolden } from "../../testing/golden.ts";
import type { Publisher } from "../../trust/publisher.ts";
import type { Evidence } from "../../verdict/evidence.ts";
import { evidenceOf, signerFor, subjectOf } from "../cases/case-evidence.ts";
import type { CaseAttestation } from "../cases/policy-case.ts";
import { predicateTypes } from "../condition.ts";
import { decide } from "../decide.ts";
import { parsePolicy } from "../parse.ts";
import { fitPolicy, type ObservedFile } from "./fit-policy.ts";
import { formatPolicy } from "./format-policy.ts";

const now = new Date("2026-11-21");
const github = (repository: string, workflow = "release.yml"): Publisher => ({ kind: "github", repository, workflow });
const publishers: readonly Publisher[] = [
  github("acme/alpha"),
  github("acme/beta"),
  github("acme/beta", "other.yml"),
  github("Acme/Beta"),
  { kind: "gitlab", repository: "acme/group/beta", workflow: ".gitlab-ci.yml", repositoryId: "7" },
  { kind: "google", email: "release@acme.example" },
  { kind: "email", email: "alice@acme.example", issuer: "https://issuer.example" },
  { kind: "activestate", organization: "acme", project: "beta" },
  {
    kind: "circleci",
    projectId: "00000000-0000-4000-8000-000000000000",
    pipelineDefinitionId: "00000000-0000-4000-8000-000000000001",
  },
];

interface Seen {
  readonly filename: string;
  readonly attestations: readonly CaseAttestation[];
  readonly attestedBefore?: string;
  readonly hash?: "index" | "user";
}

function observe(seen: Seen): ObservedFile {
  const { attestations, hash, ...artifact } = seen;
  return { subject: subjectOf({ artifact }), evidence: evidenceOf({ artifact, attestations, ...(hash && { hash }) }) };
}

function textFor(seen: readonly Seen[]): string {
  return formatPolicy(fitPolicy(seen.map(observe)), ["Made by a test"]);
}

function verdictOn(text: string, seen: Seen) {
  const { subject, evidence } = observe(seen);
  const { attestations: _, ...artifact } = seen;
  return decide(parsePolicy(text, "fitted.toml"), { ...subjectOf({ artifact }), ...subject }, evidence, now);
}

const attestation = fc.oneof(
  fc.record({ publish: fc.constantFrom(...publishers) }),
  fc.record({ slsa: fc.constantFrom(...publishers) }),
);
const seen = fc
  .record({
    project: fc.constantFrom("alpha", "beta", "gamma", "zope_interface"),
    version: fc.constantFrom("1.0", "1.1", "2.0rc1"),
    ending: fc.constantFrom("-py3-none-any.whl", "-cp312-cp312-linux_x86_64.whl", ".tar.gz"),
    attestations: fc.oneof(
      fc.constantFrom<CaseAttestation[]>(["none"], ["unknown"], ["refused"], ["empty"]),
      fc.array(attestation, { minLength: 1, maxLength: 3 }),
    ),
    attestedBefore: fc.constantFrom(undefined, "0.9"),
    hash: fc.constantFrom("index" as const, "user" as const),
  })
  .map(({ project, version, ending, attestedBefore, ...rest }): Seen => {
    const filename = `${project}-${version}${ending}`;
    return { filename, ...rest, ...(attestedBefore && { attestedBefore }) };
  });

test("a fitted policy admits what it was fitted to, and is the same in whatever order that is seen", () => {
  fc.assert(
    fc.property(fc.uniqueArray(seen, { maxLength: 8, selector: ({ filename }) => filename }), (files) => {
      const text = textFor(files);
      assert.equal(textFor(files.toReversed()), text);
      for (const file of files) {
        const { decision, findings } = verdictOn(text, file);
        assert.equal(decision, "allow", `${file.filename}: ${JSON.stringify(findings)}\n${text}`);
      }
    }),
  );
});

const wheel = "alpha-1.0-py3-none-any.whl";

test("a fitted policy takes what is attested from nobody else, nor without attestation", () => {
  const text = textFor([{ filename: wheel, attestations: [{ publish: github("acme/alpha") }] }]);
  const findings = (attestations: CaseAttestation[]) =>
    verdictOn(text, { filename: wheel, attestations }).findings.map(({ id }) => id);
  assert.deepEqual(findings([{ publish: github("acme/alpha") }]), []);
  assert.deepEqual(findings([{ publish: github("mallory/alpha") }]), ["signer-mismatch"]);
  assert.deepEqual(findings([{ publish: github("acme/alpha", "other.yml") }]), ["signer-mismatch"]);
  assert.deepEqual(findings(["none"]), ["attestation-absent"]);
});

test("a fitted policy reads as testdata/policies/fitted/policy.toml", () => {
  const by = (repository: string, repositoryId: string) =>
    ({ publish: { kind: "github", repository, workflow: "release.yml", repositoryId } }) as const;
  const text = textFor([
    { filename: "alpha-1.0-py3-none-any.whl", attestations: [by("acme/alpha", "1")], hash: "user" },
    { filename: "beta-1.1-py3-none-any.whl", attestations: [by("acme/beta", "2")], hash: "user" },
    { filename: "beta-1.0-py3-none-any.whl", attestations: [by("old/beta", "3")], hash: "user" },
    { filename: "core-2.0-py3-none-any.whl", attestations: [by("acme/mono", "4")], hash: "user" },
    { filename: "core_cli-2.0-py3-none-any.whl", attestations: [by("acme/mono", "4")], hash: "user" },
    { filename: "half-1.0-py3-none-any.whl", attestations: [{ slsa: github("acme/half") }], hash: "user" },
    { filename: "half-1.0-cp312-cp312-linux_x86_64.whl", attestations: ["none"], hash: "user" },
    { filename: "lost-2.0-py3-none-any.whl", attestations: ["none"], attestedBefore: "1.0", hash: "user" },
    { filename: "six-1.0-py3-none-any.whl", attestations: ["none"], hash: "user" },
    { filename: "src-1.0.tar.gz", attestations: ["none"], hash: "user" },
  ]);
  assertGolden(text, new URL("../../../testdata/policies/fitted/policy.toml", import.meta.url));
});

test("whoever attested every file is the signer; where nobody did, one of several is enough", () => {
  const [a, b, c] = [github("acme/a"), github("acme/b"), github("acme/c")];
  const common = textFor([
    { filename: wheel, attestations: [{ publish: a }, { publish: b }] },
    { filename: "alpha-1.1-py3-none-any.whl", attestations: [{ publish: b }, { publish: c }] },
  ]);
  assert.match(common, /^publish = \{ signer = "alpha" \}$/m);
  assert.match(common, /\[signers\.alpha\]\nkind = "github"\nrepository = "acme\/b"/);
  const several = textFor([
    { filename: wheel, attestations: [{ publish: a }] },
    { filename: "alpha-1.1-py3-none-any.whl", attestations: [{ publish: b }] },
  ]);
  assert.match(several, /\[groups\.alpha-publish\]\nof = \["acme-a-release", "acme-b-release"\]\nthreshold = 1/);
  assert.match(several, /^publish = \{ group = "alpha-publish" \}$/m);
});

test("one signer of several projects is written down once", () => {
  const text = textFor(
    ["alpha", "beta"].map((name) => ({
      filename: `${name}-1.0-py3-none-any.whl`,
      attestations: [{ publish: github("acme/mono.repo") }],
    })),
  );
  assert.match(text, /^# Of alpha, beta\.\n\[signers\.acme-mono-repo-release\]$/m);
  assert.equal(text.match(/^\[signers\./gm)?.length, 1);
});

test("what was lost, and what comes as a source distribution, is said", () => {
  const lost = textFor([{ filename: wheel, attestations: ["none"], attestedBefore: "0.9" }]);
  assert.match(lost, /^# Release 0\.9 is attested, and this one is not: find out why\.$/m);
  const source = textFor([{ filename: "alpha-1.0.tar.gz", attestations: ["none"] }]);
  assert.match(source, /^# It comes as a source distribution: building that runs its code\.\n\[\[rule\]\]/m);
  assert.match(source, /^sdist = "allow"$/m);
});

test("what stands in a certificate ends no string and no comment, and becomes no pattern", () => {
  const hostile = ['a"b', "a\nb", "a*", "https://github.com/x/y/.github/workflows/z.yml@refs/heads/main", "a\u007fb"];
  for (const workflow of hostile) {
    const signer = signerFor(github("acme/alpha"));
    const claims = {
      ...signer.claims,
      buildConfigUri: `https://github.com/acme/alpha/.github/workflows/${workflow}@${signer.claims.sourceRepositoryRef}`,
    };
    const verified: Evidence = {
      kind: "attestation",
      outcome: "verified",
      predicateType: predicateTypes.publish,
      signer: { ...signer, claims },
      signedAt: now,
      source: "a test",
    };
    const artifact = { filename: wheel };
    const evidence = evidenceOf({ artifact, attestations: ["none"] }).filter(({ kind }) => kind !== "attestation");
    const file = { subject: subjectOf({ artifact }), evidence: [...evidence, verified] };
    const text = formatPolicy(fitPolicy([file]), []);
    const policy = parsePolicy(text, "fitted.toml");
    assert.equal(decide(policy, subjectOf({ artifact }), file.evidence, now).decision, "allow", text);
    assert.doesNotMatch(text, /^workflow = ".*\*/m);
    assert.match(text, /^repository = "acme\/alpha"$/m);
  }
});
