import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { enabling, setInspectorScene } from "../../testing/inspector-scene.ts";
import { python } from "../../testing/scene.ts";
import { snapshot } from "../../testing/tree.ts";

/** Inspectors that misbehave: each ends soon, with the outcome that docs/ext.md says, and the environment as it was. */

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};

interface Misdeed {
  /** Of `pre_extract(dist)`. */
  readonly body: string;
  readonly exitCode: 0 | 1 | 3;
  readonly says: RegExp;
}

const undecided = (says: RegExp) => ({ exitCode: 3, says }) as const;
const changed = {
  exitCode: 1,
  says: /artifact-changed.*inspector "\w+" changed "good-1\.0-py3-none-any\.whl"/,
} as const;
const passes = { exitCode: 0, says: /Allowed 1 artifact/ } as const;

const misdeeds: Readonly<Record<string, Misdeed>> = {
  hangs: { body: "while True: pass", ...undecided(/"hangs" failed: it did not answer within 2 seconds/) },
  sleeps: {
    body: "import time; time.sleep(1000)",
    ...undecided(/"sleeps" failed: it did not answer within 2 seconds/),
  },
  dies: { body: "os._exit(7)", ...undecided(/"dies" failed: its process ended with exit code 7/) },
  crashes: { body: "os.kill(os.getpid(), 11)", ...undecided(/"crashes" failed: its process was ended by SIGSEGV/) },
  exits: { body: "sys.exit(0)", ...undecided(/"exits" failed: SystemExit: 0/) },
  fails: { body: "1 / 0", ...undecided(/"fails" failed: ZeroDivisionError: division by zero/) },
  answers: { body: "return False", ...undecided(/"answers" failed: pre_extract\(\) returned bool/) },
  pretends: {
    body: String.raw`os.write(3, b'{"id": 2}\n')`,
    ...undecided(/"pretends" failed: it wrote something that is no answer/),
  },
  forges: { body: "os.write(3, b'{}\\n')", ...undecided(/"forges" failed: it wrote something that is no answer/) },
  floods: {
    body: "os.write(3, b'x' * (2 << 20))",
    ...undecided(/"floods" failed: it wrote a line of more than 1 MiB/),
  },
  closes: { body: "os.close(3)", ...undecided(/"closes" failed: its process ended/) },
  prints: { body: "print('{}', flush=True); os.system('echo {}'); os.write(1, b'[]')", ...passes },
  shouts: { body: "for _ in range(100): os.write(2, b'x' * (1 << 20))", ...passes },
  forks: { body: "os.fork()", ...passes },
  leaves: { body: "os.fork() or __import__('time').sleep(1000)", ...passes },
  escapes: {
    body: "os.fork() or (os.setsid(), __import__('time').sleep(20), os._exit(0)); os._exit(7)",
    ...undecided(/"escapes" failed: its process ended with exit code 7/),
  },
  appends: { body: "os.chmod(dist, 0o600); open(dist, 'ab').write(b'x')", ...changed },
  removes: { body: "os.remove(dist)", ...changed },
  pipes: { body: "os.remove(dist); os.mkfifo(dist)", ...changed },
  links: { body: "os.remove(dist); os.symlink('/dev/zero', dist)", ...changed },
};

const moduleOf = ({ body }: Misdeed) => `
import os, sys
def plugin_type(): return "dist-inspector"
def pre_extract(dist):
    ${body}
`;

test("an inspector that misbehaves", { ...needsPython, timeout: 120_000 }, async (context) => {
  const modules = Object.entries(misdeeds).map(([name, misdeed]) => [name, moduleOf(misdeed)]);
  await using scene = await setInspectorScene(Object.fromEntries(modules));
  scene.offer({ name: "good" });
  for (const [name, { exitCode, says }] of Object.entries(misdeeds)) {
    await context.test(`${name}: exit code ${exitCode}`, async () => {
      scene.write("tspip.toml", enabling([name], "timeout = 2"));
      const target = join(scene.folder, `env-${name}`);
      mkdirSync(target);
      const answer = await scene.tspip("install", "--target", target, "good==1.0");
      assert.equal(answer.exitCode, exitCode, answer.stdout + answer.stderr);
      assert.match(answer.stdout, says);
      assert.deepEqual("good" in snapshot(target), exitCode === 0);
      if (exitCode !== 0) assert.deepEqual(snapshot(target), {});
    });
  }

  await context.test("an interruption ends it at once", async () => {
    scene.write("tspip.toml", enabling(["hangs"], "timeout = 60"));
    const interrupted = new AbortController();
    setTimeout(() => interrupted.abort(), 2000);
    const { exitCode } = await scene.tspipOn(
      { signal: interrupted.signal },
      ...["verify", "-i", scene.index.url, "good==1.0"],
    );
    assert.equal(exitCode, 130);
  });

  await context.test("the others are asked all the same, and it is not asked twice", async () => {
    scene.write("tspip.toml", enabling(["dies", "removes", "hangs", "fails"], "timeout = 2"));
    for (const name of ["a", "b", "c", "d"]) scene.offer({ name });
    const started = Date.now();
    const { exitCode, stdout } = await scene.tspip("verify", "a==1.0", "b==1.0", "c==1.0", "d==1.0");
    assert.equal(exitCode, 1);
    assert.equal(stdout.match(/artifact-changed/g)?.length, 4, stdout);
    // One wait for the one that hangs, not four.
    assert.ok(Date.now() - started < 8000, `${Date.now() - started} ms`);
  });
});
