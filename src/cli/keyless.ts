import { messageOf, TrustError, UsageError } from "../errors.ts";
import type { Host } from "./host.ts";

/** Signs one in-toto statement and returns the Sigstore bundle as JSON. */
export type KeylessSigner = (payload: Buffer) => Promise<string>;

/**
 * Signs as the CI job that this is: Sigstore's authority vouches for the job's identity, and its log keeps the signature.
 * Package sigstore opens these connections itself; it gets the statement and the job's token, and nothing else.
 * @throws UsageError where no identity can be had
 */
export function keylessSigner({ env }: Pick<Host, "env">, offline: boolean): KeylessSigner {
  const isGitHub = env.ACTIONS_ID_TOKEN_REQUEST_URL !== undefined && env.ACTIONS_ID_TOKEN_REQUEST_TOKEN !== undefined;
  const hint =
    "Give --vsa-key FILE; or in CI, let the job have an identity: on GitHub permissions: id-token: write, on GitLab id_tokens: SIGSTORE_ID_TOKEN";
  if (offline)
    throw new UsageError(
      "cannot-sign",
      "Without --vsa-key, a summary is signed by way of the net, and --offline forbids that",
      { hint },
    );
  if (!isGitHub && env.SIGSTORE_ID_TOKEN === undefined && env.BUILDKITE !== "true")
    throw new UsageError("cannot-sign", "There is neither a --vsa-key nor the identity of a CI job to sign with", {
      hint,
    });
  return async (payload) => {
    const { attest } = await import("sigstore");
    try {
      return JSON.stringify(await attest(payload, "application/vnd.in-toto+json"));
    } catch (error) {
      throw new TrustError("cannot-sign", `Cannot sign the summary as this CI job: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };
}
