import { cpSync, mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Host } from "../cli/host.ts";
import type { Report } from "../cli/report/report.ts";
import { run } from "../cli/run.ts";
import { install } from "../install/install.ts";
import { makeEnvironment, makeItem, quietly, writeTree } from "./install-scene.ts";
import { makeCompiled } from "./make-compiled.ts";
import { testProcesses } from "./processes.ts";
import { temporaryFolder } from "./tree.ts";

/** The folder of packages in an environment of the scene. */
export const site = "lib/python3.13/site-packages";

/** What `tspip audit` says: `error file-changed`, and so on. */
export interface Audited {
  readonly exitCode: number;
  readonly ids: readonly string[];
  readonly report: Report;
}

/**
 * An environment with two distributions as tspip installs them, compiled, for tests to tamper with. The interpreter is
 * never needed. Disposing removes it.
 */
export async function makeAuditScene() {
  const folder = temporaryFolder();
  const whole = join(folder.path, "whole");
  const environment = makeEnvironment(whole);
  const quarantine = join(folder.path, "quarantine");
  const items = [
    await makeItem(
      {
        entryPoints: "[console_scripts]\nexample = example:main\n",
        files: {
          "example/__init__.py": "",
          "example/data.bin": Buffer.alloc(5 << 20),
          "example/sub/mod.py": "x = 1\n",
        },
      },
      quarantine,
    ),
    await makeItem({ name: "other", metadata: ["Requires-Dist: example>=1.0"] }, quarantine),
  ];
  await install(items, environment, quietly());
  const home = join(folder.path, "home");
  writeTree(home, { python3: "an interpreter" });
  const configuration = `home = ${home}\ninclude-system-site-packages = false\nversion = 3.13.1\n`;
  writeTree(whole, { "pyvenv.cfg": configuration, "bin/python": "an interpreter" });
  compile(whole, "example/__init__.py", []);
  compile(whole, "example/sub/mod.py", ["x"]);

  const tspip = async (...argv: string[]) => {
    const pieces: string[] = [];
    const exitCode = await run(argv, hostOf(folder.path, pieces));
    return { exitCode, stdout: pieces.join("") };
  };
  return {
    path: folder.path,
    whole,
    home,
    tspip,
    async audit(venv: string, ...argv: string[]): Promise<Audited> {
      const { exitCode, stdout } = await tspip("audit", "--venv", venv, "--format", "json", ...argv);
      const report: Report = JSON.parse(stdout);
      const all = [...report.findings, ...report.artifacts.flatMap((artifact) => artifact.findings)];
      return { exitCode, ids: all.map(({ id, severity }) => `${severity} ${id}`), report };
    },
    /** A copy of the environment, with the times of its files. */
    copy(name: string): string {
      const to = join(folder.path, name);
      mkdirSync(dirname(to), { recursive: true });
      cpSync(whole, to, { recursive: true, preserveTimestamps: true });
      return to;
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** Puts a compiled file beside a source that Python would run in its place. */
export function compile(env: string, source: string, names: readonly string[]): void {
  const path = join(env, site, source);
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  const { size } = statSync(path);
  const name = source.split("/").at(-1)?.replace(/py$/, "cpython-313.pyc");
  const folder = source.split("/").slice(0, -1).join("/");
  writeTree(env, { [`${site}/${folder}/__pycache__/${name}`]: "" });
  writeFileSync(
    join(env, site, folder, "__pycache__", name ?? ""),
    makeCompiled(names, { kind: "time", seconds: 1_700_000_000, size }),
  );
}

function hostOf(cwd: string, pieces: string[]): Host {
  return {
    env: {},
    cwd,
    homedir: cwd,
    platform: "linux",
    stdout: { isTTY: false, write: (text) => void pieces.push(text) },
    stderr: { isTTY: false, write() {} },
    signal: new AbortController().signal,
    now: () => new Date(),
    processors: 2,
    ...testProcesses,
  };
}
