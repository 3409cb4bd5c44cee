import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf } from "../distribution/digest.ts";
import type { Environment } from "../environment/environment.ts";
import { scanInstalled } from "../environment/scan.ts";
import { type FaultyDisk, faultyDisk } from "../testing/faulty-disk.ts";
import { makeEnvironment, makeItem, quietly } from "../testing/install-scene.ts";
import type { WheelDescription } from "../testing/make-wheel.ts";
import { snapshot, temporaryFolder } from "../testing/tree.ts";
import { type Disk, realDisk } from "../unpack/disk.ts";
import { install } from "./install.ts";
import { uninstall } from "./uninstall.ts";

/**
 * Every operation that changes the disk fails once, in every way, in a fresh install, an upgrade and a removal: then the
 * old or the new state holds, or the next command restores it.
 */

const versionOne: WheelDescription = {
  version: "1.0",
  entryPoints: "[console_scripts]\nexample = example:main\n",
  files: {
    "example/__init__.py": "one",
    "example/gone/old.py": "one",
    "single.py": "one",
    "example-1.0.data/scripts/tool": "#!python\none",
    "example-1.0.data/data/share/doc/example.txt": "one",
  },
};
const versionTwo: WheelDescription = {
  version: "2.0",
  files: {
    "example/__init__.py": "two",
    "example/fresh/new.py": "two",
    "example-2.0.data/scripts/tool": "#!python\ntwo",
  },
};
const companion: WheelDescription = { name: "companion", files: { "companion.py": "", "ns/companion.py": "" } };

interface Case {
  readonly what: string;
  readonly before: readonly WheelDescription[];
  act(environment: Environment, quarantine: string, disk: Disk): Promise<void>;
}

const installing =
  (...wheels: WheelDescription[]): Case["act"] =>
  async (environment, quarantine, disk) => {
    const items = [];
    for (const wheel of wheels) items.push(await makeItem(wheel, quarantine));
    await install(items, environment, quietly(disk));
  };

const cases: readonly Case[] = [
  { what: "a fresh install", before: [], act: installing(versionOne, companion) },
  { what: "an upgrade", before: [versionOne], act: installing(versionTwo, companion) },
  { what: "a reinstall", before: [versionOne], act: installing(versionOne) },
  {
    what: "a removal",
    before: [versionOne, companion],
    act: (environment, _, disk) =>
      uninstall(new Set(["example"]) as unknown as Parameters<typeof uninstall>[0], environment, quietly(disk)),
  },
];

for (const { what, before, act } of cases) {
  /** The environment before, and what `act` with this disk made of it. */
  const run = async (disk: FaultyDisk) => {
    const folder = temporaryFolder();
    const root = join(folder.path, "env");
    const environment = makeEnvironment(root);
    const quarantine = join(folder.path, "quarantine");
    if (before.length > 0) await installing(...before)(environment, quarantine, realDisk);
    const old = snapshot(root);
    let failure: unknown;
    await act(environment, quarantine, disk).catch((error: unknown) => {
      failure = error;
    });
    return { old, root, environment, failure, [Symbol.dispose]: () => folder[Symbol.dispose]() };
  };
  const states = async () => {
    using whole = await run(faultyDisk(Number.POSITIVE_INFINITY, "EIO"));
    assert.equal(whole.failure, undefined);
    // Paths of interpreters in scripts differ from run to run.
    return { old: namesIn(whole.old), new: namesIn(snapshot(whole.root)) };
  };

  for (const code of ["ENOSPC", "EIO", "EACCES", "kill"] as const) {
    test(`${code} at any operation of ${what}: the old or the new state, or the next command restores it`, async () => {
      const expected = await states();
      for (let failAt = 1; ; failAt += stepOf(code)) {
        const disk = faultyDisk(failAt, code);
        using result = await run(disk);
        const at = `${code} at operation ${failAt} of ${what}`;
        if (disk.count() < failAt) {
          assert.ok(failAt > 10, "operations were counted");
          break;
        }
        // A stage that could not be removed after all was done is the next command's to remove.
        const isOwn = (path: string) => path.startsWith(".tspip-");
        if (result.failure === undefined)
          assert.deepEqual(
            namesIn(snapshot(result.root)).filter((path) => !isOwn(path)),
            expected.new,
            at,
          );
        // The next command, whatever it is, repairs first.
        await uninstall(new Set(), result.environment, quietly());
        const found = namesIn(snapshot(result.root));
        const isOld = JSON.stringify(found) === JSON.stringify(expected.old);
        assert.ok(isOld || JSON.stringify(found) === JSON.stringify(expected.new), `${at} left ${found.join("\n")}`);
        await checkRecords(result.environment, at);
        if (code !== "kill" && result.failure !== undefined) {
          assert.match(String((result.failure as { code?: string }).code), /^cannot-/, `${at}: ${result.failure}`);
        }
      }
    });
  }
}

/** `npm run faults` tries every code at every operation; in every test run two stand for the others at most of them. */
function stepOf(code: string): number {
  return process.env.TSPIP_FAULTS === "all" || code === "ENOSPC" || code === "kill" ? 1 : 5;
}

function namesIn(found: Readonly<Record<string, string>>): string[] {
  return Object.entries(found).map(([path, what]) => `${path} ${/^(?:link|folder|file \d+)/.exec(what)?.[0]}`);
}

/** No `.dist-info` whose RECORD does not hold. */
async function checkRecords({ schemes }: Environment, at: string): Promise<void> {
  const { installed, unreadable } = await scanInstalled([schemes.purelib]);
  assert.deepEqual(unreadable, [], at);
  assert.equal(readdirSync(schemes.purelib).filter((name) => name.endsWith(".dist-info")).length, installed.length, at);
  for (const { site, record = [] } of installed) {
    assert.ok(record.length > 0, at);
    for (const { path, hash } of record) {
      assert.ok(existsSync(join(site, path)), `${at}: ${path} is missing`);
      if (hash === undefined) continue;
      const hex = Buffer.from(hash.digest, "base64url").toString("hex");
      assert.equal(digestOf(readFileSync(join(site, path))), hex, `${at}: ${path}`);
    }
  }
}
