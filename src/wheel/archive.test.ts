import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { digestOf } from "../distribution/digest.ts";
import type { WheelFilename } from "../distribution/filename.ts";
import { parseFilename } from "../distribution/filename.ts";
import { TspipError } from "../errors.ts";
import { makeWheel, type WheelDescription } from "../testing/make-wheel.ts";
import { temporaryFolder } from "../testing/tree.ts";
import type { ZipMember } from "../testing/zip-writer.ts";
import { openShared } from "../threads/shared-bytes.ts";
import type { FindingId } from "../verdict/finding-catalog.ts";
import { openArchive } from "./archive.ts";
import { checkRecord } from "./check-record.ts";
import { readDistInfo } from "./dist-info.ts";
import { planLayout } from "./layout.ts";

/** What is found first when a wheel is read from end to end, as the gate reads it. */
async function firstFinding(filename: string, bytes: Buffer): Promise<string | undefined> {
  try {
    const archive = await openArchive(openShared({ kind: "memory", bytes }));
    const distInfo = readDistInfo(archive, parseFilename(filename) as WheelFilename);
    planLayout(distInfo, archive.entries);
    return (await checkRecord(archive, distInfo))[0]?.id;
  } catch (error) {
    if (error instanceof TspipError) return error.code;
    throw error;
  }
}

/** Bends the first member, which is `example/__init__.py`. */
function first(bend: (member: ZipMember) => Partial<ZipMember>): WheelDescription {
  return { bend: ([member, ...rest]) => (member === undefined ? [] : [{ ...member, ...bend(member) }, ...rest]) };
}

function another(path: string | Buffer, more: Partial<ZipMember> = {}): WheelDescription {
  return { bend: (members) => [...members, { path, content: Buffer.alloc(0), ...more }] };
}

const zeros = Buffer.alloc(80 << 20);
const unicodePath = Buffer.concat([Buffer.from([0x75, 0x70, 9, 0, 1, 0, 0, 0, 0]), Buffer.from("evil")]);

