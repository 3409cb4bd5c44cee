import type { IncomingMessage, ServerResponse } from "node:http";
import { pathOf, sendError } from "../proxy/answer.ts";
import { type BoundedServer, startServer, type TlsTexts } from "../proxy/bounded-server.ts";
import { type IndexContent, respond } from "../proxy/respond.ts";
import { send, sendDocument } from "../proxy/send.ts";
import { isLetIn } from "./access.ts";
import type { AccessConfig, ServiceConfig, TeamConfig } from "./config.ts";
import type { Metrics } from "./metrics.ts";

/** What the service answers with. */
export interface ServiceContent {
  /** Lends the index of a team. */
  index(team: string, action: (content: IndexContent) => Promise<void>): Promise<void>;
  /** Whether the database answers. */
  isReady(): Promise<boolean>;
  readonly metrics: Metrics;
  /** Told of each request when its answer has ended. */
  log(entry: AccessEntry): void;
  readonly version: string;
}

/** One line of the access log. */
export interface AccessEntry {
  readonly client: string;
  /** Empty where a request is for no team, or was not let in. */
  readonly team: string;
  readonly method: string;
  readonly path: string;
  /** 0 when the client went away before there was an answer. */
  readonly status: number;
  readonly milliseconds: number;
  /** The cause of an answer that is no success. */
  readonly reason?: string;
}

const connections = 4_096;

/** Starts to listen. Requests have the path of their team: `/TEAM/simple/NAME/`. */
export function startService(
  config: Pick<ServiceConfig, "listen" | "teams" | "metrics">,
  tls: TlsTexts | undefined,
  content: ServiceContent,
): Promise<BoundedServer> {
  const teams = new Map(config.teams.map((team) => [team.name, team]));
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    response.on("error", () => {});
    const [, first = "", ...rest] = (pathOf(request) ?? "/").split("/");
    const team = teams.get(first);
    const isKnown = team !== undefined && isLetIn(team, request.headers.authorization);
    logWhenEnded(request, response, isKnown ? team.name : "", content);
    try {
      if (first === "health" && rest.length === 0) return await health(request, response, content);
      if (first === "metrics" && rest.length === 0) return await metrics(request, response, config.metrics, content);
      if (!isKnown) return unknown(request, response, team, config.teams);
      await content.index(team.name, (index) => respond(`/${rest.join("/")}`, request, response, index));
    } catch (error) {
      sendError(request, response, error);
    }
  };
  return startServer((request, response) => void listener(request, response), { ...config.listen, connections, tls });
}

async function health(request: IncomingMessage, response: ServerResponse, content: ServiceContent): Promise<void> {
  const isReady = await content.isReady();
  const body = JSON.stringify({ status: isReady ? "ok" : "database-away", version: content.version });
  response.writeHead(isReady ? 200 : 503, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(request.method === "HEAD" ? undefined : `${body}\n`);
}

async function metrics(
  request: IncomingMessage,
  response: ServerResponse,
  access: AccessConfig | undefined,
  { metrics }: ServiceContent,
): Promise<void> {
  if (access === undefined) return send(request, response, { status: 404, text: "Not found" });
  if (!isLetIn(access, request.headers.authorization)) return challenge(request, response);
  const { contentType, body } = await metrics.render();
  sendDocument(request, response, contentType, Buffer.from(body));
}

/** Who is not let in learns nothing about which teams there are. */
function unknown(
  request: IncomingMessage,
  response: ServerResponse,
  team: TeamConfig | undefined,
  teams: readonly TeamConfig[],
): void {
  if (team !== undefined || teams.some(({ isOpen }) => !isOpen)) challenge(request, response);
  else send(request, response, { status: 404, text: "Not found" });
}

function challenge(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("www-authenticate", 'Basic realm="tspip", charset="UTF-8"');
  send(request, response, { status: 401, text: "A token of this index is needed" });
}

function logWhenEnded(request: IncomingMessage, response: ServerResponse, team: string, content: ServiceContent): void {
  const start = performance.now();
  response.once("close", () => {
    const status = response.headersSent ? response.statusCode : 0;
    const milliseconds = Math.round(performance.now() - start);
    content.metrics.request(team, status, milliseconds / 1000);
    content.log({
      client: request.socket.remoteAddress ?? "",
      team,
      method: request.method ?? "",
      path: request.url ?? "",
      status,
      milliseconds,
      ...(status >= 400 && { reason: response.statusMessage }),
    });
  });
}
