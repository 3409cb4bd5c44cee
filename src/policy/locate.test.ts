import assert from "node:assert/strict";
import { test } from "node:test";
import { locate, type Path } from "./locate.ts";

const text = `# "quoted" = [ in a comment
version = 1 # and after a value
"dotted".'keys' . here = "a = 1"

[a.b]
list = [ 1, "two, ]", # comment ]
  { x = 'y', "z w" = [ ] },
]
multi = """
[not.a.table]
x = 1 \\""" still
"""
date = 2027-06-30 07:32:00
literal = '''
[no]'''

[[rule]]
match = { name = "a#b" }
[[rule]]
[rule.match]
name = "second"
[[rule.sub]]
x = 1
[[rule.sub]]
x = 2
`;

function at(...path: Path): string {
  const { key, value } = locate(text)(path);
  const slice = (span: typeof value) => text.slice(span.offset, span.offset + span.length);
  return key === undefined ? slice(value) : `${slice(key)} -> ${slice(value)}`;
}

test("locate() finds keys and values of every form", () => {
  assert.equal(at("version"), "version -> 1");
  assert.equal(at("dotted", "keys", "here"), 'here -> "a = 1"');
  assert.equal(at("dotted", "keys"), "'keys' -> 'keys'");
  assert.equal(at("a", "b"), "b -> b");
  assert.equal(at("a", "b", "list", 0), "1");
  assert.equal(at("a", "b", "list", 1), '"two, ]"');
  assert.equal(at("a", "b", "list", 2, "x"), "x -> 'y'");
  assert.equal(at("a", "b", "list", 2, "z w"), '"z w" -> [ ]');
  assert.equal(at("a", "b", "date"), "date -> 2027-06-30 07:32:00");
  assert.match(at("a", "b", "multi"), /^multi -> """\n\[not[\s\S]* still\n"""$/);
  assert.equal(at("a", "b", "literal"), "literal -> '''\n[no]'''");
});

test("locate() counts the tables of an array", () => {
  assert.equal(at("rule", 0, "match", "name"), 'name -> "a#b"');
  assert.equal(at("rule", 1, "match", "name"), 'name -> "second"');
  assert.equal(at("rule", 1, "sub", 0, "x"), "x -> 1");
  assert.equal(at("rule", 1, "sub", 1, "x"), "x -> 2");
});

test("locate() finds the nearest table around what is not there", () => {
  assert.equal(at("a", "b", "list", 2, "missing"), `{ x = 'y', "z w" = [ ] }`);
  assert.equal(at("a", "b", "missing"), "b -> b");
  assert.deepEqual(locate(text)(["missing"]), { value: { offset: 0, length: 0 } });
});
