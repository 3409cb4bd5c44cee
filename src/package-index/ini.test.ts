import assert from "node:assert/strict";
import { test } from "node:test";
import { readIni } from "./ini.ts";

function read(text: string): Record<string, Record<string, string>> {
  return Object.fromEntries([...readIni(text, "pip.conf")].map(([name, values]) => [name, Object.fromEntries(values)]));
}

test("readIni() reads what pip's files have", () => {
  const text = `\ufeff# a comment
[global]
index-url = https://index.example/simple/   
; another
Timeout: 30
trusted_host=one
--cert = /etc/ca.pem

[install]
find-links =
    https://one.example/a=b
    # not this

    /wheels
no-index =
`;
  assert.deepEqual(read(text), {
    global: { "index-url": "https://index.example/simple/", timeout: "30", "trusted-host": "one", cert: "/etc/ca.pem" },
    install: { "find-links": "\nhttps://one.example/a=b\n/wheels", "no-index": "" },
  });
});

test("readIni() reads files with any line ends, and none at the end", () => {
  for (const end of ["\n", "\r\n", "\r"])
    assert.deepEqual(read(`[a]${end}b = c${end}[d]${end}e: f`), { a: { b: "c" }, d: { e: "f" } });
  assert.deepEqual(read(""), {});
});

test("readIni() names the line of what is no setting, and does not repeat it", () => {
  for (const text of ["index-url = x", "[global]\nsecret", "[global]\na = b\n= secret"]) {
    assert.throws(
      () => readIni(text, "/etc/pip.conf"),
      (error: Error & { code: string }) => {
        assert.equal(error.code, "invalid-configuration");
        assert.match(error.message, /^\/etc\/pip\.conf:\d+: /);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );
  }
});

test("readIni() gives names of Object's prototype no meaning", () => {
  const sections = readIni("[__proto__]\nconstructor = x\n[toString]\n__proto__ = y", "pip.conf");
  assert.deepEqual([...sections.keys()], ["__proto__", "toString"]);
  assert.equal(sections.get("__proto__")?.get("constructor"), "x");
});
