import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { IndexError } from "../errors.ts";
import type { TransportResponse } from "../package-index/exchange.ts";
import type { Transport } from "../package-index/transport.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { makeRoot, type RootForm, type TufState, tufFiles, tufKeyOf } from "../testing/tuf-keyring.ts";
import { loadTufKeyring } from "./load-tuf.ts";

/**
 * What theupdateframework/tuf-conformance does to clients, done to ours: roll-back, freeze, thresholds, rotation, keys
 * under two ids. Each step is one visit to what the server then has; the state between is the client's own.
 */

type Server = Map<string, Buffer> | "away";
type Expected = "accepted" | RegExp;

/** A client that begins with `root`, and keeps what it accepted from visit to visit. */
function client(folder: string, root: Buffer) {
  return async (server: Server, now = new Date()) => {
    const transport = {
      get: (url: URL) => (server === "away" ? Promise.reject(unreachable) : Promise.resolve(answer(url, server))),
    } as unknown as Transport;
    const source = { transport, url: new URL("https://keys.example.org/"), pinnedRoot: root };
    return loadTufKeyring(source, folder, now);
  };
}

const unreachable = new IndexError("index-unreachable", "Cannot reach https://keys.example.org/");

function answer(url: URL, files: Map<string, Buffer>): TransportResponse {
  const bytes = files.get(decodeURIComponent(url.pathname.slice(1)));
  const body = (async function* () {
    if (bytes !== undefined) yield bytes;
  })();
  return { status: bytes === undefined ? 404 : 200, url, header: () => undefined, body };
}

interface Visit {
  readonly state: TufState | "away";
  readonly expect: Expected;
}

async function visits(pin: RootForm, steps: readonly Visit[]): Promise<void> {
  using folder = temporaryFolder();
  const visit = client(join(folder.path, "state"), makeRoot(pin));
  for (const [at, { state, expect }] of steps.entries()) {
    const server = state === "away" ? state : tufFiles(state);
    if (expect === "accepted") assert.equal((await visit(server)).name, "example.org/wheels", `visit ${at + 1}`);
    else await assert.rejects(visit(server), { name: "TrustError", message: expect }, `visit ${at + 1}`);
  }
}

const sound: Visit = { state: {}, expect: "accepted" };
const later: TufState = { timestamp: { version: 3 }, snapshot: { version: 3 }, targets: { version: 3 } };
const past = "2020-01-01T00:00:00Z";
const one = (state: TufState, expect: Expected): Visit[] => [{ state, expect }];

const situations: Readonly<Record<string, readonly Visit[]>> = {
  "first and second visit": [sound, sound, { state: later, expect: "accepted" }],
  "roll-back of the timestamp": [
    { state: later, expect: "accepted" },
    { state: { ...later, timestamp: { version: 2 } }, expect: /version/i },
  ],
  "roll-back of the snapshot": [
    { state: later, expect: "accepted" },
    { state: { ...later, timestamp: { version: 4 }, snapshot: { version: 2 } }, expect: /version/i },
  ],
  "roll-back of the targets": [
    { state: later, expect: "accepted" },
    { state: { timestamp: { version: 4 }, snapshot: { version: 4 }, targets: { version: 2 } }, expect: /version/i },
  ],
  "a snapshot that no longer lists the targets": [
    { state: later, expect: "accepted" },
    { state: { timestamp: { version: 4 }, snapshot: { version: 4, withoutTargets: true } }, expect: /missing/i },
  ],
  "a snapshot of another version than the timestamp says": one({ timestamp: { snapshotVersion: 2 } }, /snapshot/i),
  "targets of another version than the snapshot says": one({ snapshot: { targetsVersion: 2 } }, /targets/i),
  "a timestamp that has expired": one({ timestamp: { expires: past } }, /expired/i),
  "a snapshot that has expired": one({ snapshot: { expires: past } }, /expired/i),
  "targets that have expired": one({ targets: { expires: past } }, /expired/i),
  "a root that has expired": one({ roots: [{ expires: past }] }, /expired/i),
  "an expired root on the way to a good one": one({ roots: [{ expires: past }, {}] }, "accepted"),
  "a timestamp by nobody": one({ timestamp: { signers: [] } }, /signed by 0/),
  "a timestamp by a stranger": one({ timestamp: { signers: ["mallory"] } }, /signed by 0/),
  "a timestamp by the roots": one({ timestamp: { signers: ["root1", "root2"] } }, /signed by 0/),
  "a snapshot by a stranger": one({ snapshot: { signers: ["mallory"] } }, /signed by 0/),
  "targets by one root of two": one({ targets: { signers: ["root1"] } }, /signed by 1\/2/),
  "targets by the fresh key": one({ targets: { signers: ["daily"] } }, /signed by 0/),
  "a root by one of two": one({ roots: [{ signers: ["root1"] }] }, /signed by 1\/2/),
  "a root by the new keys alone": one(
    { roots: [{ keys: { root: ["a", "b"] }, signers: ["a", "b"] }], targets: {} },
    /signed by 0\/2/,
  ),
  "a root by the old keys alone": one(
    { roots: [{ keys: { root: ["a", "b"] }, signers: ["root1", "root2"] }] },
    /signed by 0\/2/,
  ),
  "a root by old and new": one(
    { roots: [{ keys: { root: ["root1", "root2", "a"] }, signers: ["root1", "root2", "a"] }] },
    "accepted",
  ),
  "three rotations at once": one(
    {
      roots: [
        { keys: { root: ["root1", "root2", "a"] }, signers: ["root1", "root2"] },
        { keys: { root: ["root2", "a", "b"] }, signers: ["root2", "a"] },
        { keys: { root: ["a", "b", "c"] }, signers: ["a", "b"] },
      ],
    },
    "accepted",
  ),
  "a root whose version is not the next": one({ roots: [{ version: 3 }] }, /version/i),
  "the same root again as the next": one({ roots: [{ version: 1 }] }, /version/i),
  "the fresh key is replaced: the old one no longer counts": [
    sound,
    {
      state: { roots: [{ keys: { timestamp: ["new"], snapshot: ["new"] } }], timestamp: { version: 2 } },
      expect: /signed by 0/,
    },
    {
      state: {
        roots: [{ keys: { timestamp: ["new"], snapshot: ["new"] } }],
        timestamp: { version: 2, signers: ["new"] },
        snapshot: { version: 2, signers: ["new"] },
      },
      expect: "accepted",
    },
  ],
  "fast-forward by the fresh key: it counts no more once the roots replace that key": [
    { state: { timestamp: { version: 1_000_000 }, snapshot: { version: 1_000_000 } }, expect: "accepted" },
    { state: { timestamp: { version: 2 }, snapshot: { version: 2 } }, expect: /version/i },
    {
      state: {
        roots: [{ keys: { timestamp: ["new"], snapshot: ["new"] } }],
        timestamp: { version: 2, signers: ["new"] },
        snapshot: { version: 2, signers: ["new"] },
      },
      expect: "accepted",
    },
  ],
  "a target that is other than signed": one({ served: Buffer.from("{}") }, /length|hash/i),
  "a target that is longer than signed": one({ served: Buffer.alloc(4096, 32) }, /length|hash/i),
  "a target that is no keyring": one({ keyring: { type: "x" } }, /"type"/),
  "away at first": [{ state: "away", expect: /Cannot reach/ }],
  "away later": [sound, { state: "away", expect: "accepted" }],
};

