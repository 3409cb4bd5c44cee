import assert from "node:assert/strict";
import { test } from "node:test";
import { TrustError } from "../errors.ts";
import { createSigningAuthority } from "../testing/signing-authority.ts";
import { embeddedTrustedRoot } from "./embedded-trusted-root.ts";
import { isInside, parseTrustedRoot, type TrustedRoot } from "./trusted-root.ts";

const good = createSigningAuthority().trustedRootJson;

test("the embedded trusted root is that of the public instance, and of no other", () => {
  const root = parseTrustedRoot(embeddedTrustedRoot);
  const names = [...root.transparencyLogs, ...root.certificateLogs].map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => !name.includes("sigstore.dev")),
    [],
  );
  assert.doesNotMatch(embeddedTrustedRoot, /sigstage/);
  assert.equal(root.certificateAuthorities.length, 2);
  assert.equal(root.timestampAuthorities.length, 1);
  assert.match(root.sha256, /^[0-9a-f]{64}$/);
});

test("a trusted root that was verified before says the same, and imports keys when they are asked for", () => {
  const keys = ({ certificateAuthorities, timestampAuthorities, transparencyLogs, certificateLogs }: TrustedRoot) => [
    ...[...transparencyLogs, ...certificateLogs].map(({ key }) => key.spki.toString("hex")),
    ...[...certificateAuthorities, ...timestampAuthorities].map(({ chain }) =>
      chain.map(({ der }) => der.toString("hex")),
    ),
  ];
  assert.deepEqual(keys(parseTrustedRoot(good, { wasVerified: true })), keys(parseTrustedRoot(good)));
  const root = JSON.parse(good);
  root.tlogs[0].publicKey.rawBytes = "AAAA";
  const [log] = parseTrustedRoot(JSON.stringify(root), { wasVerified: true }).transparencyLogs;
  assert.throws(() => log?.key, /is no public key/);
});

test("isInside() counts both ends of a window", () => {
  const window = { start: 10, end: 20 };
  assert.deepEqual(
    [9, 10, 20, 21].map((moment) => isInside(moment, window)),
    [false, true, true, false],
  );
  assert.equal(isInside(1e15, { start: 10 }), true);
});

// biome-ignore lint/suspicious/noExplicitAny: a document to be bent anywhere
type Bend = (root: any) => void;
const mistakes: Readonly<Record<string, readonly [Bend, RegExp]>> = {
  "another media type": [(root) => (root.mediaType = "text/plain"), /mediaType "text\/plain"/],
  "a log without start": [
    (root) => delete root.tlogs[0].publicKey.validFor.start,
    /tlogs\[0\]\.publicKey\.validFor\.start is absent/,
  ],
  "a log without window": [(root) => delete root.tlogs[0].publicKey.validFor, /validFor is absent/],
  "an authority without start": [(root) => (root.certificateAuthorities[0].validFor = {}), /validFor\.start is absent/],
  "a window that ends before it starts": [
    (root) => (root.ctlogs[0].publicKey.validFor = { start: "2025-01-01T00:00:00Z", end: "2024-01-01T00:00:00Z" }),
    /ends before it starts/,
  ],
  "a day that does not exist": [
    (root) => (root.tlogs[0].publicKey.validFor.start = "2025-02-30T00:00:00Z"),
    /is not a time/,
  ],
  "a key that is none": [(root) => (root.tlogs[0].publicKey.rawBytes = "AAAA"), /is no public key/],
  "an authority without certificate": [
    (root) => (root.certificateAuthorities[0].certChain.certificates = []),
    /has no certificate/,
  ],
  "a certificate that is none": [
    (root) => (root.certificateAuthorities[0].certChain.certificates[0].rawBytes = "AAAA"),
    /is no certificate/,
  ],
  "a chain in the wrong order": [
    (root) => root.certificateAuthorities[0].certChain.certificates.reverse(),
    /not issued by the next one/,
  ],
  "one that trusts nobody": [
    (root) => {
      for (const parts of ["tlogs", "ctlogs", "certificateAuthorities", "timestampAuthorities"]) delete root[parts];
    },
    /has no log and no authority/,
  ],
  "another Merkle hash": [(root) => (root.tlogs[0].hashAlgorithm = "SHA2_512"), /hash algorithm/],
};

for (const [what, [bend, message]] of Object.entries(mistakes)) {
  test(`parseTrustedRoot() refuses ${what}`, () => {
    const root = JSON.parse(good);
    bend(root);
    assert.throws(
      () => parseTrustedRoot(JSON.stringify(root)),
      (error) => {
        assert.ok(error instanceof TrustError);
        assert.equal(error.code, "trusted-root-invalid");
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test("parseTrustedRoot() refuses what is no JSON with one reading", () => {
  assert.throws(() => parseTrustedRoot(`${good} `.replace("{", '{"mediaType":"x",')), TrustError);
  assert.throws(() => parseTrustedRoot("[]"), TrustError);
});
