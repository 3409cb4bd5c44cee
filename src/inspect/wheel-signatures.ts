import type { Artifact } from "../distribution/artifact.ts";
import { ArtifactError, messageOf, SignatureError, TrustError } from "../errors.ts";
import { type Currency, currencyOf, type Keyring, revocationOf } from "../keyring/keyring.ts";
import { verifyDetachedJws, verifyRecordJws } from "../signature/signed-file.ts";
import { type SigningKeys, signingKeys, thumbprintOf } from "../signature/signing-keys.ts";
import { recordHash } from "../signature/subject.ts";
import type { SignatureFate } from "../signature/verify.ts";
import type { KeyId } from "../trust/key-id.ts";
import type { WheelSignatureEvidence } from "../verdict/evidence.ts";
import { isFindingId } from "../verdict/finding-catalog.ts";
import { bytesToRead } from "../wheel/archive.ts";
import { findDistInfo } from "../wheel/dist-info.ts";
import { openArchive } from "../wheel/open-archive.ts";
import { longestRecord } from "../wheel/record.ts";
import type { DocumentFile, DocumentSource, SourceAnswer } from "./document-source.ts";

export interface SignaturesOptions {
  /** Places of detached signatures. */
  readonly sources: readonly DocumentSource[];
  /** The keys that the policy writes out. */
  readonly policyKeys: readonly KeyId[];
  /** Loaded when there is a signature to judge; absent where no keyring is in use. @throws TrustError */
  readonly keyring?: (() => Promise<Keyring>) | undefined;
  readonly now: Date;
}

/** What is known of the signatures of one artifact. */
export interface Signatures {
  readonly evidence: readonly WheelSignatureEvidence[];
  /** The detached documents with a signature that counts. */
  readonly counting: readonly DocumentFile[];
}

export type SignatureReader = (artifact: Artifact) => Promise<Signatures>;

/**
 * Signatures by keys: RECORD.jws in a wheel (PEP 427, deprecated by PEP 815, so looked at only where a policy asks) and
 * detached ones. RECORD.jws covers RECORD alone: that every member matches RECORD is the wheel inspector's evidence, and
 * the policy's floor asks for it.
 */
export function signatureReader({ sources, policyKeys, keyring, now }: SignaturesOptions): SignatureReader {
  const ownKeys = signingKeys(policyKeys);
  let trust: Promise<Trust> | undefined;
  return async (artifact) => {
    const answers = await Promise.all(sources.map((source) => source.find(artifact.ref, artifact.digests.sha256)));
    const wheel = readWheelParts(artifact);
    const detached = answers.flatMap((answer) => (answer.state === "found" ? answer.documents : []));
    const open = [...answers.flatMap(unavailable), ...wheel.unavailable];
    if (detached.length + wheel.recordJws.length === 0)
      return { evidence: open.length > 0 ? open : [{ kind: "wheel-signature", outcome: "absent" }], counting: [] };
    trust ??= loadTrust();
    const known = await trust;
    const { ref, digests, size } = artifact;
    const { record } = wheel;
    const about = { filename: ref.filename, sha256: digests.sha256, size, ...(record !== undefined && { record }) };
    const judging = { artifact, trust: known };
    const embedded = wheel.recordJws.flatMap(({ bytes, place }) =>
      judgeDocument(() => verifyRecordJws(bytes, record ?? "", known.keys), { ...judging, place, form: "embedded" }),
    );
    const beside = detached.map((document) => ({
      document,
      evidence: judgeDocument(() => verifyDetachedJws(document.bytes, about, known.keys), {
        ...judging,
        place: document.place,
        form: "detached",
      }),
    }));
    const counting = beside.filter(({ evidence }) => evidence.some(({ outcome }) => outcome === "verified"));
    return {
      evidence: [...embedded, ...beside.flatMap(({ evidence }) => evidence), ...open],
      counting: counting.map(({ document }) => document),
    };
  };

  async function loadTrust(): Promise<Trust> {
    const own = new Set(policyKeys);
    if (keyring === undefined) return { own, now, keys: ownKeys };
    try {
      const loaded = await keyring();
      return { own, now, keyring: loaded, keys: signingKeys([...own, ...loaded.members.map(({ id }) => id)]) };
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      return { own, now, keys: ownKeys, unknown: error.message };
    }
  }
}

type Form = "embedded" | "detached";
type Fates = readonly SignatureFate[];

/** Whose signatures count. */
interface Trust {
  /** What the policy itself names. */
  readonly own: ReadonlySet<KeyId>;
  readonly keys: SigningKeys;
  readonly keyring?: Keyring;
  /** Why it is not known which keys the keyring has. */
  readonly unknown?: string;
  readonly now: Date;
}

interface Judging {
  readonly place: string;
  readonly form: Form;
  readonly artifact: Artifact;
  readonly trust: Trust;
}

