import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { EnvironmentError, messageOf } from "../errors.ts";

/** Where a server listens, and what it allows. */
export interface ServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Connections at once; more are closed at once. */
  readonly connections: number;
  /** PEM texts; without them it speaks plain HTTP. */
  readonly tls?: TlsTexts | undefined;
}

/** A certificate chain and its key, as PEM. */
export interface TlsTexts {
  readonly cert: string;
  readonly key: string;
}

/** A server that listens. Disposing closes it at once, with all connections. */
export interface BoundedServer extends AsyncDisposable {
  readonly address: AddressInfo;
  /** Takes other certificates for new connections. */
  renewTls(tls: TlsTexts): void;
  /** Takes no new connections, and resolves when the answers under way are sent or `graceMs` are over. */
  drain(graceMs: number): Promise<void>;
}

/** Nothing that a client does may hold us: an installer sends short requests, and none has a body. */
const limits = { headersMs: 20_000, requestMs: 60_000, idleMs: 30_000, headerBytes: 16 << 10 };

/** How often connections are looked at that overstay a limit. */
const checkMs = 5_000;

/** Starts a server that no client can hold by being slow, idle or many. @throws EnvironmentError `cannot-listen` */
export async function startServer(listener: RequestListener, options: ServerOptions): Promise<BoundedServer> {
  const common = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: checkMs,
  };
  const answer: RequestListener = (request, response) => {
    // Nobody has a use for a body; its connection ends with the answer.
    if (hasBody(request.headers)) response.setHeader("connection", "close");
    listener(request, response);
  };
  const secure = options.tls && createTlsServer({ ...common, ...options.tls, minVersion: "TLSv1.2" }, answer);
  const server: Server = secure ?? createServer(common, answer);
  server.maxConnections = options.connections;
  server.listen(options.port, options.host);
  await once(server, "listening").catch((error) => {
    throw cannotListen(options, error);
  });
  return {
    address: server.address() as AddressInfo,
    renewTls: (tls) => secure?.setSecureContext({ ...tls, minVersion: "TLSv1.2" }),
    async drain(graceMs) {
      const closed = once(server, "close");
      server.close();
      // Clients keep connections for their next request, which they have to make elsewhere.
      const idle = setInterval(() => server.closeIdleConnections(), 100);
      const over = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(idle);
      clearTimeout(over);
    },
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What these mean where a server is to listen. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: "there is no permission for this port",
  EADDRINUSE: "another program listens there",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "there is no such host",
};

function cannotListen({ host, port }: ServerOptions, cause: NodeJS.ErrnoException): EnvironmentError {
  const why = reasons[cause.code ?? ""] ?? messageOf(cause);
  return new EnvironmentError("cannot-listen", `Cannot listen on ${host}:${port}: ${why}`, { cause });
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}
