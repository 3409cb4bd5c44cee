import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { pagesFirst } from "./pages-first.ts";

/** Longer than any pause between an answer and the next question. */
const longMs = 50;

test("pagesFirst() does work when no page is awaited, in its order, and once", async () => {
  const pages = pagesFirst();
  const done: string[] = [];
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const reading = [pages.page(first.promise), pages.page(second.promise)];
  for (const name of ["a", "b"]) pages.after(() => void done.push(name));
  first.resolve("page");
  assert.equal(await reading[0], "page");
  await wait(longMs);
  assert.equal(done.length, 0);
  second.resolve("other page");
  await reading[1];
  await wait(longMs);
  assert.deepEqual(done, ["a", "b"]);
  pages.after(() => void done.push("c"));
  await wait(longMs);
  assert.deepEqual(done, ["a", "b", "c"]);
});

test("pagesFirst() hands on what kept a page from being read, and goes on", async () => {
  const pages = pagesFirst();
  const done: string[] = [];
  pages.after(() => void done.push("a"));
  await assert.rejects(pages.page(Promise.reject(new Error("no page"))), /no page/);
  await wait(longMs);
  assert.deepEqual(done, ["a"]);
});
