import { readdirSync, readFileSync } from "node:fs";
import { parseManifest } from "../../bundle/manifest.ts";
import { parseFilename } from "../../distribution/filename.ts";
import { parseMarker } from "../../distribution/marker.ts";
import { normalizeProjectName } from "../../distribution/project-name.ts";
import { parseRequirement } from "../../distribution/requirement.ts";
import { parseSpecifierSet } from "../../distribution/specifier.ts";
import { parseVersion } from "../../distribution/version.ts";
import { readIni } from "../../package-index/ini.ts";
import { parseNetrc } from "../../package-index/netrc.ts";
import { parseSimpleHtml } from "../../package-index/simple-html.ts";
import { parseSimpleJson } from "../../package-index/simple-json.ts";
import { parseLockFile } from "../../plan/parse-lock-file.ts";
import { parseRequirementsFile } from "../../plan/requirements-file.ts";
import { parseCases } from "../../policy/cases/parse-cases.ts";
import { parsePolicy } from "../../policy/parse.ts";
import { parsePins } from "../../policy/pins.ts";
import { openShared } from "../../threads/shared-bytes.ts";
import { parseReceipt } from "../../verdict/receipt.ts";
import { parseEntryPoints } from "../../wheel/entry-points.ts";
import { parseMetadata } from "../../wheel/metadata.ts";
import { openArchive } from "../../wheel/open-archive.ts";
import { parseRecord } from "../../wheel/record.ts";
import { parseWheelMetadata } from "../../wheel/wheel-metadata.ts";
import { makeWheel } from "../make-wheel.ts";
import { attestationParsers } from "./attestation-parsers.ts";
import { type FuzzedParser, text } from "./fuzzed-parser.ts";

const testdata = new URL("../../../testdata/", import.meta.url);
const page = new URL("https://index.example/simple/demo/");
const source = { kind: "index", url: new URL("https://index.example/simple/") } as const;

const wheel = makeWheel({ name: "demo" });

