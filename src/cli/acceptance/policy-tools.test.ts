import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { digestOf } from "../../distribution/digest.ts";
import { temporaryFolder } from "../../testing/tree.ts";
import { typeCommand } from "../../testing/type-command.ts";

/** `policy explain`, `test` and `schema`: what a policy says, asked without an index and without an artifact. */

const now = new Date("2026-11-21T12:00:00Z");
const repository = new URL("../../../", import.meta.url);

function scene(files: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), content);
  }
  const tspip = (...argv: string[]) => typeCommand(folder.path, argv, { now: () => now });
  return { tspip, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

const policy = `version = 1

[signers.acme]
kind = "github"
repository = "acme/tool"
workflow = "release.yml"

[signers.alice]
kind = "key"
key = "ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8"

[floor]
deny = [{ name = "tool", version = "==1.82.7" }]

[[rule]]
match = { name = "tool", version = ">=2" }
attestation = "require"
publish = { signer = "acme" }

[[rule]]
match = { name = "to*" }
vouch = { any = ["acme", "alice"], threshold = 2 }

[[exception]]
id = "EX-1"
match = { name = "tool" }
waive = ["attestation"]
reason = "moving house"
owner = "security@example.org"
expires = 2026-12-31
`;

test("policy explain NAME: which rules may apply, what they ask for and what would satisfy them", async () => {
  using at = scene({ "policy.toml": policy });
  const { exitCode, stdout } = await at.tspip("policy", "explain", "Tool", "--policy", "policy.toml");
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    `A wheel of tool, under policy "policy.toml"

Rules, the first that fits applies
  rule 1 (policy.toml:15) may fit: it is for version = ">=2"
  rule 2 (policy.toml:20) applies otherwise: it is for name = "to*"

The floor, whatever the rule; what is not met is refused
  - it is not on the deny list
      denied: version ==1.82.7
  - its index has not quarantined the project
  - its bytes have every hash that the index promised or you pinned
  - its archive has exactly one reading, and the wheel is what its name says
  - each of its files matches RECORD
  - no inspector refuses it or fails

Rule 1, where it applies; what is not met is refused
  - it is not yanked, archived or deprecated (otherwise there is only a warning)
  - the index or you named a secure hash beforehand
      a sha256, sha384 or sha512 in the index's listing, in --hash or in a lock file
  - no attestation of it fails to verify
  - it has a publish attestation by signer "acme"
      attestation by "acme": github, repository "acme/tool", workflow "release.yml"

Rule 2; what is not met is refused
  - it is not yanked, archived or deprecated (otherwise there is only a warning)
  - the index or you named a secure hash beforehand
      a sha256, sha384 or sha512 in the index's listing, in --hash or in a lock file
  - no attestation of it fails to verify
  - an attestation that it has may be by anyone, and it need not have one
  - it has a signature or an attestation by 2 of "vouch", each of another identity
      "acme": github, repository "acme/tool", workflow "release.yml"
      "alice": key ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8

Exceptions
  - EX-1 waives attestation: until 2026-12-31 (moving house; security@example.org)

hint: Give ==VERSION, --index or --relation to see which rule applies
`,
  );
});

test("policy explain NAME==VERSION: one rule, and the deny list where it is about this version", async () => {
  using at = scene({ "policy.toml": policy, "tspip.toml": 'policy = "policy.toml"\n' });
  const denied = await at.tspip("policy", "explain", "tool==1.82.7");
  assert.match(denied.stdout, /^ {2}rule 1 \(policy.toml:15\) does not fit: it is for version = ">=2"$/m);
  assert.match(denied.stdout, /^ {2}rule 2 \(policy.toml:20\) applies: it is for name = "to\*"$/m);
  assert.match(denied.stdout, /denied: version ==1\.82\.7, which is this one/);

  const other = await at.tspip("policy", "explain", "numpy", "--kind", "sdist");
  assert.match(
    other.stdout,
    /rule 2 \(policy.toml:20\) does not fit: it is for name = "to\*"\n {2}\[default\] applies/,
  );
  assert.match(other.stdout, /it is no source distribution\n {6}a wheel of the release/);
});

test("policy explain --format json says the same", async () => {
  using at = scene({ "policy.toml": policy });
  const words = ["policy", "explain", "tool==2.0", "--policy", "policy.toml", "--format", "json"];
  const document = JSON.parse((await at.tspip(...words)).stdout) as Record<string, unknown>;
  assert.equal(document.schema, "tspip-policy-explanation/1");
  assert.deepEqual(document.policy, { source: "policy.toml", sha256: digestOf(Buffer.from(policy)) });
  assert.deepEqual(document.subject, { name: "tool", version: "2.0", kind: "wheel" });
  const [rule] = document.rules as { name: string; place: object; conditions: readonly object[] }[];
  assert.equal(rule?.name, "rule 1");
  assert.deepEqual(rule?.place, { file: "policy.toml", line: 15 });
  assert.deepEqual(rule?.conditions.at(-1), {
    asks: 'it has a publish attestation by signer "acme"',
    satisfied_by: ['attestation by "acme": github, repository "acme/tool", workflow "release.yml"'],
  });
  assert.equal(document.unreached_rules, 1);
});

