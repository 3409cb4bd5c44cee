import { join } from "node:path";
import { root, tspip } from "../clone.ts";
import type { Case } from "../harness.ts";
import { peerProgram } from "../peers.ts";
import { attestationText, otherSignature, signer, wheelBeside } from "../real-attestation.ts";

/** Attestations of one signer, verified without the network. */
export function attestationCases(work: string): Case[] {
  const attestation = attestationText();
  const attested = (folder: string, text = attestation) =>
    wheelBeside(join(work, folder), ".publish.attestation", text);
  const thousand = Array.from({ length: 1000 }, (_, at) => attested(`attested/${at}`));
  const hundred = thousand.slice(0, 100);
  const one = thousand.slice(0, 1);
  const bent = attested("tampered", otherSignature(attestation, "signature"));

  const verify = peerProgram("pypi-attestations", "pypi-attestations");
  const python = peerProgram("pypi-attestations", "python");
  const ours = (wheels: readonly string[]) => ({ argv: [...tspip, "verify", ...wheels] }) as const;
  const theirs = (wheels: readonly string[]) =>
    ({ argv: [verify, "verify", "attestation", "--offline", "--identity", signer, ...wheels] }) as const;
  const withSigstore = (wheels: readonly string[]) =>
    ({ argv: [python, join(root, "src/bench/verify_with_sigstore.py"), ...wheels] }) as const;
  const twins = { twin: ours([bent]), peerTwin: theirs([bent]) };
  return [
    { name: "100 attestations / pypi-attestations", bar: 0.3, ours: ours(hundred), peer: theirs(hundred), ...twins },
    {
      name: "1,000 attestations / sigstore-python with one verifier",
      bar: 0.6,
      memoryBar: 150,
      ours: ours(thousand),
      peer: withSigstore(thousand),
      twin: ours([bent]),
      peerTwin: withSigstore([bent]),
    },
    { name: "one attestation / pypi-attestations", bar: 0.15, ours: ours(one), peer: theirs(one), ...twins },
  ];
}
