import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { PolicyFileError } from "../../errors.ts";
import { parseCases } from "./parse-cases.ts";

const docs = new URL("../../../docs/", import.meta.url);
const schema = (name: string) => JSON.parse(readFileSync(new URL(name, docs), "utf8")) as object;
const ajv = new Ajv({ allErrors: true, strictTypes: false });
addFormats.default(ajv);
ajv.addSchema(schema("policy.schema.json"), "policy.schema.json");
const validate = ajv.compile(schema("policy-cases.schema.json"));

const github = { kind: "github", repository: "acme/tool", workflow: "release.yml", ref: "refs/tags/v1" };
const good = {
  title: "A wheel",
  artifact: { filename: "demo-1.0-py3-none-any.whl" },
  attestations: ["none"],
  expect: { decision: "allow" },
};
const key = "ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8";

/** A case with `changes`; keys with the value `undefined` are left out. */
function changed(changes: object): string {
  return JSON.stringify([{ ...good, ...changes }], null, 2);
}

function artifact(fields: object): string {
  return changed({ artifact: { ...good.artifact, ...fields } });
}

const accepted: Readonly<Record<string, string>> = {
  "the least": changed({}),
  "every kind of signer": changed({
    attestations: [
      { publish: { ...github, event: "release", runner: "github-hosted", "repository-id": "1", "owner-id": "2" } },
      { slsa: { kind: "gitlab", repository: "a/b/c", environment: "pypi" }, "signed-at": "2026-05-12T06:00:00Z" },
      { publish: { kind: "google", email: "a@example.org" } },
      { publish: { kind: "email", email: "a@example.org", issuer: "https://issuer.example.org" } },
      { publish: { kind: "activestate", organization: "acme", project: "tool" } },
      {
        publish: {
          kind: "circleci",
          "project-id": "00000000-0000-4000-8000-000000000000",
          "pipeline-definition-id": "00000000-0000-4000-8000-000000000001",
        },
      },
    ],
  }),
  "what a SLSA provenance says": changed({
    attestations: [
      {
        slsa: github,
        builder: "https://github.com/x",
        "build-type": "t",
        parameters: { workflow: { ref: "refs/tags/v1" }, level: 2 },
      },
    ],
  }),
  "every word for an attestation": changed({
    attestations: ["none", "unknown", "refused", "empty", "predicate", "invalid", "unavailable"],
  }),
  signatures: changed({
    signatures: ["absent", "invalid", "unavailable", { key, "key-name": "alice", form: "embedded" }],
  }),
  summaries: changed({
    summaries: [
      "absent",
      "unavailable",
      { by: key, verifier: "https://ci.example.org/", result: "PASSED", at: "2026-11-20" },
      { by: github, verifier: "https://ci.example.org/", result: "FAILED", at: "2026-11-20T00:00:00Z" },
    ],
  }),
  "a yanked file without a reason": artifact({ yanked: "", sha256: "0".repeat(64), relation: "transitive" }),
  "an archived project": artifact({ "project-status": "archived" }),
  "a local file": artifact({ origin: "local" }),
  "an index": artifact({ origin: "index", index: "https://index.example.org/simple/" }),
  times: changed({
    artifact: { ...good.artifact, "upload-time": "2026-11-20T12:00:00.5+01:00", "attested-before": "0.9" },
    now: "2026-11-21",
  }),
  "everything expected": changed({ expect: { decision: "deny", rule: "rule 2", findings: ["signer-mismatch"] } }),
  "nothing found": changed({ hash: "user", record: "match", expect: { decision: "allow", findings: [] } }),
};

