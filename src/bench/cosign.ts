import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sigstoreBundle } from "../testing/signing-authority/attestation.ts";
import type { Case, Command } from "./harness.ts";

const wheel = "circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl";
const predicateType = "https://docs.pypi.org/attestations/publish/v1";
const issuer = "https://oidc.circleci.com";
const signer =
  "https://circleci.com/api/v2/projects/fdd9283f-e619-46af-8f9c-851f7d3e8b2b/pipeline-definitions/8e4f8ab2-8d7c-4827-9f15-de076d6d647f";

/**
 * A real attestation as a Sigstore bundle beside its wheel, verified by both without the network, under one trusted root
 * and for one signer. cosign takes one file a call.
 * @param root the folder of the clone
 */
export function cosignCases(work: string, root: string, tspip: readonly [string, string], cosign: string): Case[] {
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

  const bundle = JSON.stringify(sigstoreBundle(readAttestation(root)));
  const hundred = Array.from({ length: 100 }, (_, at) => bundled(join(work, `bundled-${at}`), root, bundle));
  const [one = ""] = hundred;
  const otherSignature = bundle.replace(/"sig":"(.)/, (_, letter) => `"sig":"${letter === "A" ? "B" : "A"}`);
  const tampered = bundled(join(work, "bundled-tampered"), root, otherSignature);
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

function readAttestation(root: string) {
  return JSON.parse(readFileSync(join(root, "testdata/real", `${wheel}.publish.attestation`), "utf8"));
}

/** @returns the path of the wheel, beside which the bundle lies */
function bundled(folder: string, root: string, bundle: string): string {
  mkdirSync(folder);
  copyFileSync(join(root, "testdata/real", wheel), join(folder, wheel));
  writeFileSync(join(folder, `${wheel}.sigstore.json`), bundle);
  return join(folder, wheel);
}
