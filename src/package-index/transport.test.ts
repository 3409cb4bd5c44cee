import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { test } from "node:test";
import { type FakeIndex, startFakeIndex } from "../testing/fake-index.ts";
import {
  answer,
  dripping,
  endless,
  faultAt,
  hangUp,
  redirectTo,
  silent,
  stalled,
  truncated,
} from "../testing/index-faults.ts";
import type { GetOptions } from "./exchange.ts";
import { createTransport } from "./transport.ts";
import type { TransportOptions } from "./transport-options.ts";

function transportWith(options: Partial<TransportOptions> = {}) {
  return createTransport({ online: true, timeoutMs: 2000, retries: 0, userAgent: "tspip/test", ...options });
}

/** Gets and reads. */
async function get(url: string, options: Partial<TransportOptions> = {}, request: GetOptions = {}) {
  await using transport = transportWith(options);
  const response = await transport.get(new URL(url), request);
  const chunks: Buffer[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return { ...response, text: Buffer.concat(chunks).toString() };
}

/** Notes the headers of every request that comes. */
function noteHeaders(index: FakeIndex): IncomingHttpHeaders[] {
  const noted: IncomingHttpHeaders[] = [];
  const { fault } = index;
  index.fault = (request, response) => {
    noted.push(request.headers);
    return fault?.(request, response) ?? false;
  };
  return noted;
}

const again = { "retry-after": "0" };

test("get() sends what it is told to, and asks artifacts uncompressed", async () => {
  await using index = await startFakeIndex();
  index.fault = faultAt("/x", answer(200, {}, "hello"));
  const headers = noteHeaders(index);
  const { status, text, url } = await get(`${index.origin}/x?a=1`, {}, { accept: "text/html" });
  assert.deepEqual([status, text, url.href], [200, "hello", `${index.origin}/x?a=1`]);
  assert.equal(headers[0]?.accept, "text/html");
  assert.equal(headers[0]?.["accept-encoding"], "identity");
  assert.equal(headers[0]?.["user-agent"], "tspip/test");
  assert.deepEqual(index.requests, ["GET /x?a=1"]);
});

test("get() leaves 403, 404, 406 and 410 to the caller, with an empty body", async () => {
  await using index = await startFakeIndex();
  for (const status of [403, 404, 406, 410]) {
    index.fault = faultAt("/x", answer(status, {}, "a page for people"));
    const response = await get(`${index.origin}/x`, { retries: 3 });
    assert.deepEqual([response.status, response.text], [status, ""]);
  }
  assert.equal(index.requests.length, 4);
});

test("get() does not let unread answers hold connections", async () => {
  await using index = await startFakeIndex();
  index.fault = (_request, response) => {
    answer(404, { "content-type": "text/html" }, Buffer.alloc(300_000))(response);
    return true;
  };
  await using transport = transportWith();
  const gets = Array.from({ length: 60 }, () => transport.get(new URL(`${index.origin}/x`)));
  assert.ok((await Promise.all(gets)).every(({ status }) => status === 404));
});

test("get() tries again on 429 and 5xx, as often as it may", async () => {
  for (const status of [429, 500, 502, 503, 504]) {
    await using index = await startFakeIndex();
    index.fault = faultAt("/x", answer(status, again), 2);
    const fine = await get(`${index.origin}/x`, { retries: 2 });
    assert.equal(fine.status, 404);
    assert.equal(index.requests.length, 3);
    index.fault = faultAt("/x", answer(status, again), 2);
    await assert.rejects(get(`${index.origin}/x`, { retries: 1 }), {
      name: "IndexError",
      code: "index-unreachable",
      message: `${index.origin}/x answers with HTTP status ${status}`,
    });
  }
});

test("get() does not try again what will not pass", async () => {
  await using index = await startFakeIndex();
  for (const status of [400, 401, 418, 501, 304, 204]) {
    index.fault = faultAt("/x", answer(status));
    await assert.rejects(get(`${index.origin}/x`, { retries: 3 }), { code: "index-unreachable" });
  }
  assert.equal(index.requests.length, 6);
});

test("get() waits as long as the server asks", async () => {
  await using index = await startFakeIndex();
  index.fault = faultAt("/x", answer(503, { "retry-after": "1" }), 1);
  const start = performance.now();
  await get(`${index.origin}/x`, { retries: 1 });
  assert.ok(performance.now() - start >= 990);
});

test("get() tries again when a connection breaks before the answer", async () => {
  await using index = await startFakeIndex();
  index.fault = faultAt("/x", hangUp, 1);
  assert.equal((await get(`${index.origin}/x`, { retries: 1 })).status, 404);
  index.fault = faultAt("/x", hangUp);
  await assert.rejects(get(`${index.origin}/x`), { code: "index-unreachable", message: /^Cannot reach .*\/x: ./ });
});

test("get() says why nobody listens", async () => {
  const index = await startFakeIndex();
  await index[Symbol.asyncDispose]();
  await assert.rejects(get(index.url), { code: "index-unreachable", message: /ECONNREFUSED/ });
  await assert.rejects(get("https://no-such-host.invalid/"), { code: "index-unreachable" });
});

test("get() ends a silence before and within the answer", async () => {
  await using index = await startFakeIndex();
  index.fault = faultAt("/x", silent);
  await assert.rejects(get(`${index.origin}/x`, { timeoutMs: 300 }), {
    code: "index-unreachable",
    message: /[Tt]imeout/,
  });
  index.fault = faultAt("/x", stalled);
  await assert.rejects(get(`${index.origin}/x`, { timeoutMs: 300 }), { code: "answer-broken", message: /[Tt]imeout/ });
});

test("get() ends an answer that takes too long altogether, and does not ask for it again", async () => {
  await using index = await startFakeIndex();
  for (const respond of [dripping(), silent, answer(503, { "retry-after": "20" })]) {
    index.fault = faultAt("/x", respond);
    const before = index.requests.length;
    await assert.rejects(get(`${index.origin}/x`, { retries: 3 }, { totalMs: 400 }), {
      name: "IndexError",
      code: "too-slow",
      message: `The answer of ${index.origin}/x takes longer than 0.4 seconds`,
    });
    assert.equal(index.requests.length, before + 1);
  }
});

test("get() stops at once when the caller gives up", async () => {
  await using index = await startFakeIndex();
  for (const respond of [silent, dripping(), answer(503, { "retry-after": "20" })]) {
    index.fault = faultAt("/x", respond);
    const controller = new AbortController();
    const pending = get(`${index.origin}/x`, { signal: controller.signal, retries: 3 }, { totalMs: 10_000 });
    setTimeout(() => controller.abort(new Error("enough")), 200);
    await assert.rejects(pending, (error: Error) => error.name !== "IndexError");
  }
});

test("nobody waits to try again when the transport is closed", async () => {
  await using index = await startFakeIndex();
  index.fault = faultAt("/x", answer(503, { "retry-after": "20" }));
  const transport = transportWith({ retries: 5 });
  const asking = assert.rejects(transport.get(new URL(`${index.origin}/x`)));
  while (index.requests.length === 0) await new Promise(setImmediate);
  const before = performance.now();
  await transport[Symbol.asyncDispose]();
  await asking;
  assert.ok(performance.now() - before < 5000);
  assert.equal(index.requests.length, 1);
});

test("get() notices a body that ends early, and repeat() asks again", async () => {
  await using index = await startFakeIndex();
  const bytes = Buffer.from("x".repeat(1000));
  index.fault = faultAt("/x", truncated(bytes));
  await assert.rejects(get(`${index.origin}/x`, { retries: 3 }), { code: "answer-broken", message: /broke off/ });

  const read = async (retries: number) => {
    await using transport = transportWith({ retries });
    return await transport.repeat(async () => {
      const { body, status } = await transport.get(new URL(`${index.origin}/x`));
      for await (const _ of body);
      return status;
    });
  };
  index.fault = faultAt("/x", truncated(bytes), 1);
  assert.equal(await read(1), 404);
  index.fault = faultAt("/x", truncated(bytes));
  const before = index.requests.length;
  await assert.rejects(read(1), { code: "answer-broken" });
  assert.equal(index.requests.length, before + 2);
});

test("a reader that stops early ends an endless answer", async () => {
  await using index = await startFakeIndex();
  index.fault = faultAt("/x", endless());
  await using transport = transportWith();
  const { body } = await transport.get(new URL(`${index.origin}/x`));
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > 1 << 20) break;
  }
  assert.ok(length < 4 << 20);
});

