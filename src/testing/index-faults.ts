import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { setInterval, setTimeout } from "node:timers";
import { gzipSync } from "node:zlib";
import type { Fault } from "./fake-index.ts";

/** One way to answer. */
export type Respond = (response: ServerResponse) => void;

/** Answers so the first `times` requests whose path begins with `path`. */
export function faultAt(path: string, respond: Respond, times = Number.POSITIVE_INFINITY): Fault {
  let left = times;
  return ({ url = "" }, response) => {
    if (!url.startsWith(path) || left === 0) return false;
    left -= 1;
    respond(response);
    return true;
  };
}

/** A whole answer. */
export function answer(status: number, headers: OutgoingHttpHeaders = {}, body: string | Uint8Array = ""): Respond {
  return (response) => void response.writeHead(status, headers).end(body);
}

export function redirectTo(location: string, status = 302): Respond {
  return answer(status, { location });
}

/** Promises all of `bytes`, sends the first half and hangs up. */
export function truncated(bytes: Uint8Array): Respond {
  return (response) => {
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2), () => setTimeout(() => response.destroy(), 20));
  };
}

/** Sends as fast as it is read, for ever. */
export function endless(type = "application/octet-stream"): Respond {
  return (response) => {
    response.writeHead(200, { "content-type": type });
    const send = () => {
      while (response.write(Buffer.alloc(1 << 16, " ")));
      response.once("drain", send);
    };
    send();
  };
}

/** Sends one byte now and then, for ever: there is never a silence to complain of. */
export function dripping(everyMs = 20): Respond {
  return (response) => {
    response.writeHead(200, { "content-type": "text/html" });
    const drip = setInterval(() => response.write(" "), everyMs);
    response.on("close", () => clearInterval(drip));
  };
}

/** Takes the request and says nothing. */
export const silent: Respond = () => {};

/** Sends a beginning and then nothing. */
export const stalled: Respond = (response) => {
  response.writeHead(200, { "content-type": "text/html", "content-length": 1000 });
  response.write("<!DOCTYPE html>");
};

export const hangUp: Respond = (response) => void response.destroy();

/** A few bytes that inflate to `size` blanks. */
export function gzipBomb(size: number, type = "text/html"): Respond {
  return answer(200, { "content-type": type, "content-encoding": "gzip" }, gzipSync(Buffer.alloc(size, " ")));
}

/** Bytes on the connection, whatever they are, and its end. */
export function rawAnswer(text: string): Respond {
  return ({ socket }) => void socket?.end(text);
}
