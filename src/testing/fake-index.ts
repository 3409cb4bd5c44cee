import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { digestOf } from "../distribution/digest.ts";
import { parseFilename } from "../distribution/filename.ts";
import type { ServerCertificate } from "./tls-authority.ts";

/** A file as an index offers it. */
export interface OfferedFile {
  readonly filename: string;
  readonly bytes: Uint8Array;
  /** JSON text of a provenance object; null where the index says that there is none; left out where it does not say. */
  readonly provenance?: string | null;
  /** What `attestations/SHA256` of the server answers; nothing of the index links to it. */
  readonly attestations?: string;
  /** What the index promises; the true SHA-256 when left out. */
  readonly hashes?: Readonly<Record<string, string>>;
  readonly size?: number;
  readonly yanked?: string | boolean;
  readonly requiresPython?: string;
  readonly uploadTime?: string;
  /** The METADATA that is served beside the file (PEP 658). */
  readonly coreMetadata?: string;
}

/**
 * Answers a request in another way than the index would; what it returns `false` for, the index answers.
 * `index-faults.ts` has the usual ones.
 */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A package index on loopback: project pages in JSON and HTML, files, provenance. */
export interface FakeIndex extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/simple/`, or https */
  readonly url: string;
  readonly origin: string;
  /** `METHOD PATH` of every request, in order. */
  readonly requests: readonly string[];
  /** `json` and `html` answer so whatever is asked for; `negotiated` looks at Accept. */
  format: "negotiated" | "json" | "html";
  add(file: OfferedFile): void;
  /** Marks a project (PEP 792), by its name in normal form; of a quarantined one it lists the files all the same. */
  mark(project: string, status: string, reason?: string): void;
  /** Gets every request first. */
  fault: Fault | undefined;
  /** Answers what `fault` has kept. */
  replay: (request: IncomingMessage, response: ServerResponse) => void;
}

const jsonType = "application/vnd.pypi.simple.v1+json";
const integrityType = "application/vnd.pypi.integrity.v1+json";

/** @param certificate for an index that speaks https */
export async function startFakeIndex(certificate?: ServerCertificate): Promise<FakeIndex> {
  const files = new Map<string, OfferedFile>();
  const marks = new Map<string, { status: string; reason?: string }>();
  const requests: string[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${request.url}`);
    if (index.fault?.(request, response)) return;
    answer(request, response);
  };
  const server = certificate === undefined ? createServer(listener) : createTlsServer({ ...certificate }, listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `${certificate === undefined ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const index: FakeIndex = {
    url: `${origin}/simple/`,
    origin,
    requests,
    format: "negotiated",
    fault: undefined,
    replay: answer,
    add: (file) => void files.set(file.filename, file),
    mark: (project, status, reason) => void marks.set(project, { status, ...(reason !== undefined && { reason }) }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return index;

  function answer({ url = "/", headers }: IncomingMessage, response: ServerResponse): void {
    const [, kind = "", name = "", action] = decodeURIComponent(url).split("/");
    const file = files.get(name.replace(/\.metadata$/, ""));
    if (kind === "simple") answerPage(name, String(headers.accept), response);
    else if (kind === "attestations") sendAttestations(name, response);
    else if (file === undefined) send(response, 404, "text/plain", "no such file");
    else if (name.endsWith(".metadata")) sendMetadata(file, response);
    else if (kind === "files") sendFile(file.bytes, headers.range, response);
    else if (kind === "integrity" && action === "provenance" && file.provenance) {
      send(response, 200, integrityType, file.provenance);
    } else send(response, 404, "text/plain", "there is none");
  }

  /** As a server does that keeps them by the digest of what they are about. */
  function sendAttestations(sha256: string, response: ServerResponse): void {
    const about = [...files.values()].find(({ bytes }) => digestOf(bytes) === sha256);
    if (about?.attestations === undefined) send(response, 404, "text/plain", "there is none");
    else send(response, 200, integrityType, about.attestations);
  }

  function sendMetadata({ coreMetadata }: OfferedFile, response: ServerResponse): void {
    if (coreMetadata === undefined) send(response, 404, "text/plain", "there is none");
    else send(response, 200, "application/octet-stream", coreMetadata);
  }

  function answerPage(project: string, accept: string, response: ServerResponse): void {
    const offered = [...files.values()].filter(({ filename }) => parseFilename(filename).name === project);
    const asJson = index.format === "json" || (index.format === "negotiated" && accept.includes(jsonType));
    if (offered.length === 0) send(response, 404, "text/plain", "no such project");
    else if (asJson) send(response, 200, jsonType, JSON.stringify(jsonPage(project, offered)));
    else send(response, 200, "text/html", htmlPage(project, offered));
  }

  function jsonPage(name: string, offered: readonly OfferedFile[]): object {
    const listed = offered.map(
      ({ filename, bytes, provenance, hashes, size, yanked = false, requiresPython, uploadTime, coreMetadata }) => ({
        filename,
        url: `/files/${filename}`,
        hashes: hashes ?? { sha256: digestOf(bytes) },
        size: size ?? bytes.length,
        yanked,
        "requires-python": requiresPython,
        "upload-time": uploadTime,
        "core-metadata": coreMetadata !== undefined && { sha256: sha256Of(coreMetadata) },
        provenance: provenance ? provenanceUrl(filename) : provenance,
      }),
    );
    return { meta: { "api-version": "1.4" }, name, files: listed, "project-status": marks.get(name) };
  }

  function htmlPage(project: string, offered: readonly OfferedFile[]): string {
    const links = offered.map(({ filename, bytes, provenance, hashes, yanked, requiresPython, coreMetadata }) => {
      const [algorithm, hex] = Object.entries(hashes ?? { sha256: digestOf(bytes) })[0] ?? [];
      const attributes = [
        `href="../../files/${filename}${algorithm === undefined ? "" : `#${algorithm}=${hex}`}"`,
        ...(requiresPython === undefined ? [] : [`data-requires-python="${escapeHtml(requiresPython)}"`]),
        ...(yanked ? [`data-yanked="${yanked === true ? "" : escapeHtml(yanked)}"`] : []),
        ...(coreMetadata === undefined ? [] : [`data-core-metadata="sha256=${sha256Of(coreMetadata)}"`]),
        ...(provenance ? [`data-provenance="${provenanceUrl(filename)}"`] : []),
      ];
      return `<a ${attributes.join(" ")}>${filename}</a><br>`;
    });
    const { status: word, reason = "" } = marks.get(project) ?? {};
    const status =
      word === undefined
        ? ""
        : `<meta name="pypi:project-status" content="${word}"><meta name="pypi:project-status-reason" content="${escapeHtml(reason)}">`;
    return `<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.4">${status}</head><body>${links.join("\n")}</body></html>`;
  }

  function provenanceUrl(filename: string): string {
    return `${origin}/integrity/${filename}/provenance`;
  }
}

function sha256Of(text: string): string {
  return digestOf(Buffer.from(text));
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** The whole, or a range of it (RFC 9110, section 14). */
function sendFile(bytes: Uint8Array, range: string | undefined, response: ServerResponse): void {
  const { from, to = "" } = /^bytes=(?<from>\d*)-(?<to>\d*)$/.exec(range ?? "")?.groups ?? {};
  if (from === undefined) {
    send(response, 200, "application/octet-stream", bytes);
    return;
  }
  const start = from === "" ? Math.max(0, bytes.length - Number(to)) : Number(from);
  const end = from === "" || to === "" ? bytes.length : Math.min(bytes.length, Number(to) + 1);
  response.setHeader("content-range", `bytes ${start}-${end - 1}/${bytes.length}`);
  send(response, 206, "application/octet-stream", bytes.subarray(start, end));
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
