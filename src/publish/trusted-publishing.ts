import { IndexError } from "../errors.ts";
import { getDocument } from "../package-index/document.ts";
import type { Transport } from "../package-index/transport.ts";
import { shown } from "../package-index/url.ts";
import { serverWords } from "./server-words.ts";

const maxBytes = 64 << 10;

/**
 * Audiences in one word that are somebody's, and where that is: with a token for one of them its holder publishes, or signs, in the
 * job's name.
 */
const ownersOf: Readonly<Record<string, readonly string[]>> = {
  pypi: ["pypi.org", "upload.pypi.org"],
  testpypi: ["test.pypi.org"],
  sigstore: [],
};

/**
 * The audience that tokens for this index must have (docs.pypi.org, "Trusted publishers, internals"). The index chooses it, so one
 * that is somebody else's is refused.
 * @throws IndexError
 */
export async function audienceOf(repository: URL, transport: Transport): Promise<string> {
  const url = new URL("/_/oidc/audience", repository);
  const { status, bytes } = await getDocument(url, { accept: "application/json", maxBytes }, transport);
  const audience = status === 200 ? stringIn(bytes.toString("utf8"), "audience") : undefined;
  if (audience === undefined)
    throw new IndexError("no-trusted-publishing", `${shown(repository)} does not offer trusted publishing`);
  if (!isOwn(audience, repository))
    throw new IndexError(
      "identity-misused",
      `${shown(repository)} asks for an identity token for "${audience}", which is not its own: it could act there in your name`,
      { hint: "Set TSPIP_PUBLISH_TOKEN, and ask whoever runs the index for an audience of its own" },
    );
  return audience;
}

/** A plain word is an index's own, but for those that are known to be somebody else's; an address is of whom it names. */
function isOwn(audience: string, { hostname }: URL): boolean {
  const owners = Object.hasOwn(ownersOf, audience) ? ownersOf[audience] : undefined;
  if (owners !== undefined) return owners.includes(hostname);
  if (/^[\w-]+$/.test(audience)) return true;
  const named = URL.parse(audience)?.hostname || audience;
  return hostname === named || hostname.endsWith(`.${named}`);
}

/** Exchanges an identity token for one that may upload, for minutes. @throws IndexError with the server's words */
export async function mintToken(identityToken: string, repository: URL, transport: Transport): Promise<string> {
  const url = new URL("/_/oidc/mint-token", repository);
  const body = Buffer.from(JSON.stringify({ token: identityToken }));
  const answer = await transport.post(url, {
    contentType: "application/json",
    length: body.length,
    chunks: () => [body],
  });
  const token = answer.status === 200 ? stringIn(answer.body, "token") : undefined;
  if (token !== undefined) return token;
  throw new IndexError(
    "token-refused",
    `${shown(url)} gives no token for this job: HTTP status ${answer.status}: ${serverWords(answer)}`,
    { hint: "Compare repository, workflow and environment with the publisher that the index has for the project" },
  );
}

/** GitHub's own endpoint for identity tokens of a job. `transport` sends the job's authorization. @throws IndexError */
export async function gitHubIdentityToken(request: URL, audience: string, transport: Transport): Promise<string> {
  const url = new URL(request);
  url.searchParams.set("audience", audience);
  const { status, bytes } = await getDocument(url, { accept: "application/json", maxBytes }, transport);
  const token = status === 200 ? stringIn(bytes.toString("utf8"), "value") : undefined;
  if (token === undefined)
    throw new IndexError("no-identity-token", `${url.origin} gives no identity token: HTTP status ${status}`);
  return token;
}

function stringIn(json: string, key: string): string | undefined {
  try {
    const value = (JSON.parse(json) as Record<string, unknown>)[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  } catch {
    return undefined;
  }
}
