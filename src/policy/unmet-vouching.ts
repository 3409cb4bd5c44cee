import type { KeyId } from "../trust/key-id.ts";
import { describeSigner } from "../trust/publisher.ts";
import type { WheelSignatureEvidence } from "../verdict/evidence.ts";
import type { SignerCondition } from "./policy.ts";
import type { Voucher } from "./principal.ts";
import { deny, type Facts, listed, problemsOf, ruleLabel, type Shortfall, undecided } from "./shortfall.ts";
import { countSigned } from "./threshold.ts";
import { attestingVouchers, unavailableAttestations } from "./unmet-attestation.ts";

/** Enough different keys among those that the policy names, by signatures of the wheel. */
export function unmetKeySignature(signers: SignerCondition, facts: Facts): Shortfall[] {
  const vouchers = signingKeys(facts);
  const signed = countSigned(signers, vouchers);
  // One that does not verify neither counts nor harms beside enough that do: anybody can put one beside a file.
  if (signed >= signers.threshold) return problemsOf("wheel-signature", facts).map(asNote);
  const open = unavailableSignatures(facts);
  if (open.length > 0) return open;
  const asked = `${ruleLabel(facts)} asks for`;
  const bad = problemsOf("wheel-signature", facts);
  const seen = [...vouchers.map(describeVoucher), ...strangers(facts)];
  if (seen.length === 0 && bad.length > 0) return bad;
  if (seen.length === 0)
    return [deny("signature-absent", facts, `${asked} a signature by ${signers.name}, there is none`)];
  if (signers.threshold === 1) {
    const by = listed(seen);
    return [deny("signer-mismatch", facts, `${asked} a signature by ${signers.name}, it is by ${by}`), ...bad];
  }
  const words = `${asked} signatures by ${signers.threshold} of ${signers.name}, ${signed} of them signed`;
  return [deny("threshold-not-met", facts, words), ...bad];
}

/** Enough different parties among those that the policy names, by whichever means each of them vouches. */
export function unmetVouching(signers: SignerCondition, facts: Facts): Shortfall[] {
  const vouchers = [...attestingVouchers(facts), ...signingKeys(facts)];
  const signed = countSigned(signers, vouchers);
  const means = new Set(signers.members.map(({ kind }) => kind));
  if (signed >= signers.threshold) return means.has("key") ? problemsOf("wheel-signature", facts).map(asNote) : [];
  const open = [
    ...(means.has("publisher") ? unavailableAttestations(facts) : []),
    ...(means.has("key") ? unavailableSignatures(facts) : []),
  ];
  if (open.length > 0) return open;
  const names = signers.members.map(({ name }) => `"${name}"`).join(", ");
  const others = [...vouchers.map(describeVoucher), ...(means.has("key") ? strangers(facts) : [])];
  const seen = others.length === 0 ? "nobody vouches for it" : `${signed} of them did; seen: ${listed(others)}`;
  const words = `${ruleLabel(facts)} asks for ${signers.threshold} of ${names} to vouch, ${seen}`;
  return [deny("threshold-not-met", facts, words), ...(means.has("key") ? problemsOf("wheel-signature", facts) : [])];
}

function signatures({ evidence }: Facts): WheelSignatureEvidence[] {
  return evidence.filter((seen) => seen.kind === "wheel-signature");
}

/** The keys whose signatures count. */
function signingKeys(facts: Facts): Voucher[] {
  return signatures(facts).flatMap((seen) => (seen.outcome === "verified" ? asVoucher(seen.key, seen.keyName) : []));
}

/** The keys by which signatures verify, whether they count or not: a denied key is no better for being revoked too. */
export function verifyingKeys(facts: Facts): Voucher[] {
  return signatures(facts).flatMap((seen) => {
    if (!("key" in seen) || seen.key === undefined) return [];
    return asVoucher(seen.key, (seen.outcome === "verified" ? seen.keyName : undefined) ?? seen.listedAs);
  });
}

function asVoucher(key: KeyId, keyName: string | undefined): Voucher {
  return { kind: "key", key, ...(keyName !== undefined && { keyName }) };
}

/** Signatures that count for nobody; named, so that whoever knows the key can put it into the policy. */
function strangers(facts: Facts): string[] {
  return signatures(facts).flatMap((seen) => {
    if (seen.outcome !== "unknown") return [];
    return [seen.key === undefined ? "an unknown key" : `unknown key ${seen.key}`];
  });
}

/** Why it is not known who has signed; nothing when it is known. */
export function unavailableSignatures(facts: Facts): Shortfall[] {
  const seen = signatures(facts);
  if (seen.length === 0) return [undecided(facts, "signatures were not looked for")];
  return seen.flatMap((signature) =>
    signature.outcome === "unavailable"
      ? [undecided(facts, `a signature could not be judged (${signature.source}): ${signature.reason}`)]
      : [],
  );
}

function describeVoucher(voucher: Voucher): string {
  return voucher.kind === "key" ? `key ${voucher.key}` : describeSigner(voucher.signer);
}

function asNote(shortfall: Shortfall): Shortfall {
  return { ...shortfall, effect: "note" };
}