const hostile: Readonly<Record<string, readonly [FindingId, WheelDescription]>> = {
  "two members of one name": [
    "archive-ambiguous",
    { bend: ([member, ...rest]) => (member ? [member, member, ...rest] : rest) },
  ],
  "names that differ in case only": ["archive-ambiguous", another("EXAMPLE/__init__.py")],
  "names that differ in Unicode form only": [
    "archive-ambiguous",
    { files: { "caf\u00e9.py": "", "cafe\u0301.py": "" } },
  ],
  "a file where another member has a folder": ["archive-ambiguous", another("example")],
  "another name in its own header": [
    "archive-ambiguous",
    first(() => ({ local: { name: Buffer.from("example/__evil__.py") } })),
  ],
  "another checksum in its own header": ["archive-ambiguous", first(() => ({ local: { crc: 1 } }))],
  "another size in its own header": [
    "archive-ambiguous",
    first(({ content }) => ({ local: { size: content.length + 1 } })),
  ],
  "another method in its own header": ["archive-ambiguous", first(() => ({ local: { method: 0 } }))],
  "other flags in its own header": ["archive-ambiguous", first(() => ({ local: { flags: 0 } }))],
  "members that overlap": [
    "archive-ambiguous",
    { bend: (members) => members.map((member, at) => (at === 1 ? { ...member, offset: 0 } : member)) },
  ],
  "bytes between members": ["archive-ambiguous", first(() => ({ gap: Buffer.from("hidden") }))],
  "bytes before the archive": ["archive-ambiguous", { zip: { before: Buffer.from("#!/bin/sh\n") } }],
  "bytes between directory and end": ["archive-ambiguous", { zip: { beforeEnd: Buffer.from("hidden") } }],
  "bytes behind the archive": ["archive-unreadable", { zip: { behind: Buffer.from("hidden") } }],
  "an end record inside the comment": ["archive-ambiguous", { zip: { comment: Buffer.from("PK\u0005\u0006") } }],
  "fewer entries than there are": ["archive-ambiguous", { zip: { entries: 2 } }],
  "more entries than there are": ["archive-ambiguous", { zip: { entries: 9 } }],
  "a second name in an extra field": ["archive-ambiguous", first(() => ({ extra: unicodePath }))],
  "a name that is neither ASCII nor UTF-8": ["archive-ambiguous", another(Buffer.from([0x61, 0xff]))],
  "a data descriptor that lies": [
    "archive-ambiguous",
    first(() => ({ descriptor: "signed", gap: Buffer.from("\0\0\0\0") })),
  ],
  "a checksum that is wrong everywhere": [
    "archive-unreadable",
    first(() => ({ local: { crc: 1 }, central: { crc: 1 } })),
  ],
  "data behind the end of the deflated stream": [
    "archive-unreadable",
    first(({ content }) => ({ data: Buffer.concat([deflateRawSync(content), Buffer.from("hidden")]) })),
  ],
  "data that inflate to more than is declared": [
    "archive-unreadable",
    first(({ content }) => ({ data: deflateRawSync(Buffer.concat([content, content])) })),
  ],
  "data that end early": [
    "archive-unreadable",
    first(({ content }) => ({ data: deflateRawSync(content).subarray(0, 4) })),
  ],
  "a bomb": ["archive-too-large", another("example/zeros.bin", { content: zeros })],
  "a path out of its folder": ["archive-unsafe-path", another("example/../../evil.py")],
  "an absolute path": ["archive-unsafe-path", another("/etc/evil")],
  "a drive": ["archive-unsafe-path", another("C:/evil.py")],
  "a backslash": ["archive-unsafe-path", another("example\\evil.py")],
  "a NUL": ["archive-unsafe-path", another("example/evil.py\0.txt")],
  "a control character": ["archive-unsafe-path", another("example/\u001b[31m.py")],
  "an empty part": ["archive-unsafe-path", another("example//evil.py")],
  "a dot": ["archive-unsafe-path", another("./evil.py")],
  "a name that Windows reserves": ["archive-unsafe-path", another("example/aux.py")],
  "a name that ends in a dot": ["archive-unsafe-path", another("example/evil.")],
  "a symbolic link": [
    "archive-unsafe-member",
    another("example/link", { mode: 0o120777, content: Buffer.from("/etc") }),
  ],
  "a device": ["archive-unsafe-member", another("example/device", { mode: 0o020666 })],
  encryption: ["archive-unsafe-member", first(() => ({ local: { flags: 0x801 }, central: { flags: 0x801 } }))],
  "another compression": ["archive-unsafe-member", first(() => ({ local: { method: 12 }, central: { method: 12 } }))],
  "a folder with data": [
    "archive-unsafe-member",
    another("example/folder/", { content: Buffer.from("x"), mode: 0o040755 }),
  ],
  "no RECORD": ["record-absent", { bend: (members) => members.filter(({ path }) => !String(path).endsWith("RECORD")) }],
  "an unlisted member": ["record-unlisted-file", { unlisted: { "evil.pth": "import evil" } }],
  "an altered member": ["record-mismatch", { altered: { "example/__init__.py": "evil" } }],
  "a member that is missing": ["record-missing-file", { bend: ([, ...rest]) => rest }],
  "two .dist-info folders": ["wheel-identity-mismatch", another("other-1.0.dist-info/METADATA")],
  "a .data folder with an unknown key": ["wheel-layout-invalid", { files: { "example-1.0.data/nonsense/x": "" } }],
  "a .data folder of another distribution": ["wheel-layout-invalid", { files: { "other-1.0.data/scripts/x": "" } }],
  "a WHEEL of a greater major version": [
    "wheel-version-unsupported",
    { altered: { "example-1.0.dist-info/WHEEL": "Wheel-Version: 2.0\n" } },
  ],
  "another version in METADATA": [
    "wheel-identity-mismatch",
    { altered: { "example-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: example\nVersion: 2.0\n" } },
  ],
  "an entry point whose name is a path": [
    "wheel-metadata-invalid",
    { entryPoints: "[console_scripts]\n../evil = example:main\n" },
  ],
};

