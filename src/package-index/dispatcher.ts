import { createSecureContext, getCACertificates } from "node:tls";
import { type Dispatcher, EnvHttpProxyAgent } from "undici";
import { joinedAuthorities } from "./authorities.ts";
import { checkServer } from "./pinned-authorities.ts";
import type { TransportOptions } from "./transport-options.ts";

export type { Dispatcher };

/** What opens connections for the transport. A module of its own, so that undici is loaded when there is one to open. */
export function createDispatcher({
  ca,
  authorities,
  clientCert,
  proxies = {},
  timeoutMs,
}: TransportOptions): Dispatcher {
  const known = ca === undefined ? undefined : joinedAuthorities(getCACertificates("default"), ca);
  const tls = {
    // One for all connections: to read the authorities takes longer than to connect.
    secureContext: createSecureContext({
      ...(known !== undefined && { ca: known }),
      ...(clientCert !== undefined && { cert: clientCert, key: clientCert }),
    }),
    timeout: timeoutMs,
    // Node would take NODE_TLS_REJECT_UNAUTHORIZED's word for it.
    rejectUnauthorized: true,
    ...(authorities !== undefined && { checkServerIdentity: checkServer(authorities) }),
  };
  return new EnvHttpProxyAgent({
    allowH2: true,
    connections: 16,
    // For a file, and for all that are under way: a page of some megabytes comes at once, and does not wait for this program to
    // take notice of each part. (undici has other names for them now, of which it does not read the first.)
    initialWindowSize: 8 << 20,
    connectionWindowSize: 32 << 20,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    // Directly; to the proxy; and through the proxy to the server.
    connect: tls,
    proxyTls: tls,
    requestTls: tls,
    // Given explicitly, also when empty, so that nothing is read from the process.
    httpProxy: proxies.http ?? "",
    httpsProxy: proxies.https ?? "",
    noProxy: proxies.none ?? "",
  });
}
