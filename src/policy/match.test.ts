import assert from "node:assert/strict";
import { test } from "node:test";
import { subjectOf } from "./cases/case-evidence.ts";
import { indexAddress, ruleFor } from "./match.ts";
import { parsePolicy } from "./parse.ts";
import type { PolicySubject } from "./policy.ts";

const subject = subjectOf({
  artifact: { filename: "acme_tool-2.0rc1-py3-none-any.whl", index: "https://index.example.org/simple" },
});

function ruleWith(match: string, given: PolicySubject = subject): string {
  return ruleFor(parsePolicy(`version = 1\n[[rule]]\nmatch = { ${match} }`, "policy.toml"), given).name;
}

test("ruleFor() needs every field of the match to hold", () => {
  assert.equal(ruleWith('name = "Acme.Tool", kind = "wheel", relation = "direct"'), "rule 1");
  assert.equal(ruleWith('name = "acme-tool", kind = "sdist"'), "default");
  assert.equal(ruleWith('name = "acme-tool", relation = "transitive"'), "default");
  assert.equal(ruleWith('name = "acme"'), "default");
});

test("ruleFor() matches globs over normal names", () => {
  assert.equal(ruleWith('name = "acme_*"'), "rule 1");
  assert.equal(ruleWith('name = "*"'), "rule 1");
  assert.equal(ruleWith('name = "*-tools"'), "default");
});

test("ruleFor() takes pre-releases for versions like any other", () => {
  assert.equal(ruleWith('version = ">=1.0"'), "rule 1");
  assert.equal(ruleWith('version = "==2.*"'), "rule 1");
  assert.equal(ruleWith('version = ">=2.0"'), "default");
});

test("ruleFor() compares indexes by address, and finds none where there is no index", () => {
  assert.equal(ruleWith('index = "https://INDEX.example.org:443/simple/"'), "rule 1");
  assert.equal(ruleWith('index = "https://index.example.org/"'), "default");
  const { index: _, ...local } = subject;
  assert.equal(ruleWith('index = "https://index.example.org/simple/"', local), "default");
});

test("indexAddress() drops what makes no other index", () => {
  assert.equal(indexAddress("https://user:secret@index.example.org/simple?x=1#y"), "https://index.example.org/simple/");
  assert.equal(indexAddress("no address"), "no address");
});
