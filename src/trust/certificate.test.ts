import "reflect-metadata";
import assert from "node:assert/strict";
import { X509Certificate as NodeCertificate } from "node:crypto";
import { test } from "node:test";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509Certificate,
} from "@peculiar/x509";
import { createSigningAuthority } from "../testing/signing-authority.ts";
import { basicConstraints, extendedKeyUsage, hasKeyUsage, isIssuedBy, parseCertificate } from "./certificate.ts";
import { embeddedTrustedRoot } from "./embedded-trusted-root.ts";
import { parseTrustedRoot } from "./trusted-root.ts";

const { certificateAuthorities, timestampAuthorities } = parseTrustedRoot(embeddedTrustedRoot);
const authority = createSigningAuthority();
const leaf = Buffer.from(
  authority.attest({
    filename: "sampleproject-4.0.0-py3-none-any.whl",
    bytes: Buffer.from("a wheel"),
    publisher: { kind: "github", repository: "pypa/sampleproject", workflow: "release.yml" },
  }).verification_material.certificate,
  "base64",
);
const certificates = [
  ...[...certificateAuthorities, ...timestampAuthorities].flatMap(({ chain }) => chain.map(({ der }) => der)),
  leaf,
];

test("parseCertificate() reads what @peculiar/x509 and OpenSSL read", () => {
  for (const der of certificates) {
    const ours = parseCertificate(der);
    const peculiar = new X509Certificate(der);
    const openssl = new NodeCertificate(der);
    assert.equal(ours.serialNumber.toString("hex").replace(/^(?:00)+/, ""), openssl.serialNumber.toLowerCase());
    assert.equal(ours.notBefore, peculiar.notBefore.getTime());
    assert.equal(ours.notAfter, peculiar.notAfter.getTime());
    assert.deepEqual(ours.issuer, Buffer.from(peculiar.issuerName.toArrayBuffer()));
    assert.deepEqual(ours.subject, Buffer.from(peculiar.subjectName.toArrayBuffer()));
    assert.deepEqual(ours.key.spki, Buffer.from(peculiar.publicKey.rawData));
    assert.deepEqual(ours.signature, Buffer.from(peculiar.signature));
    assert.deepEqual(
      [...ours.extensions].map(([id, { critical, value }]) => [id, critical, value.toString("hex")]),
      Array.from(peculiar.extensions, ({ type, critical, value }) => [
        type,
        critical,
        Buffer.from(value).toString("hex"),
      ]),
    );
    const constraints = peculiar.getExtension(BasicConstraintsExtension);
    assert.equal(basicConstraints(ours).isAuthority, constraints?.ca ?? false);
    assert.equal(basicConstraints(ours).pathLength, constraints?.pathLength);
    assert.equal(basicConstraints(ours).isAuthority, openssl.ca);
    const usages = peculiar.getExtension(KeyUsagesExtension)?.usages ?? 0;
    assert.equal(hasKeyUsage(ours, "digitalSignature"), (usages & KeyUsageFlags.digitalSignature) !== 0);
    assert.equal(hasKeyUsage(ours, "keyCertSign"), (usages & KeyUsageFlags.keyCertSign) !== 0);
    assert.deepEqual(extendedKeyUsage(ours) ?? [], [
      ...(peculiar.getExtension(ExtendedKeyUsageExtension)?.usages ?? []),
    ]);
  }
});

test("isIssuedBy() agrees with OpenSSL about every pair", () => {
  for (const child of certificates) {
    for (const parent of certificates) {
      const issuer = new NodeCertificate(parent);
      const expected =
        new NodeCertificate(child).checkIssued(issuer) && new NodeCertificate(child).verify(issuer.publicKey);
      assert.equal(isIssuedBy(parseCertificate(child), parseCertificate(parent)), expected);
    }
  }
});

test("parseCertificate() reads no certificate with a bit changed outside of what is signed and the signature", () => {
  // Every change of what is signed shows in `tbs` or `signature`: nothing outside of them is believed.
  const original = parseCertificate(leaf);
  for (let at = 0; at < leaf.length; at += 7) {
    const bent = Buffer.from(leaf);
    bent[at] = (bent[at] ?? 0) ^ 1;
    let read: ReturnType<typeof parseCertificate>;
    try {
      read = parseCertificate(bent);
    } catch {
      continue;
    }
    assert.ok(!read.tbs.equals(original.tbs) || !read.signature.equals(original.signature), `offset ${at}`);
  }
});

test("parseCertificate() refuses bytes behind the certificate", () => {
  assert.throws(() => parseCertificate(Buffer.concat([leaf, Buffer.from([0])])));
});
