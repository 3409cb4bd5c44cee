import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConfigFile, defaultIndex, type GivenSettings, indexSettings } from "./settings.ts";

type Env = Record<string, string>;

function settings(given: Partial<GivenSettings> = {}, env: Env = {}, files: readonly ConfigFile[] = []) {
  return indexSettings({ extraIndexUrl: [], findLinks: [], noIndex: false, ...given }, env, files, "/work");
}

const hrefs = (urls: readonly URL[]) => urls.map(({ href }) => href);
const file = (path: string, text: string): ConfigFile => ({ path, text });

test("indexSettings() without anything is the public index, with pip's patience", () => {
  const { indexes, findLinks, timeoutSeconds, retries, cert, credentials, origins } = settings();
  assert.deepEqual(hrefs(indexes), [defaultIndex]);
  assert.deepEqual([findLinks, timeoutSeconds, retries, cert, origins], [[], 15, 4, undefined, []]);
  assert.equal(credentials.size, 0);
});

test("indexSettings() prefers command line to TSPIP_ to PIP_ to files to the default, and says which it was", () => {
  const files = [file("/etc/pip.conf", "[global]\nindex-url = https://file.example/")];
  const pip = { PIP_INDEX_URL: "https://pip.example/" };
  const both = { ...pip, TSPIP_INDEX_URL: "https://tspip.example/" };
  const cases: readonly [Partial<GivenSettings>, Env, string, string][] = [
    [{ indexUrl: "https://given.example/" }, both, "https://given.example/", "the command line"],
    [{}, both, "https://tspip.example/", "TSPIP_INDEX_URL"],
    [{}, pip, "https://pip.example/", "PIP_INDEX_URL"],
    [{}, {}, "https://file.example/", "/etc/pip.conf"],
    [{}, { PIP_INDEX_URL: "" }, "https://file.example/", "/etc/pip.conf"],
  ];
  for (const [given, env, value, place] of cases) {
    const { indexes, origins } = settings(given, env, files);
    assert.deepEqual(hrefs(indexes), [value]);
    assert.deepEqual(origins, [{ key: "index-url", value, place }]);
  }
});

test("indexSettings() takes the last of pip's files, and [install] of any file before [global] of any, as pip does", () => {
  const general = file("/etc/pip.conf", "[global]\ntimeout = 1\nretries = 1\n[install]\nretries = 2");
  const user = file("/home/pip.conf", "[global]\ntimeout = 3\nretries = 3\n[freeze]\ntimeout = 9");
  const { timeoutSeconds, retries, origins } = settings({}, {}, [general, user]);
  assert.deepEqual([timeoutSeconds, retries], [3, 2]);
  assert.deepEqual(
    origins.map(({ key, place }) => [key, place]),
    [
      ["timeout", "/home/pip.conf"],
      ["retries", "/etc/pip.conf"],
    ],
  );
});

test("indexSettings() ignores an empty value in a file, as pip does", () => {
  const files = [file("/etc/pip.conf", "[global]\ntimeout = 7"), file("/home/pip.conf", "[global]\ntimeout =\ncert =")];
  const { timeoutSeconds, cert } = settings({}, {}, files);
  assert.deepEqual([timeoutSeconds, cert], [7, undefined]);
});

test("indexSettings() asks extra indexes before the main one", () => {
  const { indexes } = settings(
    { extraIndexUrl: ["https://one.example/simple"] },
    { PIP_EXTRA_INDEX_URL: "https://two.example/simple\nhttps://three.example/simple" },
  );
  assert.deepEqual(hrefs(indexes), [
    "https://one.example/simple/",
    "https://two.example/simple/",
    "https://three.example/simple/",
    defaultIndex,
  ]);
});

test("indexSettings() asks no index with no-index, wherever it stands", () => {
  for (const word of ["1", "true", "YES", "on"]) assert.deepEqual(settings({}, { PIP_NO_INDEX: word }).indexes, []);
  for (const word of ["0", "false", "No", "off"]) assert.equal(settings({}, { PIP_NO_INDEX: word }).indexes.length, 1);
  assert.deepEqual(settings({ noIndex: true, indexUrl: "https://given.example/" }).indexes, []);
  assert.throws(() => settings({}, { PIP_NO_INDEX: "perhaps" }), /PIP_NO_INDEX: no-index "perhaps" is neither/);
});

test("indexSettings() takes paths and URLs as places of links", () => {
  const { findLinks } = settings(
    { findLinks: ["wheels", "/opt/wheels", "https://links.example/page"] },
    { PIP_FIND_LINKS: "file:///srv/x" },
  );
  assert.deepEqual(hrefs(findLinks), [
    "file:///work/wheels",
    "file:///opt/wheels",
    "https://links.example/page",
    "file:///srv/x",
  ]);
});

test("indexSettings() knows pip's other name for the time limit, and resolves the certificate's path", () => {
  const { timeoutSeconds, cert } = settings({}, { PIP_DEFAULT_TIMEOUT: "180", PIP_CERT: "ca.pem" });
  assert.deepEqual([timeoutSeconds, cert], [180, "/work/ca.pem"]);
});

test("indexSettings() refuses what is no number, naming where it stands", () => {
  for (const value of ["0", "-1", "soon", "1e3", "0x10", "Infinity"])
    assert.throws(() => settings({}, { PIP_TIMEOUT: value }), { code: "invalid-setting", message: /^PIP_TIMEOUT: / });
  for (const value of ["-1", "1.5", "many"])
    assert.throws(() => settings({}, {}, [file("/etc/pip.conf", `[global]\nretries = ${value}`)]), {
      code: "invalid-setting",
      message: /^\/etc\/pip\.conf: /,
    });
  assert.equal(settings({ retries: 0 }).retries, 0);
});

test("indexSettings() splits credentials off and keeps them by origin", () => {
  const { indexes, findLinks, credentials, origins } = settings(
    { indexUrl: "https://us%40er:p%3Aw%25@index.example:8443/simple" },
    { PIP_EXTRA_INDEX_URL: "https://token@other.example/simple", PIP_FIND_LINKS: "https://a:100%@links.example/" },
  );
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;
  assert.deepEqual(
    [...credentials],
    [
      ["https://other.example", basic("token:")],
      ["https://index.example:8443", basic("us@er:p:w%")],
      ["https://links.example", basic("a:100%")],
    ],
  );
  const shown = [...hrefs(indexes), ...hrefs(findLinks), ...origins.map(({ value }) => value)].join(" ");
  assert.doesNotMatch(shown, /us%40er|p%3Aw|token|100%|@/);
});

test("indexSettings() shows no password in messages, also of URLs with a slip in them", () => {
  for (const value of [
    "ftp://user:secret@index.example/",
    "https//user:secret@index.example/",
    "https:/user:sec/ret@index.example/",
    "https://user:sec/secret@index.example/",
    "user:secret@index.example",
  ]) {
    assert.throws(
      () => settings({ indexUrl: value }),
      (error: Error) => {
        assert.match(error.message, /is not the URL of an index/);
        assert.doesNotMatch(error.message, /secret|sec\//);
        return true;
      },
      value,
    );
  }
});
