import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "./testing/tree.ts";

const root = new URL("../", import.meta.url).pathname;
const skip = !existsSync(join(root, "dist/main.cjs"))
  ? "tspip is not built: npm run build"
  : spawnSync("python3", ["--version"]).status !== 0 && "there is no python3 on PATH";

/** One command of a page, which may go over several lines, and what the page shows of its output. */
interface Typed {
  readonly command: string;
  readonly shown: string;
}

test("docs/tour.md: its commands, typed one after the other, say what the page shows", { skip }, () => {
  using folder = temporaryFolder();
  const typed = commandsIn(readFileSync(join(root, "docs/tour.md"), "utf8"));
  assert.ok(typed.length > 10);
  const outputs = typeAll(typed, folder.path);
  for (const [at, { command, shown }] of typed.entries())
    assert.match(outputs[at] ?? "", patternOf(shown), `what "${command}" says`);
});

function commandsIn(page: string): Typed[] {
  return [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block = ""]) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((text) => {
        const lines = text.split("\n");
        // A quote that is open goes on in the next line.
        let count = 1;
        while ((lines.slice(0, count).join("\n").split('"').length - 1) % 2 === 1) count += 1;
        return { command: lines.slice(0, count).join("\n"), shown: lines.slice(count).join("\n") };
      }),
  );
}

/** In one shell, in a folder that has of the clone what the page uses. Returns what each command printed. */
function typeAll(typed: readonly Typed[], folder: string): string[] {
  symlinkSync(join(root, "testdata"), join(folder, "testdata"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const launcher = join(root, "src/launcher.cjs");
  writeFileSync(join(bin, "npx"), `#!/bin/sh\nshift\nexec "${process.execPath}" "${launcher}" "$@"\n`, { mode: 0o755 });
  const mark = "---- next command ----";
  const script = typed.map(({ command }) => `${command}\necho "${mark}"`).join("\n");
  const { HOME: _, VIRTUAL_ENV: __, ...env } = process.env;
  const { stdout, error } = spawnSync("bash", ["-c", `exec 2>&1\n${script}`], {
    cwd: folder,
    encoding: "utf8",
    env: { ...env, HOME: folder, PATH: `${bin}${delimiter}${env.PATH}` },
  });
  assert.equal(error, undefined);
  return stdout.split(`${mark}\n`);
}

/** What is printed, to the letter; a line with `…` stands for any lines. */
function patternOf(shown: string): RegExp {
  const lines = shown.split("\n").filter((line) => line !== "");
  const source = lines.map((line) => (line === "…" ? "(?:.*\\n)*?" : `${RegExp.escape(line)}\\n`));
  return new RegExp(`^${source.join("")}$`);
}
