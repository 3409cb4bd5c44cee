import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNetrc } from "./netrc.ts";

test("parseNetrc() reads machines in any layout, and no default", () => {
  const text = `
# a comment
machine One.example login alice password s3cret#1
machine two.example
	login bob
	account ignored
	password "with \\"blank\\" s"
macdef init
  machine three.example login eve password x

default login anyone password everywhere
machine four.example password only
`;
  assert.deepEqual(parseNetrc(text), [
    { host: "one.example", login: "alice", password: "s3cret#1" },
    { host: "two.example", login: "bob", password: 'with "blank" s' },
    { host: "four.example", login: "", password: "only" },
  ]);
});

test("parseNetrc() makes something of anything", () => {
  for (const text of ["", "machine", "login a password b", "default", "machine a login", '"']) parseNetrc(text);
  assert.deepEqual(parseNetrc("machine a login"), [{ host: "a", login: "", password: "" }]);
});
