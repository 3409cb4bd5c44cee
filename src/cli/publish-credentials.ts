import { UsageError } from "../errors.ts";
import { basicAuthorization } from "../package-index/settings.ts";
import { audienceOf, gitHubIdentityToken, mintToken } from "../publish/trusted-publishing.ts";
import type { Host } from "./host.ts";
import { openServer } from "./index-client.ts";
import type { PublishOptions } from "./program.ts";
import type { Talk } from "./terminal.ts";

export const defaultRepository = "https://upload.pypi.org/legacy/";

/**
 * `Authorization` for uploads: TSPIP_PUBLISH_TOKEN; else what the address, the netrc file or the keyring has; else a token
 * that the index gives for the identity of the CI job (trusted publishing). None where a server other than the default
 * one may do without.
 * @throws UsageError `no-credentials`, IndexError
 */
export async function publishAuthorization(
  repository: URL,
  options: PublishOptions,
  talk: Talk,
  host: Host,
): Promise<string | undefined> {
  const token = host.env.TSPIP_PUBLISH_TOKEN;
  if (token) return basicAuthorization(options.username, token);
  await using server = await openServer(repository, options, host);
  if (server.authorization !== undefined) return server.authorization;
  const identity = identitySource(host.env);
  if (identity !== undefined) {
    const audience = await audienceOf(repository, server.transport);
    const identityToken = await identity(audience, options, host);
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

type IdentitySource = (audience: string, options: PublishOptions, host: Host) => Promise<string | undefined>;

/** Where a CI job gets a token about itself: GitHub's jobs ask for one, GitLab's have it in a variable. */
function identitySource(env: Host["env"]): IdentitySource | undefined {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: request, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = env;
  if (request && token)
    return async (audience, options, host) => {
      await using server = await openServer(new URL(request), options, host, `Bearer ${token}`);
      return await gitHubIdentityToken(request, audience, server.transport);
    };
  if (env.GITLAB_CI) return async (audience) => env[`${audience.toUpperCase().replace(/[^A-Z0-9]/g, "_")}_ID_TOKEN`];
  return undefined;
}