/** What is wrong, the file, what its message must hold; and why the schema cannot know, where it cannot. */
const refused: readonly (readonly [name: string, text: string, message: RegExp, beyondSchema?: string])[] = [
  ["no JSON", "[{]", /cases\.json: this is not JSON: .*offset 2/, "no JSON"],
  ["one key twice", '[{ "title": "a", "title": "b" }]', /member "title" twice/, "read by its first reading"],
  ["an object", "{}", /a file of cases is a list/],
  ["no case", "[]", /there is no case in it/],
  ["no object", '["x"]', /1:2: "case" holds a string, expected tables/],
  ["null", "[null]", /1:2: null says nothing/],
  [
    "an empty object",
    "[{}]",
    /"title" is missing.*"artifact" is missing.*"attestations" is missing.*"expect" is missing/s,
  ],
  [
    "a misspelt key",
    changed({ atestations: [] }),
    /unknown key "atestations" in \[\[case\]\]; did you mean "attestations"\?/,
  ],
  ["__proto__", `[{ "__proto__": {}, ${JSON.stringify(good).slice(1)}]`, /unknown key "__proto__"/],
  ["a number for a title", changed({ title: 1 }), /"title" is an integer, expected a string/],
  ["an empty title", changed({ title: " " }), /"title" is empty/],
  ["no file name", changed({ artifact: {} }), /"filename" is missing/],
  ["a file of another kind", artifact({ filename: "demo-1.0.exe" }), /ends neither in \.whl/],
  ["a wheel without tags", artifact({ filename: "demo-1.0.whl" }), /has 5 or 6 parts/, "names are parsed"],
  ["an artifact as text", changed({ artifact: "demo" }), /"artifact" is a string, expected a table/],
  ["no URL", artifact({ index: "example" }), /"example" is no URL/],
  ["an index of a local file", artifact({ origin: "local", index: "https://a.example/" }), /comes from no index/],
  ["an unknown origin", artifact({ origin: "pypi" }), /"origin" is "pypi", expected "index" \|/],
  ["an unknown status", artifact({ "project-status": "active" }), /"project-status" is "active", expected "archived"/],
  ["a short digest", artifact({ sha256: "00" }), /"00" is no sha256/],
  [
    "the spelling of other files",
    artifact({ uploadTime: "2026-11-20" }),
    /unknown key "uploadTime".*did you mean "upload-time"/,
  ],
  ["a time without distance", artifact({ "upload-time": "2026-11-20T12:00:00" }), /expected a date, or a time/],
  ["no such day", changed({ now: "2026-02-30" }), /"now" is "2026-02-30"/, "days are counted"],
  ["no version", artifact({ "attested-before": "new" }), /"new" is no version/, "versions are parsed"],
  ["no list of attestations", changed({ attestations: "none" }), /expected a list of strings and tables/],
  ["an empty list of attestations", changed({ attestations: [] }), /"attestations" is an empty list/],
  ["a misspelt absence", changed({ attestations: ["nome"] }), /"attestations" holds "nome".*did you mean "none"/],
  ["an attestation by a boolean", changed({ attestations: [true] }), /holds a boolean/],
  ["no predicate", changed({ attestations: [{}] }), /an attestation is \{ "publish": SIGNER \}/],
  ["two predicates", changed({ attestations: [{ publish: github, slsa: github }] }), /an attestation is/],
  [
    "a builder of a publish attestation",
    changed({ attestations: [{ publish: github, builder: "https://github.com/x" }] }),
    /"builder" is what a SLSA provenance says/,
  ],
  ["a signer without kind", changed({ attestations: [{ publish: { repository: "a/b" } }] }), /"kind" is missing/],
  [
    "a signer without repository",
    changed({ attestations: [{ publish: { kind: "github" } }] }),
    /"repository" is missing/,
  ],
  ["a key that attests", changed({ attestations: [{ publish: { kind: "key", key } }] }), /"kind" is "key"/],
  ["a glob", changed({ attestations: [{ publish: { ...github, ref: "refs/tags/*" } }] }), /a certificate has no "\*"/],
  ["a key that is none", changed({ signatures: [{ key: "ed25519:AA" }] }), /"ed25519:AA" is no public key/],
  ["a signature without key", changed({ signatures: [{}] }), /"key" is missing/],
  [
    "a summary by nobody",
    changed({ summaries: [{ verifier: "x:y", result: "PASSED", at: "2026-11-20" }] }),
    /"by" is missing/,
  ],
  [
    "a summary by what is no key",
    changed({ summaries: [{ by: "me", verifier: "x:y", result: "PASSED", at: "2026-11-20" }] }),
    /"me" is no public key/,
  ],
  [
    "a summary with another result",
    changed({ summaries: [{ by: key, verifier: "x:y", result: "passed", at: "2026-11-20" }] }),
    /"result" is "passed", expected "PASSED" \|/,
  ],
  ["a summary of no time", changed({ summaries: [{ by: key, verifier: "x:y", result: "PASSED" }] }), /"at" is missing/],
  ["an unknown hash", changed({ hash: "pinned" }), /"hash" is "pinned"/],
  ["an unknown record", changed({ record: "ok" }), /"record" is "ok"/],
  ["no decision", changed({ expect: {} }), /"decision" is missing/],
  ["the word of a report", changed({ expect: { decision: "warn" } }), /"decision" is "warn", expected "allow" \|/],
  [
    "an unknown finding",
    changed({ expect: { decision: "deny", findings: ["signer-mismatched"] } }),
    /holds "signer-mismatched", expected the id of a finding; did you mean "signer-mismatch"\?/,
    "the catalog has them",
  ],
  ["two cases of one title", JSON.stringify([good, good]), /an earlier case has this title/, "titles are compared"],
];

