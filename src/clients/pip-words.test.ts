import assert from "node:assert/strict";
import { test } from "node:test";
import { readPipWords } from "./pip-words.ts";

const nothing = {
  extraIndexUrl: [],
  findLinks: [],
  noIndex: false,
  trustedHosts: [],
  user: false,
  breakSystemPackages: false,
  verbose: 0,
  quiet: 0,
};

test("readPipWords() takes out what says where packages come from", () => {
  for (const [line, words, settings] of [
    ["install app", "install app", {}],
    ["install -i https://a/ app", "install app", { indexUrl: "https://a/" }],
    ["install -ihttps://a/ app", "install app", { indexUrl: "https://a/" }],
    ["install -qi https://a/ app", "install -q app", { indexUrl: "https://a/", quiet: 1 }],
    ["install --index-url=https://a/ app", "install app", { indexUrl: "https://a/" }],
    ["install --index-ur https://a/ app", "install app", { indexUrl: "https://a/" }],
    ["install --ext https://a/ app", "install app", { extraIndexUrl: ["https://a/"] }],
    ["install -f a --find-l b app", "install app", { findLinks: ["a", "b"] }],
    ["install --no-index app", "install app", { noIndex: true }],
    ["install --no-input --pre app", "install --no-input --pre app", {}],
    ["install -rfile -v app", "install -rfile -v app", { verbose: 1 }],
    ["install -t folder app", "install -t folder app", {}],
    ["--python .venv install app", "install app", { python: ".venv" }],
    ["install --python-version 3.9 app", "install --python-version 3.9 app", {}],
    ["install --trusted-host a app", "install app", { trustedHosts: ["a"] }],
    ["-vv install --log file --user app", "-vv install --log=file --user app", { verbose: 2, log: "file", user: true }],
    ["install -- -i app", "install -- -i app", {}],
    ["install --break-system-packages app", "install --break-system-packages app", { breakSystemPackages: true }],
    ["install --retries 1 --timeout 2 app", "install app", { retries: "1", timeout: "2" }],
  ] as const) {
    const read = readPipWords(line.split(" "));
    assert.deepEqual(read.words, words.split(" "), line);
    assert.deepEqual(read.settings, { ...nothing, ...settings }, line);
  }
});
