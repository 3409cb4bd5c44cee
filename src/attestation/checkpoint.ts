import { decodeBase64 } from "../encoding/base64.ts";
import type { TransparencyLog } from "../trust/trusted-root.ts";
import type { InclusionProof } from "./bundle.ts";
import { type Verification, VerificationError } from "./verification.ts";

/** A log's head (C2SP, tlog-checkpoint.md) as a signed note (C2SP, signed-note.md). */
interface Checkpoint {
  /** What the signatures cover: all lines up to the empty one. */
  readonly text: string;
  readonly origin: string;
  readonly treeSize: bigint;
  readonly rootHash: Buffer;
  readonly signatures: readonly NoteSignature[];
}

interface NoteSignature {
  readonly name: string;
  /** Four bytes that say which of the name's keys it is. */
  readonly keyHint: Buffer;
  readonly signature: Buffer;
}

const maxCheckpointLength = 64 << 10;
const maxSignatures = 64;

/**
 * Verifies that `log` has signed the tree that `proof` leads to: the checkpoint is by that log, under its name, and
 * has the proof's size and root hash. Cosignatures of witnesses may stand beside the log's signature; nobody has told
 * us their keys.
 */
export function verifyCheckpoint(
  envelope: string,
  proof: InclusionProof,
  log: TransparencyLog,
  { isSignedBy, steps }: Verification,
): void {
  const checkpoint = parseCheckpoint(envelope);
  // Rekor 1 adds the number of the shard: "rekor.sigstore.dev - 1193050959916656506".
  if (checkpoint.origin.replace(/ - \d+$/, "") !== log.name) {
    fail(`Checkpoint is of "${checkpoint.origin}", the entry is of "${log.name}"`);
  }
  if (checkpoint.treeSize !== proof.treeSize) {
    fail(
      `Checkpoint is of a tree with ${checkpoint.treeSize} entries, the inclusion proof of one with ${proof.treeSize}`,
    );
  }
  if (!checkpoint.rootHash.equals(proof.rootHash)) fail("Checkpoint has another root hash than the inclusion proof");

  const keyHint = log.checkpointKeyId.subarray(0, 4);
  const own = checkpoint.signatures.filter(({ name, keyHint: hint }) => name === log.name && hint.equals(keyHint));
  if (own.length === 0) fail(`Checkpoint has no signature by "${log.name}" with the key hint of the trusted root`);
  // Repeats say nothing more, and each would cost a verification.
  if (own.some(({ signature }, at) => own.findIndex((other) => other.signature.equals(signature)) < at))
    fail(`Checkpoint has the same signature by "${log.name}" twice`);
  const signed = Buffer.from(checkpoint.text);
  for (const { signature } of own) {
    if (!isSignedBy(log.key, signed, signature)) fail(`Checkpoint's signature by "${log.name}" does not verify`);
  }
  steps?.push({
    check: "checkpoint",
    detail: `${checkpoint.origin}, ${checkpoint.treeSize} entries, signed by ${log.name}`,
  });
}

function parseCheckpoint(envelope: string): Checkpoint {
  if (envelope.length > maxCheckpointLength) fail(`Checkpoint has ${envelope.length} characters`);
  // signed-note.md: the text ends with a newline; an empty line parts it from the signatures.
  const end = envelope.lastIndexOf("\n\n");
  if (end < 0) fail("Checkpoint has no signatures");
  const text = envelope.slice(0, end + 1);
  const [origin = "", size = "", root = ""] = text.split("\n");
  if (origin === "") fail("Checkpoint has no origin");
  if (!/^(?:0|[1-9]\d{0,18})$/.test(size)) fail("Checkpoint has no size of the tree in its second line");
  const rootHash = decodeBase64(root);
  if (rootHash?.length !== 32) return fail("Checkpoint has no root hash in its third line");
  return { text, origin, treeSize: BigInt(size), rootHash, signatures: parseSignatures(envelope.slice(end + 2)) };
}

function parseSignatures(block: string): NoteSignature[] {
  const lines = block.split("\n");
  if (lines.pop() !== "") fail("Checkpoint's last line has no end");
  if (lines.length > maxSignatures) fail(`Checkpoint has ${lines.length} signatures, the limit is ${maxSignatures}`);
  return lines.map((line) => {
    // signed-note.md: em dash, name without blanks and "+", base64 of key hint and signature.
    const [, name, base64] = /^\u2014 ([^\s+]+) (\S+)$/.exec(line) ?? [];
    const bytes = base64 === undefined ? undefined : decodeBase64(base64);
    if (name === undefined || bytes === undefined || bytes.length < 5)
      return fail("Checkpoint has a malformed signature line");
    return { name, keyHint: bytes.subarray(0, 4), signature: bytes.subarray(4) };
  });
}

function fail(problem: string): never {
  throw new VerificationError("checkpoint", problem);
}