const valid: Readonly<Record<string, WheelDescription>> = {
  "the plainest wheel": {},
  "data descriptors": { bend: (members) => members.map((member) => ({ ...member, descriptor: "signed" })) },
  "data descriptors without signature": {
    bend: (members) => members.map((member) => ({ ...member, descriptor: "unsigned" })),
  },
  "data descriptors with 8-byte sizes": {
    bend: (members) => members.map((member) => ({ ...member, descriptor: "zip64" })),
  },
  "stored members": { bend: (members) => members.map((member) => ({ ...member, stored: true })) },
  "members without a Unix mode": { bend: (members) => members.map((member) => ({ ...member, mode: 0 })) },
  "names in UTF-8": { files: { "caf\u00e9/\u65e5\u672c.py": "x = 1\n" } },
  "commas and quotes in names": { files: { 'example/a,b "c".txt': "x" } },
  "folders as members": another("example/folder/", { mode: 0o040755, stored: true }),
  "a comment": { zip: { comment: Buffer.from("made by hand") } },
  "extra fields that other tools write": first(() => ({ extra: Buffer.from([0x55, 0x54, 5, 0, 1, 0, 0, 0, 0]) })),
  "another order of members": { bend: (members) => members.toReversed() },
  "empty files": { files: { "example/__init__.py": "", "example/py.typed": "" } },
  "all schemes": {
    files: {
      "example-1.0.data/scripts/run": "#!python\n",
      "example-1.0.data/data/etc/x": "",
      "example-1.0.data/headers/x.h": "",
      "example-1.0.data/purelib/p.py": "",
      "example-1.0.data/platlib/q.py": "",
    },
  },
  "a member above the size from which they are streamed": {
    files: { "example/large.bin": Buffer.alloc(9 << 20, "abcdefghijklm") },
  },
  "a name with capitals and dots, an epoch and a local version": { name: "Some.Name", version: "1!2.0+local.1" },
  "a build tag": { build: "7abc" },
};

for (const [what, [finding, description]] of Object.entries(hostile)) {
  test(`a wheel with ${what}: ${finding}`, async () => {
    const { filename, bytes } = makeWheel(description);
    assert.equal(await firstFinding(filename, bytes), finding);
  });
}

for (const [what, description] of Object.entries(valid)) {
  test(`odd but valid: ${what}`, async () => {
    const { filename, bytes } = makeWheel(description);
    assert.equal(await firstFinding(filename, bytes), undefined);
  });
}

test("Python's zipfile reads the valid ones with the same names and contents", async (context: TestContext) => {
  const script =
    "import sys, zipfile, hashlib, json; z = zipfile.ZipFile(sys.argv[1]); print(json.dumps(sorted([i.filename, hashlib.sha256(z.read(i)).hexdigest()] for i in z.infolist() if not i.is_dir())))";
  using folder = temporaryFolder();
  for (const description of Object.values(valid)) {
    const { filename, bytes } = makeWheel(description);
    const path = join(folder.path, filename);
    writeFileSync(path, bytes);
    let said: string;
    try {
      said = execFileSync("python3", ["-c", script, path], { encoding: "utf8" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return context.skip("there is no python3 on PATH");
      throw error;
    }
    const archive = await openArchive(openShared({ kind: "memory", bytes }));
    const own = archive.entries.map((entry) => [entry.path, entry.size < 9 << 20 ? digestOf(archive.read(entry)) : ""]);
    const theirs: [string, string][] = JSON.parse(said);
    const small = new Map(own.map(([path = "", sha256 = ""]) => [path, sha256]));
    assert.deepEqual([...small.keys()].sort(), theirs.map(([path]) => path).sort(), filename);
    for (const [path, sha256] of theirs) if (small.get(path)) assert.equal(small.get(path), sha256, path);
  }
});

test("a source that fails at any read gives an error of ours", async () => {
  const { bytes } = makeWheel();
  for (let failAt = 1; failAt < 20; failAt++) {
    let reads = 0;
    const whole = openShared({ kind: "memory", bytes });
    const failing = {
      size: whole.size,
      read: (position: number, length: number) =>
        ++reads === failAt ? whole.read(bytes.length, 1) : whole.read(position, length),
    };
    const outcome = await openArchive(failing).then(
      () => "read",
      (error: unknown) => (error instanceof TspipError ? error.code : error),
    );
    assert.ok(outcome === "read" ? reads < failAt : outcome === "archive-unreadable", `read ${failAt}: ${outcome}`);
  }
});
