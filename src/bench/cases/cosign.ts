import { join } from "node:path";
import { sigstoreBundle } from "../../testing/signing-authority/attestation.ts";
import { root, tspip } from "../clone.ts";
import type { Case, Command } from "../harness.ts";
import { builtByGo } from "../peers.ts";
import { attestationText, otherSignature, signer, wheelBeside } from "../real-attestation.ts";

const predicateType = "https://docs.pypi.org/attestations/publish/v1";
const issuer = "https://oidc.circleci.com";

/**
 * A real attestation as a Sigstore bundle beside its wheel, verified by both without the network, under one trusted root
 * and for one signer. cosign takes one file a call; without a Go to build it, there is nothing to measure.
 */
export function cosignCases(work: string): Case[] {
  const cosign = builtByGo("cosign");
  if (cosign === undefined) return [];
  const trustedRoot = join(root, "src/trust/embedded-trusted-root.json");
  const policy = join(root, "testdata/demo/policy.toml");
  const ours = (...files: string[]): Command => ({
    argv: [...tspip, "verify", "--offline", "--trusted-root", trustedRoot, "--policy", policy, ...files],
  });
  const trust = ["--trusted-root", trustedRoot, "--certificate-oidc-issuer", issuer, "--certificate-identity", signer];
  const verify = [cosign, "verify-blob-attestation", ...trust, "--type", predicateType] as const;
  const theirs = (file: string): Command => ({ argv: [...verify, "--bundle", `${file}.sigstore.json`, file] });
  const theirsInTurn = (files: readonly string[]): Command => {
    const loop = `for file in ${files.join(" ")}; do ${verify.join(" ")} --bundle $file.sigstore.json $file || exit 1; done`;
    return { argv: ["sh", "-c", loop] };
  };

  const bundle = JSON.stringify(sigstoreBundle(JSON.parse(attestationText())));
  const bundled = (folder: string, text = bundle) => wheelBeside(join(work, folder), ".sigstore.json", text);
  const hundred = Array.from({ length: 100 }, (_, at) => bundled(`bundled-${at}`));
  const [one = ""] = hundred;
  const tampered = bundled("bundled-tampered", otherSignature(bundle, "sig"));
  const twins = { twin: ours(tampered), peerTwin: theirs(tampered) };
  return [
    { name: "one Sigstore bundle / cosign", bar: 3, ours: ours(one), peer: theirs(one), ...twins },
    {
      name: "100 Sigstore bundles / cosign, called for each",
      bar: 0.3,
      ours: ours(...hundred),
      peer: theirsInTurn(hundred),
      ...twins,
    },
  ];
}
