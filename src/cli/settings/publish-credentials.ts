import { UsageError } from "../../errors.ts";
import { basicAuthorization } from "../../package-index/settings.ts";
import { audienceOf, mintToken } from "../../publish/trusted-publishing.ts";
import { defaultRepository, type PublishOptions } from "../command-line/artifacts.ts";
import type { GateRun } from "../gate/gate-run.ts";
import { openServer } from "../gate/index-client.ts";
import type { Host } from "../host.ts";
import { identitySource } from "./ci-identity.ts";

/**
 * `Authorization` for uploads: TSPIP_PUBLISH_TOKEN; else what the address, the netrc file or the keyring has; else a token
 * that the index gives for the identity of the CI job (trusted publishing). None where a server other than the default
 * one may do without.
 * @throws UsageError `no-credentials`, IndexError
 */
export async function publishAuthorization(
  repository: URL,
  options: PublishOptions,
  { talk, policy }: Pick<GateRun, "talk" | "policy">,
  host: Host,
): Promise<string | undefined> {
  const token = host.env.TSPIP_PUBLISH_TOKEN;
  if (token) return basicAuthorization(options.username, token);
  await using server = await openServer(repository, options, host, policy);
  if (server.authorization !== undefined) return server.authorization;
  const identity = identitySource(options, host);
  if (identity !== undefined) {
    const audience = await audienceOf(repository, server.transport);
    const identityToken = await identity(audience);
    if (identityToken !== undefined) {
      talk.verbose(`Exchanging the identity of this job for a token of ${repository.host}`);
      return basicAuthorization("__token__", await mintToken(identityToken, repository, server.transport));
    }
  }
  if (repository.href !== defaultRepository) return undefined;
  throw new UsageError("no-credentials", `There is no token for ${repository.host}`, {
    hint: "Set TSPIP_PUBLISH_TOKEN, or put it into .netrc, or publish from CI as a trusted publisher",
  });
}