for (const [name, text] of Object.entries(accepted)) {
  test(`parseCases() and the schema take ${name}`, () => {
    assert.equal(parseCases(text, "cases.json").length, 1);
    assert.ok(validate(JSON.parse(text)), JSON.stringify(validate.errors, null, 2));
  });
}

for (const [name, text, message, beyondSchema] of refused) {
  const verb = beyondSchema === undefined ? "and the schema refuse" : "refuses";
  test(`parseCases() ${verb} ${name}`, () => {
    assert.throws(
      () => parseCases(text, "cases.json"),
      (error) => {
        assert.ok(error instanceof PolicyFileError);
        assert.equal(error.code, "invalid-cases");
        assert.match(error.message, /^Cannot use cases "cases.json": \d+ mistakes?\n/);
        assert.match(error.message, message);
        return true;
      },
    );
    if (beyondSchema === undefined) assert.ok(!validate(JSON.parse(text)));
    else if (beyondSchema !== "no JSON")
      assert.ok(validate(JSON.parse(text)) || name === "one key twice", beyondSchema);
  });
}

test("parseCases() tells every mistake with its place", () => {
  const text = `[
  { "title": "one", "artifact": { "filename": "demo-1.0-py3-none-any.whl", "kind": "wheel" },
    "attestations": ["none"], "expect": { "decision": "alow" } }
]`;
  assert.throws(() => parseCases(text, "cases.json"), {
    message: `Cannot use cases "cases.json": 2 mistakes
cases.json:2:76: unknown key "kind" in [case.artifact]
  2 |   { "title": "one", "artifact": { "filename": "demo-1.0-py3-none-any.whl", "kind": "wheel" },
    |                                                                            ^^^^^^
cases.json:3:55: "decision" is "alow", expected "allow" | "deny" | "undecided"; did you mean "allow"?
  3 |     "attestations": ["none"], "expect": { "decision": "alow" } }
    |                                                       ^^^^^^`,
  });
});

test("parseCases() refuses what is no UTF-8, and more than anybody reviews", () => {
  assert.throws(
    () => parseCases(Uint8Array.of(0x5b, 0xff, 0x5d), "cases.json"),
    /1:1: the line is not UTF-8, JSON files are/,
  );
  assert.throws(() => parseCases(" ".repeat(2 << 20), "cases.json"), /a file of cases has at most 1048576/);
});
