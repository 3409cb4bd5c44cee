import assert from "node:assert/strict";
import { test } from "node:test";
import { authorsOf } from "./authors.ts";

test("authorsOf() joins one name and one address", () => {
  assert.deepEqual(authorsOf({ author: "Ada", authorEmail: "ada@example.org" }), [
    { name: "Ada", email: "ada@example.org" },
  ]);
});

test("authorsOf() splits a list of mailboxes", () => {
  assert.deepEqual(
    authorsOf({ authorEmail: '"Doe, Jane \\"J\\"" <jane@example.org>, Ünï <ü@exämple.org>, bare@example.org' }),
    [
      { name: 'Doe, Jane "J"', email: "jane@example.org" },
      { name: "Ünï", email: "ü@exämple.org" },
      { email: "bare@example.org" },
    ],
  );
});

test("authorsOf() says a name once when both fields have it", () => {
  assert.deepEqual(authorsOf({ author: "Ada", authorEmail: "Ada <ada@example.org>" }), [
    { name: "Ada", email: "ada@example.org" },
  ]);
});

test("authorsOf() takes an address out of Author", () => {
  assert.deepEqual(authorsOf({ author: "Ada <ada@example.org>" }), [{ name: "Ada", email: "ada@example.org" }]);
  assert.deepEqual(authorsOf({ author: "Ada, Bob" }), [{ name: "Ada, Bob" }]);
});

test("authorsOf() keeps what is no address as a name", () => {
  assert.deepEqual(authorsOf({ authorEmail: "ada at example dot org" }), [{ name: "ada at example dot org" }]);
  assert.deepEqual(authorsOf({ authorEmail: "Ada <ada@localhost>" }), [{ name: "Ada" }]);
  assert.deepEqual(authorsOf({ authorEmail: "<>" }), [{ name: "<>" }]);
});

test("authorsOf() finds nobody where nobody is named", () => {
  assert.deepEqual(authorsOf({}), []);
  assert.deepEqual(authorsOf({ authorEmail: " , ," }), []);
});