function judgeDocument(fatesOf: () => Fates, judging: Judging): WheelSignatureEvidence[] {
  try {
    const fates = fatesOf();
    return fates.flatMap((fate, at) => {
      const source = fates.length === 1 ? judging.place : `${judging.place}, signature ${at + 1} of ${fates.length}`;
      return judgeSignature(fate, source, judging);
    });
  } catch (error) {
    if (!(error instanceof SignatureError && isFindingId(error.code))) throw error;
    const problem = { id: error.code, message: `${judging.place}: ${error.message}` };
    return [{ kind: "wheel-signature", outcome: "invalid", source: judging.place, problems: [problem] }];
  }
}

function judgeSignature(fate: SignatureFate, source: string, judging: Judging): WheelSignatureEvidence[] {
  const { trust } = judging;
  const kind = "wheel-signature";
  if (fate.fate === "invalid") {
    const problem = { id: "signature-invalid", message: `${source} does not verify: ${fate.reason}` } as const;
    return [{ kind, outcome: "invalid", source, problems: [problem] }];
  }
  if (fate.fate === "unknown") {
    if (trust.unknown !== undefined) return [{ kind, outcome: "unavailable", source, reason: trust.unknown }];
    const { key, kid, reason } = fate;
    // The keyring no longer has the key to check that; a signature that claims to be by a revoked key counts either way
    // for nobody, and the user should know which it is.
    const called = key === undefined ? kid : thumbprintOf(key);
    const revocation = trust.keyring && called && revocationOf(trust.keyring, called);
    if (revocation) {
      const problem = { id: "key-not-current", message: `${source} is by the key ${called}: ${revocation}` } as const;
      return [{ kind, outcome: "invalid", source, problems: [problem], ...(key !== undefined && { key }) }];
    }
    return [{ kind, outcome: "unknown", source, reason, ...(key !== undefined && { key }) }];
  }
  return judgeKey(fate.key, source, judging);
}

/** A signature that verifies: what its key is worth now. */
function judgeKey(key: KeyId, source: string, { form, artifact, trust }: Judging): WheelSignatureEvidence[] {
  const kind = "wheel-signature";
  const verified = { kind, outcome: "verified", key, form, source } as const;
  if (trust.unknown !== undefined) {
    // What the policy writes out counts as it is; what the keyring calls the key, and whether it revoked it, is open.
    return [verified, { kind, outcome: "unavailable", source, reason: trust.unknown }];
  }
  const currency: Currency | undefined =
    trust.keyring && currencyOf(trust.keyring, key, artifact.ref.filename.name, trust.now);
  if (currency?.state === "current") return [{ ...verified, keyName: currency.name }];
  // What does not count is still by its key, which a deny list may name.
  const by = { key, ...(currency?.name !== undefined && { listedAs: currency.name }) };
  // What the policy writes out needs no keyring; but whoever revoked it knows something that the policy does not.
  if (trust.own.has(key) && currency?.state !== "revoked") return [{ ...verified, ...by }];
  if (currency?.state === "revoked" || currency?.state === "past") {
    const problem = { id: "key-not-current", message: `${source} is by ${key}: ${currency.reason}` } as const;
    return [{ kind, outcome: "invalid", source, ...by, problems: [problem] }];
  }
  return [{ kind, outcome: "unknown", source, ...by, reason: currency?.reason ?? "nobody trusts it" }];
}

function unavailable(answer: SourceAnswer): WheelSignatureEvidence[] {
  if (answer.state !== "unavailable") return [];
  return [{ kind: "wheel-signature", outcome: "unavailable", source: answer.place, reason: answer.reason }];
}

interface WheelParts {
  /** See `recordHash`. */
  readonly record?: string;
  /** At most one document. */
  readonly recordJws: readonly DocumentFile[];
  readonly unavailable: readonly WheelSignatureEvidence[];
}

/** What is larger is no RECORD, and no RECORD.jws, of any real wheel; each is read whole. */
const limits = { record: longestRecord, recordJws: 1 << 20 };

/** RECORD.jws counts in the wheel's one .dist-info folder and nowhere else. */
function readWheelParts({ ref, bytes }: Artifact): WheelParts {
  const { filename } = ref;
  if (filename.kind !== "wheel") return { recordJws: [], unavailable: [] };
  try {
    const archive = openArchive(bytes);
    const folder = findDistInfo(archive, filename);
    const read = (name: string, limit: number) => {
      const entry = archive.entry(`${folder}/${name}`);
      if (entry === undefined) return undefined;
      const length = bytesToRead(entry);
      if (length > limit) throw new ArtifactError("archive-too-large", `"${entry.path}" has ${length} bytes`);
      return { bytes: archive.read(entry), place: entry.path };
    };
    const record = read("RECORD", limits.record);
    const recordJws = read("RECORD.jws", limits.recordJws);
    return {
      ...(record && { record: recordHash(record.bytes) }),
      recordJws: recordJws === undefined ? [] : [recordJws],
      unavailable: [],
    };
  } catch (error) {
    // That the archive is no wheel is refused by others; here it means that nobody knows what it holds.
    if (!(error instanceof ArtifactError)) throw error;
    const reason = messageOf(error);
    return {
      recordJws: [],
      unavailable: [{ kind: "wheel-signature", outcome: "unavailable", source: filename.text, reason }],
    };
  }
}
