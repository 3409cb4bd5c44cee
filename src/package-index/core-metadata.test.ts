import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { ArtifactRef } from "../distribution/artifact.ts";
import { parseFilename } from "../distribution/filename.ts";
import { type Fault, startFakeIndex } from "../testing/fake-index.ts";
import { makeWheel, type WheelDescription } from "../testing/make-wheel.ts";
import { readCoreMetadata, type WithoutParts } from "./core-metadata.ts";
import { createTransport } from "./transport.ts";

/** Larger than the part of a file that is asked for first, with `.dist-info` at its end, as builders write it. */
const large: WheelDescription = {
  files: { "example/data.bin": randomBytes(1 << 20) },
  bend: (members) => members.toSorted((a) => (String(a.path).includes(".dist-info/") ? 1 : -1)),
};

interface Stage {
  readonly wheel?: WheelDescription;
  /** METADATA that is served beside the wheel. */
  readonly beside?: string;
  /** Whether the page of the index says so. */
  readonly isPromised?: boolean;
  readonly fault?: Fault;
  readonly withoutParts?: WithoutParts;
  readonly bend?: (bytes: Buffer) => Buffer;
}

/** Asks for METADATA; what is asked of the server for that: `beside`, `part` or `whole`. */
async function ask({ wheel = large, beside, isPromised = false, fault, withoutParts = new Set(), bend }: Stage) {
  await using index = await startFakeIndex();
  await using transport = createTransport({ online: true, timeoutMs: 5000, retries: 0, userAgent: "test" });
  const { filename, bytes } = makeWheel(wheel);
  index.add({ filename, bytes: bend?.(bytes) ?? bytes, ...(beside !== undefined && { coreMetadata: beside }) });
  const asked: string[] = [];
  index.fault = (request, response) => {
    const isBeside = request.url?.endsWith(".metadata") === true;
    asked.push(isBeside ? "beside" : request.headers.range === undefined ? "whole" : "part");
    return fault?.(request, response) ?? false;
  };
  const ref = {
    filename: parseFilename(filename),
    url: new URL(`${index.origin}/files/${filename}`),
    ...(isPromised && { coreMetadata: {} }),
  } as ArtifactRef;
  const metadata = await readCoreMetadata(ref, transport, withoutParts);
  return { asked, name: /^Name: (.*)$/m.exec(String(metadata))?.[1] };
}

const withoutRanges: Fault = ({ headers }) => {
  delete headers.range;
  return false;
};

test("METADATA that the index promises is asked for beside the file", async () => {
  const { asked, name } = await ask({ isPromised: true, beside: "Name: beside\n" });
  assert.deepEqual([name, ...asked], ["beside", "beside"]);
});

test("METADATA that is promised and not there is read in the file, of which only a part is asked for", async () => {
  const { asked, name } = await ask({ isPromised: true });
  assert.deepEqual([name, ...asked], ["example", "beside", "part"]);
});

test("METADATA that is not promised is read in the file first", async () => {
  const { asked, name } = await ask({ beside: "Name: beside\n" });
  assert.deepEqual([name, ...asked], ["example", "part"]);
});

test("METADATA is asked for beside the file where the server gives no parts, and no part of its next file", async () => {
  const withoutParts: WithoutParts = new Set();
  const first = await ask({ beside: "Name: beside\n", fault: withoutRanges, withoutParts });
  assert.deepEqual([first.name, ...first.asked], ["beside", "part", "beside"]);
  assert.equal(withoutParts.size, 1);
  const [origin = ""] = withoutParts;
  assert.match(origin, /^http:\/\/127\.0\.0\.1:\d+$/);
});

test("METADATA is nothing where neither can be had: the whole file has to be read", async () => {
  const { asked, name } = await ask({ fault: withoutRanges });
  assert.deepEqual([name, ...asked], [undefined, "part", "beside"]);
});

test("METADATA of what is no archive, or has none, or two, or too much, is nothing", async () => {
  const isMetadata = ({ path }: { path: unknown }) => String(path).endsWith("/METADATA");
  const hostile: Stage[] = [
    { bend: () => Buffer.from("no archive") },
    { wheel: { bend: (members) => members.filter((member) => !isMetadata(member)) } },
    { wheel: { files: { "other-1.0.dist-info/METADATA": "Name: other\n" } } },
    {
      wheel: {
        bend: (members) => members.map((one) => (isMetadata(one) ? { ...one, content: Buffer.alloc(5 << 20) } : one)),
      },
    },
  ];
  for (const stage of hostile) assert.equal((await ask(stage)).name, undefined);
});

test("METADATA: a server that answers a range with something else is one that gives no parts", async () => {
  const { asked, name } = await ask({
    beside: "Name: beside\n",
    fault({ headers }, response) {
      if (headers.range === undefined) return false;
      response.writeHead(206, { "content-range": "bytes 0-9/1000000", "content-length": 4 }).end("abcd");
      return true;
    },
  });
  assert.deepEqual([name, ...asked], ["beside", "part", "beside"]);
});

const unusable: Readonly<Record<string, Fault>> = {
  "a size that is no number": (_, response) => {
    response.writeHead(206, { "content-range": `bytes 0-99/${"9".repeat(400)}` }).end("x".repeat(100));
    return true;
  },
  "an error": (_, response) => {
    response.writeHead(501).end();
    return true;
  },
  "that it is not there": (_, response) => {
    response.writeHead(404).end();
    return true;
  },
  "a connection that ends": (_, response) => {
    response.destroy();
    return true;
  },
};

for (const [what, fault] of Object.entries(unusable)) {
  test(`METADATA: a server that answers a range with ${what} is asked for the rest all the same`, async () => {
    const withoutParts: WithoutParts = new Set();
    const { name } = await ask({
      beside: "Name: beside\n",
      withoutParts,
      fault: (request, response) => request.headers.range !== undefined && fault(request, response),
    });
    assert.equal(name, "beside");
    assert.equal(withoutParts.size, 0);
  });
}

test("METADATA: a redirect of the file is told before it is followed, and may be refused", async () => {
  await using index = await startFakeIndex();
  await using transport = createTransport({ online: true, timeoutMs: 5000, retries: 0, userAgent: "test" });
  const { filename, bytes } = makeWheel(large);
  index.add({ filename, bytes });
  index.fault = ({ url }, response) => {
    if (url !== "/moved.whl") return false;
    response.writeHead(302, { location: `/files/${filename}` }).end();
    return true;
  };
  const ref = { filename: parseFilename(filename), url: new URL(`${index.origin}/moved.whl`) } as ArtifactRef;
  const refusal = new Error("refused");
  const asked = readCoreMetadata(ref, transport, new Set(), { beforeHop: () => Promise.reject(refusal) });
  await assert.rejects(asked, refusal);
  assert.ok(index.requests.every((request) => !request.includes("/files/")));
});