for (const [name, steps] of Object.entries(situations)) test(name, () => visits({}, steps));

/** A second id for a key of the root, in the same or another spelling. */
const twice = (spell: (hex: string) => string) => (signed: Record<string, unknown>) => {
  const [keys, roles] = [signed.keys, signed.roles] as [Record<string, object>, Record<string, { keyids: string[] }>];
  const { keyID, keyVal } = tufKeyOf("root1");
  keys.copy = { ...keys[keyID], keyval: { public: spell(keyVal.public ?? "") } };
  roles.root?.keyids.push("copy");
};
const withThreshold = (threshold: unknown) => (signed: Record<string, unknown>) => {
  const role = (signed.roles as Record<string, object>).root;
  Object.assign(role ?? {}, { threshold });
};

test("one key under two ids does not sign for two, in the pin or later, however it is spelled", async () => {
  for (const spell of [(hex: string) => hex, (hex: string) => hex.toUpperCase()]) {
    const bend = twice(spell);
    await visits({ bend, signers: ["root1"] }, one({}, /one key twice/));
    await visits({}, one({ roots: [{ bend, signers: ["root1", "root2"] }] }, /one key twice/));
  }
});

test("a threshold that nobody's signature meets, or that no number of keys does, is refused in a pin", async () => {
  using folder = temporaryFolder();
  for (const threshold of [0, -1, 1.5, 4, "2", null]) {
    const pin = JSON.parse(makeRoot().toString());
    withThreshold(threshold)(pin.signed);
    const visit = client(join(folder.path, "state"), Buffer.from(JSON.stringify(pin)));
    await assert.rejects(visit(tufFiles()), { name: "TrustError" }, String(threshold));
  }
});

test("a server that always has the same is no longer believed when that ends", async () => {
  using folder = temporaryFolder();
  const visit = client(join(folder.path, "state"), makeRoot());
  const hour = 3_600_000;
  const expires = `${new Date(Date.now() + 2 * hour).toISOString().slice(0, 19)}Z`;
  const frozen = tufFiles({ timestamp: { expires } });
  assert.equal((await visit(frozen)).currentUntil.toISOString(), new Date(expires).toISOString());
  await assert.rejects(visit(frozen, new Date(Date.now() + 3 * hour)), { code: "keyring-expired" });
  await assert.rejects(visit("away", new Date(Date.now() + 3 * hour)), { name: "TrustError" });
});

test("what was refused leaves what was accepted as it was", async () => {
  using folder = temporaryFolder();
  const state = join(folder.path, "state");
  const visit = client(state, makeRoot());
  await visit(tufFiles(later));
  const before = readFileSync(join(state, "timestamp.json"));
  await assert.rejects(visit(tufFiles({ ...later, timestamp: { version: 2 } })));
  assert.deepEqual(readFileSync(join(state, "timestamp.json")), before);
  assert.equal((await visit("away")).version, 3);
});
