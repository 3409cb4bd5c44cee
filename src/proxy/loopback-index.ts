import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { messageOf, TspipError } from "../errors.ts";
import { type IndexContent, respond } from "./respond.ts";
import { send } from "./send.ts";

/** A package index on 127.0.0.1, for a program that tspip starts. Disposing ends it. */
export interface LoopbackIndex extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/TOKEN/simple/`. Who does not know the token gets nothing. */
  readonly url: URL;
}

/** Nothing that a client does may hold us: a package installer opens some 50 connections and sends short requests. */
const limits = { connections: 512, headersMs: 20_000, requestMs: 60_000, idleMs: 30_000, headerBytes: 16 << 10 };

/** Starts an index with what `content` has, on a free port. */
export async function startLoopbackIndex(content: IndexContent): Promise<LoopbackIndex> {
  const prefix = `/${randomBytes(16).toString("hex")}`;
  const server = createServer({ maxHeaderSize: limits.headerBytes }, (request, response) => {
    void answer(request, response, prefix, content);
  });
  server.maxConnections = limits.connections;
  server.headersTimeout = limits.headersMs;
  server.requestTimeout = limits.requestMs;
  server.keepAliveTimeout = limits.idleMs;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}${prefix}/simple/`),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  prefix: string,
  content: IndexContent,
): Promise<void> {
  // A client that goes away is no error of ours.
  response.on("error", () => {});
  try {
    const pathname = URL.parse(request.url ?? "/", "http://127.0.0.1")?.pathname;
    if (!pathname?.startsWith(`${prefix}/`)) return send(request, response, { status: 404, text: "Not found" });
    await respond(pathname.slice(prefix.length), request, response, content);
  } catch (error) {
    if (response.headersSent) return void response.destroy();
    // What could not be had upstream is no answer about the file: the client may ask again.
    const status = error instanceof TspipError ? 502 : 500;
    send(request, response, { status, text: messageOf(error) });
  }
}
