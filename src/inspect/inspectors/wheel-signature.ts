import type { ArtifactRef } from "../../distribution/artifact.ts";
import type { DocumentFile } from "../document-source.ts";
import type { DistInspector } from "../inspector.ts";
import type { SignatureReader, SignaturesOptions } from "../wheel-signatures.ts";

export interface WheelSignatureOptions extends SignaturesOptions {
  /** Whether the policy has a use for signatures of `ref`. */
  readonly isWanted: (ref: ArtifactRef) => boolean;
}

export interface WheelSignatureInspector extends DistInspector {
  /** The detached documents that were found for an artifact and hold a signature that counts. */
  vouching(ref: ArtifactRef): readonly DocumentFile[];
}

/** Signatures by keys, where a policy asks for them: few do, so what reads them is loaded then. */
export function wheelSignatureInspector({ isWanted, ...options }: WheelSignatureOptions): WheelSignatureInspector {
  const vouching = new Map<ArtifactRef, readonly DocumentFile[]>();
  let reader: Promise<SignatureReader> | undefined;
  return {
    name: "wheel-signature",
    vouching: (ref) => vouching.get(ref) ?? [],
    async pre_extract(artifact) {
      if (!isWanted(artifact.ref)) return [];
      reader ??= import("../wheel-signatures.ts").then(({ signatureReader }) => signatureReader(options));
      const { evidence, counting } = await (await reader)(artifact);
      vouching.set(artifact.ref, counting);
      return evidence;
    },
  };
}