test("get() follows redirects, passing each hop to beforeHop first", async () => {
  await using index = await startFakeIndex();
  await using files = await startFakeIndex();
  index.fault = faultAt("/x", redirectTo("/y"), 1);
  const second = faultAt("/y", redirectTo(`${files.origin}/z?signature=1#part`, 307));
  const first = index.fault;
  index.fault = (request, response) => first(request, response) || second(request, response);
  files.fault = faultAt("/z", answer(200, {}, "here"));

  const hops: string[] = [];
  const response = await get(`${index.origin}/x`, {}, { beforeHop: async (url) => void hops.push(url.href) });
  assert.equal(response.text, "here");
  assert.equal(response.url.href, `${files.origin}/z?signature=1#part`);
  assert.deepEqual(hops, [`${index.origin}/y`, `${files.origin}/z?signature=1#part`]);
});

test("get() ends with what beforeHop throws, before anything is sent there", async () => {
  await using index = await startFakeIndex();
  await using elsewhere = await startFakeIndex();
  index.fault = faultAt("/x", redirectTo(`${elsewhere.origin}/y`));
  const refusal = new Error("refused");
  await assert.rejects(get(`${index.origin}/x`, { retries: 3 }, { beforeHop: () => Promise.reject(refusal) }), refusal);
  assert.deepEqual(elsewhere.requests, []);
});

