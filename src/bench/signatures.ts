import { hash, randomBytes, verify } from "node:crypto";
import { parseFilename } from "../distribution/filename.ts";
import { generatePrivateKey, keySigner } from "../signature/private-key.ts";
import { signDocument } from "../signature/sign.ts";
import { verifyDetachedJws } from "../signature/signed-file.ts";
import { requiredKey, signingKeys } from "../signature/signing-keys.ts";
import { artifactPayload, artifactType, type SignedArtifact } from "../signature/subject.ts";

/**
 * `node src/bench/signatures.ts`: how much processor time it takes to verify the detached signatures of 1,000 wheels of 64 KiB, beside what
 * cannot be saved: SHA-256 of each wheel, and Ed25519 of each signature over its bytes. Both are done wheel by wheel, in
 * turn, in one process.
 */
const wheels = 1000;
const bar = 1.5;
const rounds = 7;

interface SignedWheel {
  readonly bytes: Buffer;
  readonly about: Omit<SignedArtifact, "sha256">;
  readonly document: Buffer;
  readonly signingInput: Buffer;
  readonly signature: Buffer;
}

const signer = keySigner(generatePrivateKey("ed25519"));
const keys = signingKeys([signer.key]);
const { publicKey } = requiredKey(signer.key);
const signed = await Promise.all(Array.from({ length: wheels }, (_, at) => makeSigned(at)));

const ratios = Array.from({ length: rounds + 1 }, () => {
  const [bare, ours] = [seconds(verifyBare), seconds(verifyOurs)];
  return { bare, ours, ratio: ours / bare };
})
  .slice(1)
  .sort((a, b) => a.ratio - b.ratio);
const median = ratios[rounds >> 1];
process.stdout.write(
  `${wheels} signed wheels / bare SHA-256 and Ed25519: ${median?.ratio.toFixed(2)} (${ratios[0]?.ratio.toFixed(2)} to ${ratios.at(-1)?.ratio.toFixed(2)}), bar ${bar}; ${median?.ours.toFixed(3)} s against ${median?.bare.toFixed(3)} s\n`,
);
process.exitCode = (median?.ratio ?? Number.POSITIVE_INFINITY) <= bar ? 0 : 1;

async function makeSigned(at: number): Promise<SignedWheel> {
  const bytes = randomBytes(64 << 10);
  const about = { filename: parseFilename(`demo-1.${at}-py3-none-any.whl`), size: bytes.length };
  const payload = artifactPayload({ ...about, sha256: hash("sha256", bytes, "hex") });
  const document = await signDocument(Buffer.from(JSON.stringify(payload)), artifactType, signer);
  const parsed = JSON.parse(document.toString());
  const [entry] = parsed.signatures;
  return {
    bytes,
    about,
    document,
    signingInput: Buffer.from(`${entry.protected}.${parsed.payload}`),
    signature: Buffer.from(entry.signature, "base64url"),
  };
}

function seconds(verifyOne: (wheel: SignedWheel) => boolean): number {
  const start = process.cpuUsage();
  const good = signed.filter(verifyOne).length;
  const { user, system } = process.cpuUsage(start);
  if (good !== wheels) throw new Error(`${wheels - good} signatures do not verify`);
  return (user + system) / 1e6;
}

function verifyBare({ bytes, signingInput, signature }: SignedWheel): boolean {
  hash("sha256", bytes, "hex");
  return verify(null, signingInput, publicKey, signature);
}

function verifyOurs({ bytes, about, document }: SignedWheel): boolean {
  const [fate] = verifyDetachedJws(document, { ...about, sha256: hash("sha256", bytes, "hex") }, keys);
  return fate?.fate === "verified";
}
