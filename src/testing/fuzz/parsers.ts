import { readdirSync, readFileSync } from "node:fs";
import { parseAttestationDocument } from "../../attestation/provenance.ts";
import { readStatement } from "../../attestation/statement.ts";
import { readTimestamp } from "../../attestation/timestamp-response.ts";
import { parseManifest } from "../../bundle/manifest.ts";
import { parseFilename } from "../../distribution/filename.ts";
import { parseMarker } from "../../distribution/marker.ts";
import { normalizeProjectName } from "../../distribution/project-name.ts";
import { parseRequirement } from "../../distribution/requirement.ts";
import { parseSpecifierSet } from "../../distribution/specifier.ts";
import { parseVersion } from "../../distribution/version.ts";
import { parseJsonBytes } from "../../encoding/json.ts";
import { readIni } from "../../package-index/ini.ts";
import { parseNetrc } from "../../package-index/netrc.ts";
import { parseSimpleHtml } from "../../package-index/simple-html.ts";
import { parseSimpleJson } from "../../package-index/simple-json.ts";
import { parseLockFile } from "../../plan/lock-file.ts";
import { parseRequirementsFile } from "../../plan/requirements-file.ts";
import { parseCases } from "../../policy/cases/parse-cases.ts";
import { parsePolicy } from "../../policy/parse.ts";
import { parsePins } from "../../policy/pins.ts";
import { parseSummaries } from "../../summary/envelope.ts";
import { readSummary } from "../../summary/summary-statement.ts";
import { openShared } from "../../threads/shared-bytes.ts";
import { parseCertificate } from "../../trust/certificate.ts";
import { embeddedTrustedRoot } from "../../trust/embedded-trusted-root.ts";
import { parseTrustedRoot } from "../../trust/trusted-root.ts";
import { parseReceipt } from "../../verdict/receipt.ts";
import { openArchive } from "../../wheel/archive.ts";
import { parseEntryPoints } from "../../wheel/entry-points.ts";
import { parseMetadata } from "../../wheel/metadata.ts";
import { parseRecord } from "../../wheel/record.ts";
import { parseWheelMetadata } from "../../wheel/wheel-metadata.ts";
import { makeWheel } from "../make-wheel.ts";
import { createSigningAuthority } from "../signing-authority.ts";

/** One parser of what comes from outside. */
export interface FuzzedParser {
  readonly seeds: readonly Buffer[];
  parse(bytes: Buffer): unknown;
  /** Whether the parser says with `error` that it cannot read: TspipError unless its documentation has another. */
  readonly refuses?: (error: unknown) => boolean;
}

const testdata = new URL("../../../testdata/", import.meta.url);
const page = new URL("https://index.example/simple/demo/");
const source = { kind: "index", url: new URL("https://index.example/simple/") } as const;

const authority = createSigningAuthority();
const publisher = { kind: "github", repository: "acme/demo", workflow: "release.yml" } as const;
const wheel = makeWheel({ name: "demo" });
const attestations = (["rekor-v1", "rekor-v2"] as const).map((log) => authority.attest({ ...wheel, publisher, log }));
const material = attestations.map((attestation) => attestation.verification_material);

export const fuzzedParsers: Readonly<Record<string, FuzzedParser>> = {
  json: {
    seeds: [text('{"a":[1,-2.5e3,"\\u00e9\\n",true,null,{}]}'), text("[[[]],{}]")],
    parse: parseJsonBytes,
    refuses: anyError,
  },
  certificate: {
    seeds: material.map(({ certificate }) => Buffer.from(certificate, "base64")),
    parse: parseCertificate,
    refuses: anyError,
  },
  timestamp: {
    seeds: material.flatMap(({ timestamps = [] }) => timestamps.map((timestamp) => Buffer.from(timestamp, "base64"))),
    parse: readTimestamp,
    refuses: anyError,
  },
  attestation: {
    seeds: [...attestations, authority.provenance([{ publisher, attestations }])].map((value) =>
      text(JSON.stringify(value)),
    ),
    parse: (bytes) => parseAttestationDocument(bytes, "document"),
  },
  statement: {
    seeds: attestations.map(({ envelope }) => Buffer.from(envelope.statement, "base64")),
    parse: readStatement,
  },
  "trusted-root": { seeds: [text(embeddedTrustedRoot)], parse: parseTrustedRoot },
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
  summaries: {
    seeds: [
      text(
        '{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"keyid":"k","sig":"AAAA"}]}\n',
      ),
      ...attestations.map((value) => text(`${JSON.stringify(value)}\n`)),
    ],
    parse: (bytes) => parseSummaries(bytes, "summaries"),
  },
  "summary-statement": {
    seeds: [
      text(
        '{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"ab"}}],"predicateType":"https://slsa.dev/verification_summary/v1","predicate":{"verifier":{"id":"a:b"},"timeVerified":"2026-01-01T00:00:00Z","verificationResult":"PASSED"}}',
      ),
    ],
    parse: readSummary,
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

/** The readers of DER and JSON throw whatever Error says best what is wrong; a TypeError is a mistake of their own. */
function anyError(error: unknown): boolean {
  return error instanceof Error && !(error instanceof TypeError);
}

function text(words: string): Buffer {
  return Buffer.from(words);
}

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
