import { getCACertificates } from "node:tls";
import { type Dispatcher, EnvHttpProxyAgent } from "undici";
import type { TransportOptions } from "./transport.ts";

export type { Dispatcher };

/** What opens connections for the transport. A module of its own, so that undici is loaded when there is one to open. */
export function createDispatcher({ ca, clientCert, proxies = {}, timeoutMs }: TransportOptions): Dispatcher {
  const tls = {
    timeout: timeoutMs,
    ...(ca !== undefined && { ca: [...getCACertificates("default"), ca] }),
    ...(clientCert !== undefined && { cert: clientCert, key: clientCert }),
  };
  return new EnvHttpProxyAgent({
    allowH2: true,
    connections: 16,
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