test("get() sends credentials to their origin and nowhere else", async () => {
  await using index = await startFakeIndex();
  await using elsewhere = await startFakeIndex();
  index.fault = faultAt("/x", redirectTo(`${elsewhere.origin}/y`));
  const [here, there] = [noteHeaders(index), noteHeaders(elsewhere)];
  await get(`${index.origin}/x`, { credentials: new Map([[index.origin, "Basic c2VjcmV0"]]) });
  assert.equal(here[0]?.authorization, "Basic c2VjcmV0");
  assert.equal(there[0]?.authorization, undefined);
});

test("get() sends no credentials that stand in a redirect, and hands none on", async () => {
  await using index = await startFakeIndex();
  await using elsewhere = await startFakeIndex();
  index.fault = faultAt("/x", redirectTo(elsewhere.origin.replace("//", "//user:secret@")));
  const there = noteHeaders(elsewhere);
  const hops: string[] = [];
  const { url } = await get(`${index.origin}/x`, {}, { beforeHop: async (hop) => void hops.push(hop.href) });
  assert.equal(there[0]?.authorization, undefined);
  assert.doesNotMatch([url.href, ...hops].join(), /secret/);
});

test("get() ends a redirect loop", async () => {
  await using index = await startFakeIndex();
  index.fault = faultAt("/x", redirectTo("/x"));
  await assert.rejects(get(`${index.origin}/x`, { retries: 3 }), { code: "too-many-redirects" });
  assert.equal(index.requests.length, 11);
});

test("get() refuses a redirect to http elsewhere, to a file, or to nothing", async () => {
  await using index = await startFakeIndex();
  for (const [location, code] of [
    ["http://files.example/x", "insecure-url"],
    ["file:///etc/passwd", "insecure-url"],
    ["ftp://127.0.0.1/x", "insecure-url"],
    ["data:text/html,x", "insecure-url"],
    ["http://[", "index-answer-invalid"],
  ] as const) {
    index.fault = faultAt("/x", redirectTo(location));
    await assert.rejects(get(`${index.origin}/x`), { name: "IndexError", code }, location);
  }
  index.fault = faultAt("/x", answer(302));
  await assert.rejects(get(`${index.origin}/x`), {
    code: "index-answer-invalid",
    message: /without a usable Location/,
  });
});

test("get() takes https only, and http on this machine", async () => {
  for (const url of [
    "http://index.example/x",
    "http://127.0.0.1.example/",
    "http://localhost.example/",
    "ftp://127.0.0.1/",
  ])
    await assert.rejects(get(url), { code: "insecure-url" }, url);
});

test("get() opens no connection offline", async () => {
  await using index = await startFakeIndex();
  await assert.rejects(get(index.url, { online: false }), {
    code: "offline",
    message: /--offline opens no connection/,
  });
  assert.deepEqual(index.requests, []);
});

test("messages show neither credentials nor query of a URL", async () => {
  const url = "http://user:secret@index.example/x?token=secret#secret";
  await assert.rejects(
    get(url),
    (error: Error) => !error.message.includes("secret") && error.message.includes("index.example/x"),
  );
});
