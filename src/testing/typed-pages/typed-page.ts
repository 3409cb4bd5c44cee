import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** Pages of the documentation, typed as somebody types them who has just come. */

/** A block of a page: commands, or a file that the page shows under its name. */
export type PageBlock =
  | { readonly kind: "commands"; readonly heading: string; readonly commands: readonly TypedCommand[] }
  | { readonly kind: "file"; readonly heading: string; readonly name: string; readonly content: string };

export interface TypedCommand {
  /** May go over several lines. */
  readonly command: string;
  /** What the page shows of its output; undefined where it shows none. */
  readonly shown: string | undefined;
  /** What the page says of it. */
  readonly exitCode: number | undefined;
}

/** The blocks of a page, in order. A heading is the last one of any level. */
export function blocksOf(page: string): PageBlock[] {
  const blocks: PageBlock[] = [];
  let heading = "";
  const parts = /^#+ (?<heading>.+)$|^(?:`(?<name>[^`\n]+)`:\n\n)?```(?<language>\w+)\n(?<content>[\s\S]*?)^```$/gm;
  for (const { groups = {} } of page.matchAll(parts)) {
    const { name, language, content = "" } = groups;
    if (groups.heading !== undefined) heading = groups.heading;
    else if (language === "sh") blocks.push({ kind: "commands", heading, commands: commandLines(content) });
    else if (language === "console") blocks.push({ kind: "commands", heading, commands: session(content) });
    else if (name !== undefined) blocks.push({ kind: "file", heading, name, content });
  }
  return blocks;
}

/** Lines of a script; `# exit code N` behind one says how it ends, and otherwise it ends well. */
function commandLines(content: string): TypedCommand[] {
  return wholeCommands(content.split("\n")).map((command) => ({
    command,
    shown: undefined,
    exitCode: saidCode(command) ?? 0,
  }));
}

function saidCode(command: string): number | undefined {
  const [, code] = /#.*exit code (\d+)/.exec(command) ?? [];
  return code === undefined ? undefined : Number(code);
}

/** What stands behind `$` was typed; the lines up to the next are what was said. */
function session(content: string): TypedCommand[] {
  return content
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const lines = text.replace(/\n$/, "").split("\n");
      const [command = ""] = wholeCommands(lines);
      const shown = lines.slice(command.split("\n").length).join("\n");
      return { command, shown, exitCode: saidCode(command) };
    });
}

/** A quote that is open, and a backslash at the end, go on in the next line. */
function wholeCommands(lines: readonly string[]): string[] {
  const commands: string[] = [];
  let open = "";
  for (const line of lines) {
    open = open === "" ? line : `${open}\n${line}`;
    const isOpen = open.endsWith("\\") || (open.replaceAll(/#.*$/gm, "").split('"').length - 1) % 2 === 1;
    if (isOpen) continue;
    if (open.trim() !== "") commands.push(open);
    open = "";
  }
  return commands;
}

export interface Typist {
  /** Where it is typed; also the home. */
  readonly folder: string;
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** Folders of programs that go before those of the machine. */
  readonly programs?: readonly string[];
}

export interface TypedAnswer {
  /** stdout and stderr, as they came. */
  readonly output: string;
  readonly exitCode: number;
}

/** And never into the machine's own Python. */
const quietPip = { PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_REQUIRE_VIRTUALENV: "1", PIP_CONFIG_FILE: "/dev/null" };

const mark = "---- that was it:";
const limitMs = 240_000;

/** Types commands in one shell, `tspip` and `npx tspip` being the built program. What is left running is ended. */
export async function typeAll(
  commands: readonly string[],
  { folder, root, env, programs = [] }: Typist,
): Promise<TypedAnswer[]> {
  const bin = join(folder, ".bin");
  mkdirSync(bin, { recursive: true });
  const start = `exec "${process.execPath}" "${join(root, "src/launcher.cjs")}" "$@"\n`;
  writeFileSync(join(bin, "tspip"), `#!/bin/sh\n${start}`, { mode: 0o755 });
  writeFileSync(join(bin, "npx"), `#!/bin/sh\nshift\n${start}`, { mode: 0o755 });
  writeFileSync(join(bin, "node"), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`, { mode: 0o755 });
  const script = commands.map((command) => `${command}\necho "${mark} $?"`).join("\n");
  const path = [bin, ...programs, process.env.PATH].join(delimiter);
  const shell = spawn("bash", ["-c", `exec 2>&1\n${script}`], {
    cwd: folder,
    detached: true,
    env: { PATH: path, HOME: folder, LANG: "C.UTF-8", ...quietPip, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pieces: Buffer[] = [];
  const timer = setTimeout(() => endGroup(shell.pid), limitMs);
  try {
    for await (const piece of shell.stdout) {
      pieces.push(piece);
      if (Buffer.concat(pieces).toString().split(mark).length > commands.length) break;
    }
  } finally {
    clearTimeout(timer);
    endGroup(shell.pid);
  }
  const [first = "", ...behind] = Buffer.concat(pieces).toString().split(mark);
  const answers: TypedAnswer[] = [];
  let output = first;
  for (const part of behind) {
    const [, code, rest = ""] = /^ (\d+)\n([\s\S]*)$/.exec(part) ?? [];
    answers.push({ output, exitCode: Number(code) });
    output = rest;
  }
  return answers;
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

/** The command that writes a file as a page shows it. */
export function writing(name: string, content: string): string {
  return `mkdir -p "${dirname(name)}" && cat > "${name}" <<'END OF THE FILE'\n${content}END OF THE FILE`;
}

/** What is printed, to the letter; a line `…` stands for any lines, and `…` in a line for anything in it. */
export function patternOf(shown: string): RegExp {
  const lines = shown.split("\n").filter((line) => line !== "");
  const source = lines.map((line) =>
    line === "…" ? "(?:.*\\n)*?" : `${line.split("…").map(RegExp.escape).join(".*")}\\n`,
  );
  return new RegExp(`^${source.join("\\n*")}$`);
}