export const fuzzedParsers: Readonly<Record<string, FuzzedParser>> = {
  ...attestationParsers,
  archive: {
    seeds: [wheel.bytes, makeWheel({ name: "other", version: "2" }).bytes].map((bytes) => Buffer.from(bytes)),
    parse: (bytes) => openArchive(openShared({ kind: "memory", bytes })),
  },
  record: {
    seeds: [text('demo/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n"a ""b"", c.py",,\r\n')],
    parse: (bytes) => parseRecord(bytes.toString()),
  },
  metadata: {
    seeds: [
      text("Metadata-Version: 2.4\nName: demo\nVersion: 1.0\nRequires-Dist: other>=1; python_version > '3'\n\nText"),
    ],
    parse: (bytes) => parseMetadata(bytes.toString()),
  },
  "wheel-metadata": {
    seeds: [text("Wheel-Version: 1.0\nGenerator: demo\nRoot-Is-Purelib: true\nTag: py3-none-any\n")],
    parse: (bytes) => parseWheelMetadata(bytes.toString()),
  },
  "entry-points": {
    seeds: [text("[console_scripts]\ndemo = demo.cli:main\n[gui_scripts]\nwin=demo:a.b [extra]\n")],
    parse: (bytes) => parseEntryPoints(bytes.toString()),
  },
  filename: {
    seeds: [
      "demo-1.0-1-cp311.py3-none-any.whl",
      "demo-1.0.post1+local.tar.gz",
      "a_b.c-2!1rc1-py2.py3-none-any.whl",
    ].map(text),
    parse: (bytes) => parseFilename(bytes.toString()),
  },
  version: {
    seeds: ["1!2.3.4rc5.post6.dev7+local.8", "v1.0-alpha-1", "2024.01.01"].map(text),
    parse: (bytes) => parseVersion(bytes.toString()),
  },
  specifiers: {
    seeds: [">=1.0,!=1.5.*,<2", "~=1.4.2", "===any text", "==1.0+local"].map(text),
    parse: (bytes) => parseSpecifierSet(bytes.toString()),
  },
  marker: {
    seeds: ["python_version >= '3.9' and (os_name == 'posix' or extra == \"x\")", "'linux' in sys_platform"].map(text),
    parse: (bytes) => parseMarker(bytes.toString()),
  },
  requirement: {
    seeds: [
      "demo[a,b] >=1,<2 ; python_version<'3.13'",
      "demo @ https://host.example/demo-1.0-py3-none-any.whl#sha256=00",
    ].map(text),
    parse: (bytes) => parseRequirement(bytes.toString()),
  },
  "requirements-file": {
    seeds: [
      text("-r other.txt\n--index-url https://u:p@host.example/simple\ndemo==1.0 \\\n  --hash=sha256:ab # why\n-e .\n"),
    ],
    parse: (bytes) => parseRequirementsFile(bytes.toString(), "requirements.txt", { HOME: "/" }),
  },
  "lock-file": {
    seeds: filesIn("locks/"),
    parse: (bytes) => parseLockFile(bytes.toString(), lockNameOf(bytes)),
  },
  policy: {
    seeds: filesIn("policies/valid/"),
    parse: (bytes) => parsePolicy(bytes, "policy.toml", () => Buffer.from("version = 1\n")),
  },
  pins: {
    seeds: [
      text(
        '{"version":1,"projects":{"demo":{"1.0":{"demo-1.0-py3-none-any.whl":[{"kind":"github","repository":"a/b"}]}}}}',
      ),
    ],
    parse: (bytes) => parsePins(bytes.toString(), "tspip.pins.json"),
  },
  "policy-cases": {
    seeds: [
      text(
        '[{"title":"t","artifact":{"filename":"demo-1.0-py3-none-any.whl"},"attestations":["none"],"expect":{"decision":"allow"}}]',
      ),
    ],
    parse: (bytes) => parseCases(bytes, "cases.json"),
  },
  receipt: {
    seeds: [text('{"schema":"tspip-receipt/1","name":"demo"}')],
    parse: (bytes) => parseReceipt(bytes.toString()),
  },
  "bundle-manifest": {
    seeds: [
      text(
        '{"type":"tspip-bundle","version":1,"policy":"policy/policy.toml","trusted-root-written":"2026-01-01T00:00:00Z","keyring":{"answers":{"https://a.example/keys.jws":"keyring/answer-1","https://a.example/2.keys.jws":false}},"inspectors":["x"],"artifacts":[{"filename":"demo-1.0-py3-none-any.whl","requested":true,"source":{"index":"https://index.example/simple/"},"url":"https://index.example/demo-1.0-py3-none-any.whl","size":3,"digests":{},"requires-python":">=3.9","yanked":"","project-status":{"status":"archived","reason":"r"},"upload-time":"2026-01-01T00:00:00Z","attested-before":"0.9","provenance":"none"}],"members":{"pylock.toml":{"size":3,"sha256":"0000000000000000000000000000000000000000000000000000000000000000"}}}',
      ),
    ],
    parse: parseManifest,
  },
  "simple-html": {
    seeds: [
      text(
        '<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.1"></head><body><a href="../../files/demo-1.0-py3-none-any.whl#sha256=ab" data-requires-python="&gt;=3.9" data-yanked="">demo</a><!-- x --></body></html>',
      ),
    ],
    parse: (bytes) => parseSimpleHtml(bytes.toString(), page, source, normalizeProjectName("demo")),
  },
  "simple-json": {
    seeds: [
      text(
        '{"meta":{"api-version":"1.3"},"name":"demo","files":[{"filename":"demo-1.0-py3-none-any.whl","url":"/f/demo-1.0-py3-none-any.whl","hashes":{"sha256":"ab"},"size":3,"upload-time":"2026-01-01T00:00:00Z","yanked":"why","provenance":null}]}',
      ),
    ],
    parse: (bytes) => parseSimpleJson(bytes.toString(), page, source, normalizeProjectName("demo")),
  },
  ini: {
    seeds: [text("[global]\nindex-url = https://host.example/simple\n  more\n; note\n[install]\nno-deps: true\n")],
    parse: (bytes) => readIni(bytes.toString(), "pip.conf"),
  },
  netrc: {
    seeds: [text('machine host.example login me password "a \\" b"\ndefault login x\nmacdef m\ncd\n\n')],
    parse: (bytes) => parseNetrc(bytes.toString()),
  },
};

function filesIn(folder: string): Buffer[] {
  const at = new URL(folder, testdata);
  return readdirSync(at).map((name) => readFileSync(new URL(name, at)));
}

/** Which reader is asked goes by the file's name: what is there still tells the formats apart. */
function lockNameOf(bytes: Buffer): string {
  const start = bytes.toString("latin1");
  if (start.includes("lock-version")) return "pylock.toml";
  if (start.trimStart().startsWith("{")) return "Pipfile.lock";
  if (start.includes("content-hash")) return "poetry.lock";
  return start.includes("metadata.targets") || start.includes("lock_version") ? "pdm.lock" : "uv.lock";
}