test("policy explain: a rule of an included file is shown where it stands", async () => {
  const base = 'version = 1\n\n[[rule]]\nmatch = { name = "tool" }\nmode = "warn"\nenforce-after = 2027-01-01\n';
  const including = `version = 1\ninclude = [{ file = "../base.toml", sha256 = "${digestOf(Buffer.from(base))}" }]\n`;
  using at = scene({ "base.toml": base, "team/policy.toml": including });
  const { stdout, stderr } = await at.tspip("policy", "explain", "tool", "--policy", "team/policy.toml");
  assert.match(stdout, /rule 1 \(base.toml:3\) applies/, stderr);
  assert.match(stdout, /what is not met is a warning, and from 2027-01-01 on refused/);
});

test("policy explain refuses what names no project, and hostile words reach no terminal", async () => {
  using at = scene({});
  for (const word of ["tool>=1", " ", "tool==", "a b", "tool==x.y", "\u001b[31mtool"]) {
    const { exitCode, stderr } = await at.tspip("policy", "explain", word);
    assert.equal(exitCode, 2, word);
    assert.ok(!stderr.includes("\u001b"));
    assert.match(stderr, /is neither NAME nor NAME==VERSION/);
  }
  assert.equal((await at.tspip("policy", "explain", "tool", "--index", "pypi")).exitCode, 2);
});

const cases = [
  {
    title: "Its own workflow",
    artifact: { filename: "tool-2.0-py3-none-any.whl" },
    attestations: [{ publish: { kind: "github", repository: "acme/tool", workflow: "release.yml" } }],
    expect: { decision: "allow", rule: "rule 1", findings: [] },
  },
  {
    title: "A stranger",
    artifact: { filename: "tool-2.0-py3-none-any.whl" },
    attestations: [{ publish: { kind: "github", repository: "mallory/tool", workflow: "release.yml" } }],
    expect: { decision: "deny" },
  },
];

test("policy test: exit code 0 when every case comes out as it expects", async () => {
  using at = scene({ "policy.toml": policy, "cases.json": JSON.stringify(cases) });
  const { exitCode, stdout, stderr } = await at.tspip("policy", "test", "policy.toml");
  assert.equal(exitCode, 0);
  assert.equal(stdout, "policy.toml: ok 2 cases\n");
  assert.match(stderr, /note: no case is about rule 2\nnote: no case is about \[default\]/);
  assert.match((await at.tspip("policy", "test", "policy.toml", "-v")).stdout, /ok Its own workflow\nok A stranger\n/);
});

test("policy test: exit code 1 and the differences when one does not", async () => {
  const [first, second] = cases;
  const wrong = [first, { ...second, expect: { decision: "allow", rule: "rule 2", findings: [] } }];
  using at = scene({ "policy.toml": policy, "other.json": JSON.stringify(wrong) });
  const { exitCode, stdout } = await at.tspip("policy", "test", "policy.toml", "--cases", "other.json", "-q");
  assert.equal(exitCode, 1);
  assert.match(
    stdout,
    /^failed A stranger\n {3}decision: expected allow, is deny\n {3}rule: expected rule 2, is rule 1/,
  );
  assert.match(stdout, /findings: expected none, is signer-mismatch\n {3}error\[signer-mismatch\] Cannot admit/);
  assert.match(stdout, /policy.toml: failed 1 of 2 cases\n$/);
});

test("policy test: a mistake in the cases or the policy, or no cases, is a wrong request", async () => {
  using at = scene({ "policy.toml": policy, "cases.json": '[{ "titel": "x" }]', "bad/policy.toml": "version = 2\n" });
  const mistaken = await at.tspip("policy", "test", "policy.toml", "bad/policy.toml");
  assert.equal(mistaken.exitCode, 2);
  assert.match(mistaken.stderr, /cases.json:1:4: unknown key "titel" in \[\[case\]\]; did you mean "title"\?/);
  assert.match(mistaken.stderr, /Cannot use policy "bad\/policy.toml"/, "and the next file is tried");
  assert.match((await at.tspip("policy", "test")).stderr, /lies in no folder that could hold cases/);
  assert.equal((await at.tspip("policy", "test", "policy.toml", "--cases", "none.json")).exitCode, 2);
});

test("policy test passes over every ready-made policy", async () => {
  const names = [
    "observe-only",
    "pypi-attested",
    "pinned-publishers",
    "two-signers",
    "private-index",
    "air-gapped",
    "pip-bootstrap",
  ];
  using at = scene({});
  const files = names.map((name) => new URL(`policies/${name}/policy.toml`, repository).pathname);
  const { exitCode, stdout, stderr } = await at.tspip("policy", "test", ...files);
  assert.equal(exitCode, 0, stdout + stderr);
});

test("policy schema prints docs/policy.schema.json", async () => {
  using at = scene({});
  const { exitCode, stdout } = await at.tspip("policy", "schema");
  assert.equal(exitCode, 0);
  assert.deepEqual(
    JSON.parse(stdout),
    JSON.parse(readFileSync(new URL("docs/policy.schema.json", repository), "utf8")),
  );
});
