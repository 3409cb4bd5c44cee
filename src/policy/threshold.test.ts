import assert from "node:assert/strict";
import { test } from "node:test";
import type { Publisher } from "../trust/publisher.ts";
import { signerFor } from "./cases/case-evidence.ts";
import { type DistinctBy, distinctBys, type KeyReference, type PolicySigner } from "./policy.ts";
import type { Voucher } from "./principal.ts";
import { countSigned } from "./threshold.ts";

const gitHub = (repository: string, workflow?: string): Publisher => ({
  kind: "github",
  repository,
  ...(workflow !== undefined && { workflow }),
});

function count(
  members: readonly Publisher[],
  signed: readonly Publisher[],
  distinctBy: DistinctBy = "identity",
): number {
  const named = members.map((publisher, at) => ({ kind: "publisher", name: `signer-${at}`, publisher }) as const);
  const vouchers = signed.map((publisher) => ({ kind: "certificate", signer: signerFor(publisher) }) as const);
  return countSigned({ name: "group", members: named, threshold: 1, distinctBy }, vouchers);
}

test("countSigned() counts nobody among strangers", () => {
  assert.equal(count([gitHub("acme/a")], [gitHub("acme/b")]), 0);
  assert.equal(count([gitHub("acme/a")], []), 0);
});

test("countSigned() counts a party once, however often and at whatever ref it signed", () => {
  const at = (ref: string): Publisher => ({ kind: "github", repository: "acme/a", workflow: "release.yml", ref });
  assert.equal(
    count([gitHub("acme/a"), gitHub("acme/b")], [at("refs/tags/v1"), at("refs/tags/v2"), at("refs/tags/v1")]),
    1,
  );
});

test("countSigned() counts a member once, though two parties fit it", () => {
  const two = [gitHub("acme/a", "release.yml"), gitHub("acme/a", "build.yml")];
  assert.equal(count([gitHub("acme/a"), gitHub("acme/b")], two), 1);
});

test("countSigned() finds the pairing that counts most among overlapping members", () => {
  const any = gitHub("acme/a");
  const release = gitHub("acme/a", "release.yml");
  const build = gitHub("acme/a", "build.yml");
  assert.equal(count([any, release], [release, build]), 2);
  assert.equal(count([release, any], [release, build]), 2);
  assert.equal(count([any, release], [release]), 1);
  // Three members and three parties, of which two fit only the first member.
  assert.equal(count([any, gitHub("acme/b"), gitHub("acme/c")], [release, build, gitHub("acme/a", "test.yml")]), 1);
});

test("countSigned() counts two workflows of one repository as two identities and one owner", () => {
  const both = [gitHub("acme/a", "release.yml"), gitHub("acme/a", "build.yml")];
  assert.equal(count(both, both, "identity"), 2);
  assert.equal(count(both, both, "key"), 2);
  assert.equal(count(both, both, "owner"), 1);
});

test("countSigned() counts one owner once on two services", () => {
  const circleci: Publisher = {
    kind: "circleci",
    projectId: "fdd9283f-e619-46af-8f9c-851f7d3e8b2b",
    pipelineDefinitionId: "8e4f8ab2-8d7c-4827-9f15-de076d6d647f",
    vcsOrigin: "github.com/Acme/b",
  };
  assert.equal(count([gitHub("acme/a"), circleci], [gitHub("acme/a"), circleci], "identity"), 2);
  assert.equal(count([gitHub("acme/a"), circleci], [gitHub("acme/a"), circleci], "owner"), 1);
});

test("countSigned() counts e-mail addresses by domain as owners", () => {
  const mail = (email: string): Publisher => ({ kind: "google", email });
  const both = [mail("a@example.org"), mail("b@Example.org")];
  assert.equal(count(both, both, "identity"), 2);
  assert.equal(count(both, both, "owner"), 1);
});

test("countSigned() counts a key once, under whichever names the policy and the keyring have for it", () => {
  const [one, two] = ["ed25519:one", "ed25519:two"] as const;
  const member = (name: string, key: KeyReference) => ({ kind: "key", name, key }) as const;
  const members = [
    member("alice", { kind: "public-key", id: one }),
    member("alice-again", { kind: "keyring", id: "alice-2026" }),
    member("bob", { kind: "keyring", id: "bob-2026" }),
  ];
  const count = (...vouchers: Voucher[]) =>
    distinctBys.map((distinctBy) => countSigned({ name: "group", members, threshold: 1, distinctBy }, vouchers));
  assert.deepEqual(count({ kind: "key", key: one, keyName: "alice-2026" }, { kind: "key", key: one }), [1, 1, 1]);
  assert.deepEqual(count({ kind: "key", key: one }, { kind: "key", key: two, keyName: "bob-2026" }), [2, 2, 2]);
  assert.deepEqual(count({ kind: "key", key: two }), [0, 0, 0]);
  assert.deepEqual(count({ kind: "key", key: two, keyName: "alice" }), [0, 0, 0]);
});

test("countSigned() takes no certificate for a key, and no key for a certificate", () => {
  const publisher = gitHub("acme/a");
  const key = { kind: "public-key", id: "ed25519:one" } as const;
  const condition = (member: PolicySigner) =>
    ({ name: "group", members: [member], threshold: 1, distinctBy: "key" }) as const;
  const byKey: Voucher = { kind: "key", key: key.id, keyName: "acme/a" };
  const byCertificate: Voucher = { kind: "certificate", signer: signerFor(publisher) };
  assert.equal(countSigned(condition({ kind: "key", name: "alice", key }), [byCertificate]), 0);
  assert.equal(
    countSigned(condition({ kind: "key", name: "alice", key: { kind: "keyring", id: "a" } }), [byCertificate]),
    0,
  );
  assert.equal(countSigned(condition({ kind: "publisher", name: "alice", publisher }), [byKey]), 0);
});
