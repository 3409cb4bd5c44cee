import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { digestOf } from "../distribution/digest.ts";
import { embeddedTrustedRoot } from "../trust/embedded-trusted-root.ts";
import { type ConformanceRequest, verifyForConformance } from "./conformance-client.ts";

const collection = new URL("../../../shared/conformance/bundle-verify/", import.meta.url);
const skip = existsSync(collection) ? false : "needs the vectors in ../shared";

/** Whom the bundles are by, where a case does not say otherwise (sigstore-conformance, test/assets/bundle-verify). */
const usualIdentity =
  "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/" +
  "extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const usualIssuer = "https://token.actions.githubusercontent.com";

test("sigstore-conformance's bundles verify or do not, given the artifact or its digest", { skip }, async (t) => {
  const cases = readdirSync(collection, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.equal(cases.length, 70);
  for (const { name } of cases) {
    const folder = new URL(`${name}/`, collection);
    for (const form of ["bytes", "digest"] as const) {
      await t.test(`${name}, artifact as ${form}`, async () => {
        const verify = () => verifyForConformance(readRequest(folder, form));
        if (name.endsWith("_fail")) await assert.rejects(verify);
        else await assert.doesNotReject(verify);
      });
    }
  }
});

function readRequest(folder: URL, form: "bytes" | "digest"): ConformanceRequest {
  const key = optional(folder, "key.pub")?.toString();
  const artifact = optional(folder, "artifact") ?? readFileSync(new URL("a.txt", collection));
  return {
    bundle: readFileSync(new URL("bundle.sigstore.json", folder)),
    trustedRoot: optional(folder, "trusted_root.json") ?? embeddedTrustedRoot,
    artifact: form === "bytes" ? { bytes: artifact } : { sha256: Buffer.from(digestOf(artifact), "hex") },
    expected:
      key === undefined
        ? {
            kind: "identity",
            san: optional(folder, "identity")?.toString().trim() ?? usualIdentity,
            issuer: optional(folder, "issuer")?.toString().trim() ?? usualIssuer,
          }
        : { kind: "key", pem: key },
  };
}

function optional(folder: URL, name: string): Buffer | undefined {
  const file = new URL(name, folder);
  return existsSync(file) ? readFileSync(file) : undefined;
}
