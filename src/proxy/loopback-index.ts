import { randomBytes } from "node:crypto";
import { answer } from "./answer.ts";
import { startServer } from "./bounded-server.ts";
import type { IndexContent } from "./respond.ts";

/** A package index on 127.0.0.1, for a program that tspip starts. Disposing ends it. */
export interface LoopbackIndex extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/TOKEN/simple/`. Who does not know the token gets nothing. */
  readonly url: URL;
}

/** A package installer opens some 50 connections. */
const connections = 512;

/** Starts an index with what `content` has, on a free port. */
export async function startLoopbackIndex(content: IndexContent): Promise<LoopbackIndex> {
  const prefix = `/${randomBytes(16).toString("hex")}`;
  const server = await startServer((request, response) => void answer(request, response, prefix, content), {
    host: "127.0.0.1",
    port: 0,
    connections,
  });
  return {
    url: new URL(`http://127.0.0.1:${server.address.port}${prefix}/simple/`),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
