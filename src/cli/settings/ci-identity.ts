import { isTable } from "../../encoding/table.ts";
import { UsageError } from "../../errors.ts";
import { gitHubIdentityToken } from "../../publish/trusted-publishing.ts";
import type { ConnectionOptions } from "../command-line/options.ts";
import { openServer } from "../gate/index-client.ts";
import type { Host } from "../host.ts";

/** Gets a token for an audience that says which CI job this is; nothing when the job has none for it. */
export type IdentitySource = (audience: string) => Promise<string | undefined>;

/** Where a CI job gets a token about itself: GitHub's jobs ask for one, those of GitLab and others have it in a variable. */
export function identitySource(options: ConnectionOptions, host: Host): IdentitySource | undefined {
  const { env } = host;
  const { ACTIONS_ID_TOKEN_REQUEST_URL: request, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = env;
  if (request && token) {
    const url = URL.parse(request);
    if (url === null)
      throw new UsageError("invalid-setting", `ACTIONS_ID_TOKEN_REQUEST_URL is no URL: "${request}"`, {
        hint: "GitHub sets it if the job has permissions: id-token: write",
      });
    return async (audience) => {
      await using server = await openServer(url, options, host, { authorization: `Bearer ${token}` });
      return await gitHubIdentityToken(url, audience, server.transport);
    };
  }
  const variable = (audience: string) => `${audience.toUpperCase().replace(/[^A-Z0-9]/g, "_")}_ID_TOKEN`;
  if (!env.GITLAB_CI && !env.SIGSTORE_ID_TOKEN) return undefined;
  return async (audience) => {
    const token = env[variable(audience)];
    // An index chooses the word, and with it the variable: VAULT_ID_TOKEN is nothing for it.
    const isOurs = audience === "sigstore";
    return token === undefined || isOurs || isFor(token, audience) ? token : undefined;
  };
}

/** Whether a JSON Web Token says that it is for this audience (RFC 7519, "aud"). What is none says nothing, and is for whom it is made. */
function isFor(token: string, audience: string): boolean {
  const claims = claimsIn(token);
  return claims === undefined || [claims.aud].flat().includes(audience);
}

function claimsIn(token: string): { readonly aud?: unknown } | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return isTable(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}
