import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { mock, test } from "node:test";
import { startServer } from "./bounded-server.ts";
import { pump } from "./pump.ts";

const options = { host: "127.0.0.1", port: 0, connections: 4_096 };

/** Opens a connection that sends `text` and nothing more. */
async function hold(port: number, text: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(text);
  return socket;
}

function closed(socket: Socket): Promise<void> {
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once("close", () => resolve()));
}

test("1,000 idle connections leave room for others, cost little, and are closed", { timeout: 120_000 }, async () => {
  await using server = await startServer((_, response) => void response.end("here"), options);
  const { port } = server.address;
  const before = process.memoryUsage.rss();
  const silent = await Promise.all(Array.from({ length: 500 }, () => hold(port, "")));
  const slow = await Promise.all(Array.from({ length: 500 }, () => hold(port, "GET / HTTP/1.1\r\nHost: x\r\nA: ")));
  const drip = setInterval(() => slow.forEach((socket) => void socket.write("a")), 1_000);
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "here");
  assert.ok(process.memoryUsage.rss() - before < 150 << 20, "clients and server together, in this process");
  await Promise.all([...silent, ...slow].map((socket) => closed(socket.resume())));
  clearInterval(drip);
});

test("connections beyond the limit are closed at once", async () => {
  await using server = await startServer((_, response) => void response.end("here"), { ...options, connections: 2 });
  const held = await Promise.all([1, 2].map(() => hold(server.address.port, "")));
  const third = await hold(server.address.port, "GET / HTTP/1.1\r\n\r\n");
  await closed(third.resume());
  for (const socket of held) socket.destroy();
});

test("a body that nobody asked for is not read", { timeout: 20_000 }, async () => {
  await using server = await startServer((_, response) => void response.writeHead(405).end(), options);
  const socket = await hold(server.address.port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n");
  const [answer] = await once(socket, "data");
  assert.match(String(answer), /^HTTP\/1\.1 405/);
  const timer = setInterval(() => socket.write(Buffer.alloc(1 << 20)), 5);
  await closed(socket);
  clearInterval(timer);
});

test("a reader that is too slow loses its connection", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const reader = new PassThrough({ highWaterMark: 1 });
  const done = pump([Buffer.alloc(10), Buffer.alloc(10)], reader as never, 20);
  mock.timers.tick(130_000);
  mock.timers.reset();
  await done;
  assert.equal(reader.destroyed, true);
});
