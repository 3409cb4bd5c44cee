import { UsageError } from "../../errors.ts";
import { signStatement } from "../../publish/sign-statement.ts";
import type { ConnectionOptions } from "../command-line/options.ts";
import type { Host } from "../host.ts";
import { once } from "../once.ts";
import { identitySource } from "../settings/ci-identity.ts";

/** Where the instance of Sigstore is, and how to reach it. */
export interface KeylessOptions extends ConnectionOptions {
  readonly fulcioUrl?: string | undefined;
  readonly rekorUrl?: string | undefined;
}

/** Signs one in-toto statement about `what`, and returns it with its signature as one line of JSON. */
export type LineSigner = (statement: Buffer, what: string) => Promise<string>;

const hint =
  "Give --vsa-key FILE; or let the CI job have an identity: on GitHub permissions: id-token: write, on GitLab an id token named SIGSTORE_ID_TOKEN";

/**
 * Signs as the CI job that this is: Sigstore's authority vouches for the job's identity, and its log keeps the signature.
 * @throws UsageError where there is no identity, before any network access
 */
export function keylessSigner(options: KeylessOptions, host: Host): LineSigner {
  const { fulcioUrl, rekorUrl, timeout = 15, offline } = options;
  if (offline === true)
    throw new UsageError(
      "no-identity",
      "Without --vsa-key a summary is signed over the net, and --offline forbids that",
      {
        hint,
      },
    );
  const source = identitySource(options, host);
  const missing = new UsageError(
    "no-identity",
    "There is neither a --vsa-key nor the identity of a CI job to sign with",
    {
      hint,
    },
  );
  if (source === undefined) throw missing;
  const askToken = once(() => source("sigstore"));
  return async (statement, what) => {
    const token = await askToken();
    if (token === undefined) throw missing;
    return JSON.stringify(
      await signStatement(statement, what, token, { fulcioUrl, rekorUrl, timeoutMs: timeout * 1000 }),
    );
  };
}
