import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAttestationDocument } from "../attestation/provenance.ts";
import { verifyBundle } from "../attestation/verify.ts";
import { AttestationError } from "../errors.ts";
import { parseTrustedRoot } from "../trust/trusted-root.ts";
import fc from "./fast-check.ts";
import { createSigningAuthority } from "./signing-authority.ts";
import { sigstoreRefusal } from "./sigstore-opinion.ts";

const authority = createSigningAuthority();
const trustedRoot = parseTrustedRoot(authority.trustedRootJson);
const publisher = { kind: "github", repository: "pypa/sampleproject", workflow: "release.yml" } as const;
const attestations = (["rekor-v1", "rekor-v2"] as const).map((log) =>
  authority.attest({ filename: "sampleproject-4.0.0-py3-none-any.whl", bytes: Buffer.from("a wheel"), publisher, log }),
);

/** The same mutants each time; `npm run differential` takes others, and more. */
const runs = process.env.TSPIP_MUTANTS
  ? { numRuns: Number(process.env.TSPIP_MUTANTS) }
  : { numRuns: 300, seed: 20261121 };

test("verifyBundle() accepts no bent attestation that @sigstore/verify refuses", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...attestations),
      fc.nat(),
      fc.nat(),
      fc.constantFrom(...bends),
      (attestation, where, how, bend) => {
        const bent = structuredClone(attestation);
        const places = placesIn(bent);
        const place = places[where % places.length];
        assert.ok(place);
        bend(place, how);
        if (!isAccepted(bent)) return;
        assert.equal(sigstoreRefusal(bent, authority.trustedRootJson), undefined, `${place.name} bent by ${bend.name}`);
      },
    ),
    runs,
  );
});

function isAccepted(attestation: unknown): boolean {
  try {
    const { bundles } = parseAttestationDocument(Buffer.from(JSON.stringify(attestation)), "bent");
    for (const bundle of bundles.flatMap(({ attestations: list }) => list)) verifyBundle(bundle, trustedRoot);
    return true;
  } catch (error) {
    assert.ok(error instanceof AttestationError, `another error than ours: ${error}`);
    return false;
  }
}

/** A member or element inside a document. */
interface Place {
  // biome-ignore lint/suspicious/noExplicitAny: any object or array of the document
  readonly parent: any;
  readonly name: string;
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [{ parent: value, name }, ...placesIn(inner)]);
}

/** Ways to bend what is at a place; `how` chooses among what a way can do. */
const bends: readonly ((place: Place, how: number) => void)[] = [
  function flipBit({ parent, name }, how) {
    const bytes = Buffer.from(String(parent[name]), "base64");
    if (bytes.length === 0) return;
    const at = how % bytes.length;
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (how % 8));
    parent[name] = bytes.toString("base64");
  },
  function cutShort({ parent, name }, how) {
    const bytes = Buffer.from(String(parent[name]), "base64");
    parent[name] = bytes.subarray(0, how % (bytes.length + 1)).toString("base64");
  },
  function changeText({ parent, name }, how) {
    const text = String(parent[name]);
    const at = how % (text.length + 1);
    parent[name] = text.slice(0, at) + "\n A0-—".charAt(how % 6) + text.slice(at + (how % 2));
  },
  function count({ parent, name }, how) {
    if (/^\d+$/.test(parent[name])) parent[name] = String(BigInt(parent[name]) + BigInt(how % 3) - 1n);
  },
  function remove({ parent, name }) {
    if (Array.isArray(parent)) parent.splice(Number(name), 1);
    else delete parent[name];
  },
  function repeat({ parent, name }) {
    if (Array.isArray(parent[name])) parent[name] = [...parent[name], ...parent[name]];
  },
  function swap({ parent, name }, how) {
    const names = Object.keys(parent);
    const other = names[how % names.length] ?? name;
    [parent[name], parent[other]] = [parent[other], parent[name]];
  },
];
