import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./clone.ts";

/** A real wheel and its attestation: no other of one signer is at hand whose root the peers know. */
const wheel = "circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl";

export const signer =
  "https://circleci.com/api/v2/projects/fdd9283f-e619-46af-8f9c-851f7d3e8b2b/pipeline-definitions/8e4f8ab2-8d7c-4827-9f15-de076d6d647f";

export function attestationText(): string {
  return readFileSync(join(root, "testdata/real", `${wheel}.publish.attestation`), "utf8");
}

/** The wheel in a folder of its own, and a document beside it. @returns its path */
export function wheelBeside(folder: string, suffix: ".publish.attestation" | ".sigstore.json", text: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, wheel);
  copyFileSync(join(root, "testdata/real", wheel), path);
  writeFileSync(`${path}${suffix}`, text);
  return path;
}

/** With another first letter of the signature, which is the value of `key`. */
export function otherSignature(document: string, key: "signature" | "sig"): string {
  const first = new RegExp(`"${key}":\\s*"(.)`);
  return document.replace(first, (_, letter) => `"${key}":"${letter === "A" ? "B" : "A"}`);
}
