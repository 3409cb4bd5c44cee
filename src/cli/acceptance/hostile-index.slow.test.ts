import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startFakeIndex } from "../../testing/fake-index.ts";
import { type HostileMode, hostileModes } from "../../testing/index-modes.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { createSigningAuthority } from "../../testing/signing-authority.ts";
import { temporaryFolder } from "../../testing/tree.ts";

/** `tspip verify` as a process of its own against each mode of a hostile index: exit code, words, time and memory. */

const program = new URL("../../launcher.cjs", import.meta.url).pathname;
const isBuilt = existsSync(new URL("../../../dist/main.cjs", import.meta.url));
const needsBuild = isBuilt ? {} : { skip: "tspip is not built: npm run build" };

/** Generous, for machines that do other things besides; without a limit these would be minutes or for ever. */
const limits = { seconds: 40, residentMiB: 700 };
const parallel = 4;

const tellMemory = `data:text/javascript,process.on("exit",()=>process.stderr.write("maxrss "+process.resourceUsage().maxRSS))`;
const trustedRoot = createSigningAuthority().trustedRootJson;

interface Ended {
  readonly exitCode: number | null;
  readonly said: string;
  readonly residentMiB: number;
  readonly seconds: number;
}

async function verifyAgainst({ bend, retries = 0 }: HostileMode): Promise<Ended> {
  using folder = temporaryFolder();
  await using index = await startFakeIndex();
  const wheel = makeWheel();
  index.add(wheel);
  bend(index, wheel);
  writeFileSync(join(folder.path, "root.json"), trustedRoot);
  const request = ["verify", "example==1.0", "--no-deps", "--format", "json"];
  const asked = ["-i", index.url, "--timeout", "1", "--retries", String(retries), "--trusted-root", "root.json"];
  const started = performance.now();
  const child = spawn(process.execPath, ["--import", tellMemory, program, ...request, ...asked], {
    cwd: folder.path,
    env: { PATH: process.env.PATH, HOME: folder.path, PIP_CONFIG_FILE: "/dev/null", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const late = setTimeout(() => child.kill("SIGKILL"), limits.seconds * 1000);
  const pieces: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => pieces.push(piece));
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearTimeout(late);
  const said = Buffer.concat(pieces).toString();
  const kibibytes = Number(/maxrss (\d+)/.exec(said)?.[1] ?? Number.NaN);
  return { exitCode, said, residentMiB: kibibytes / 1024, seconds: (performance.now() - started) / 1000 };
}

test(`${hostileModes.length} modes of a hostile index`, { ...needsBuild, concurrency: parallel }, async (context) => {
  assert.ok(hostileModes.length >= 50);
  await Promise.all(
    hostileModes.map((mode) =>
      context.test(mode.what, async () => {
        const { exitCode, said, residentMiB, seconds } = await verifyAgainst(mode);
        assert.equal(exitCode, mode.exitCode, said);
        assert.match(said, mode.words);
        assert.doesNotMatch(said, /^\s+at /m, "no stack trace");
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
        assert.doesNotMatch(said, /[\u001b\u202e]/);
        assert.doesNotMatch(said, /root:x:0/, "nothing of the local disk");
        assert.ok(seconds < limits.seconds, `${seconds} s`);
        assert.ok(residentMiB < limits.residentMiB, `${residentMiB} MiB`);
      }),
    ),
  );
});
