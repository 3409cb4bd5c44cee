import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Artifact } from "../../distribution/artifact.ts";
import { EnvironmentError, messageOf, TrustError } from "../../errors.ts";
import { verifyDocuments } from "../../inspect/verify-document.ts";
import { makeAttestation } from "../../publish/make-attestation.ts";
import { describeSigner } from "../../trust/publisher.ts";
import type { AttestationEvidence } from "../../verdict/evidence.ts";
import type { AttestOptions } from "../command-line/artifacts.ts";
import type { GateRun } from "../gate/gate-run.ts";
import { readTrustedRoot, trustedRootInForce } from "../settings/trusted-root.ts";

const suffix = ".publish.attestation";

/** Whether an attestation lies beside the file already. */
export function isAttested({ ref }: Artifact): boolean {
  return existsSync(fileURLToPath(ref.url) + suffix);
}

/**
 * Attests files of this machine, one after the other, and puts each attestation beside its file once it verifies as a
 * user would verify it.
 * @param token a JSON Web Token with the audience `sigstore`
 * @throws IndexError, TrustError
 */
export async function attestFiles(
  artifacts: readonly Artifact[],
  token: string,
  options: Pick<AttestOptions, "fulcioUrl" | "rekorUrl" | "timeout" | "trustedRoot">,
  { policy, talk, host }: Pick<GateRun, "policy" | "talk" | "host">,
): Promise<void> {
  const trustedRoot = await readTrustedRoot(await trustedRootInForce(options.trustedRoot, policy, host));
  const instance = { ...options, timeoutMs: (options.timeout ?? 15) * 1000 };
  for (const { ref, digests } of artifacts) {
    const file = { filename: ref.filename.text, sha256: digests.sha256 };
    talk.progress(`Attesting ${file.filename}`);
    const attestation = await makeAttestation(file, token, instance);
    const place = fileURLToPath(ref.url) + suffix;
    const [evidence] = verifyDocuments(
      {
        documents: [{ bytes: Buffer.from(attestation), place }],
        file: { filename: ref.filename, sha256: digests.sha256 },
      },
      { trustedRoot, now: host.now(), explain: false },
    );
    if (evidence?.outcome !== "verified") throw unusable(file.filename, evidence);
    await write(place, attestation);
    talk.progress("");
    talk.info(`Attested ${file.filename} as ${describeSigner(evidence.signer)}`);
  }
}

function unusable(filename: string, evidence: AttestationEvidence | undefined): TrustError {
  const why =
    evidence?.outcome === "invalid" ? evidence.problems.map(({ message }) => message).join("; ") : "it says nothing";
  return new TrustError("attestation-unusable", `The attestation made for "${filename}" does not verify: ${why}`, {
    hint: "Name the trusted root of the Sigstore instance that signed it with --trusted-root FILE",
  });
}

async function write(path: string, attestation: string): Promise<void> {
  try {
    await writeFile(path, attestation, { flag: "wx" });
  } catch (error) {
    throw new EnvironmentError("cannot-write", `Cannot write "${path}": ${messageOf(error)}`, { cause: error });
  }
}
