import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { ServerCertificate } from "./tls-authority.ts";

/** One upload that a server took. */
export interface Upload {
  readonly authorization: string | undefined;
  readonly filename: string;
  readonly bytes: Buffer;
  /** The other fields, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Answers a request; what it returns `false` for, the server answers. */
export type UploadFault = (request: IncomingMessage, response: ServerResponse) => boolean;

/** An index's upload API on loopback, which keeps what it is sent; and PyPI's exchange of identity tokens. */
export interface FakeUploadServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/legacy/`, or https with a certificate. */
  readonly url: string;
  readonly origin: string;
  readonly uploads: readonly Upload[];
  /** `METHOD PATH` of every request, in order. */
  readonly requests: readonly string[];
  fault: UploadFault | undefined;
  /** For whom identity tokens have to be. */
  audience: string;
  /** What the job's identity endpoint gives; by default a text that says what was asked for. */
  identity: string | undefined;
}

export async function startFakeUploadServer(certificate?: ServerCertificate): Promise<FakeUploadServer> {
  const uploads: Upload[] = [];
  const requests: string[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${request.url}`);
    if (server.fault?.(request, response)) return;
    const body = await readBody(request);
    if (request.url === "/_/oidc/audience") answer(response, 200, { audience: server.audience });
    else if (request.url?.startsWith("/identity"))
      answer(response, 200, { value: server.identity ?? `identity for ${request.url}` });
    else if (request.url === "/_/oidc/mint-token") answer(response, 200, { token: `minted for ${body}` });
    else await take(request, body, response);
  };
  const take = async (request: IncomingMessage, body: Buffer, response: ServerResponse) => {
    const upload = await readUpload(request, body);
    if (uploads.some(({ filename }) => filename === upload.filename)) {
      response.writeHead(400, { "content-type": "text/html" });
      response.end("<html><head><title>400</title></head><body><h1>400 File already exists.</h1></body></html>");
      return;
    }
    uploads.push(upload);
    response.writeHead(200).end();
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => void handle(request, response);
  const http = certificate === undefined ? createServer(listener) : createTlsServer({ ...certificate }, listener);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const scheme = certificate === undefined ? "http" : "https";
  const origin = `${scheme}://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const server: FakeUploadServer = {
    url: `${origin}/legacy/`,
    origin,
    uploads,
    requests,
    fault: undefined,
    audience: "fake-index",
    identity: undefined,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      http.close();
      await once(http, "close");
    },
  };
  return server;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function readUpload({ headers }: IncomingMessage, body: Buffer): Promise<Upload> {
  const type = headers["content-type"] ?? "";
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
  const file = form.get("content");
  if (!(file instanceof File)) throw new TypeError("The form has no file");
  const fields = [...form].flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : []));
  return {
    authorization: headers.authorization,
    filename: file.name,
    bytes: Buffer.from(await file.arrayBuffer()),
    fields,
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
