import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { createProgram } from "./cli/program.ts";
import { exercises, untyped } from "./testing/typed-pages/exercises.ts";
import { blocksOf } from "./testing/typed-pages/typed-page.ts";
import { findingCatalog } from "./verdict/finding-catalog.ts";

const root = new URL("../", import.meta.url);
const page = (name: string) => readFileSync(new URL(name, root), "utf8");

test("docs/findings.md has one heading for each finding, in the catalog's order", () => {
  const headings = [...page("docs/findings.md").matchAll(/^### (.+)$/gm)].map(([, id]) => id);
  assert.deepEqual(headings, Object.keys(findingCatalog));
});

test("docs/findings.md gives each finding's title as the catalog has it", () => {
  const text = page("docs/findings.md");
  for (const [id, { title }] of Object.entries(findingCatalog))
    assert.ok(text.includes(`### ${id}\n\n**${title}.**`), id);
});

test("docs/cli.md shows the help text of every command as it is", () => {
  const unused = () => Promise.reject(new Error("help runs no action"));
  const program = createProgram(unused);
  for (const command of leaves(program as unknown as CommandUnknownOpts)) {
    const help = command.configureHelp({ helpWidth: 110 }).helpInformation().trimEnd();
    if (process.env.UPDATE_GOLDEN) updateHelp(help);
    const isShown = page("docs/cli.md").includes(`\`\`\`text\n${help}\n\`\`\``);
    assert.ok(isShown, `docs/cli.md lacks, or has an old form of (UPDATE_GOLDEN=1 rewrites what it has):\n${help}`);
  }
});

/** Writes the help of a command where docs/cli.md shows an older one. */
function updateHelp(help: string): void {
  const [usage = ""] = /^Usage: tspip[a-z ]+(?= \[| <|$)/m.exec(help) ?? [];
  const text = page("docs/cli.md");
  const start = text.indexOf(`\`\`\`text\n${usage} `);
  if (start === -1) return;
  const end = text.indexOf("\n```", start + 3);
  writeFileSync(new URL("docs/cli.md", root), `${text.slice(0, start)}\`\`\`text\n${help}${text.slice(end)}`);
}

test("every tspip command that README.md and docs/ show is typed in docs-commands.slow.test.ts, or it is said why not", () => {
  const pages = ["README.md", "docs/", "docs/guides/", "docs/ci/"].flatMap((name) =>
    name.endsWith("/") ? inFolder(name) : name,
  );
  const shown = pages.flatMap((name) =>
    blocksOf(page(name)).flatMap((block) =>
      block.kind === "commands" && block.commands.some(({ command }) => /\btspip\b/.test(command))
        ? [{ page: name, heading: block.heading }]
        : [],
    ),
  );
  const isTyped = (one: { page: string; heading: string }) =>
    exercises.some(({ page: name, heading = one.heading }) => name === one.page && heading === one.heading);
  const missing = shown.filter((one) => !isTyped(one)).map(({ page: name, heading }) => `${name}, ${heading}`);
  assert.deepEqual(
    [...new Set(missing)].sort(),
    untyped.map(({ page: name, heading }) => `${name}, ${heading}`).sort(),
  );
});

test("every command and option that stands in a sentence of the docs, or in a policy's README, is there", () => {
  const program = createProgram(() => Promise.reject(new Error("nothing runs")));
  const policies = readdirSync(new URL("policies/", root)).map((name) => `policies/${name}/README.md`);
  const pages = ["README.md", "policies/README.md", ...policies.filter((name) => existsSync(new URL(name, root)))];
  for (const name of [...pages, ...["docs/", "docs/guides/", "docs/ci/", "docs/decisions/"].flatMap(inFolder)])
    for (const line of commandsIn(page(name)))
      assert.equal(mistakeIn(line, program), undefined, `${name}: tspip ${line}`);
});

/** `tspip …` between backticks, and lines that are indented as code. */
function commandsIn(text: string): string[] {
  const found = withoutCode(text).matchAll(/`(?:npx )?tspip ([^`]+)`|^ {4}tspip ((?:.*\\\n)*.*)$/gm);
  return [...found].map(([, inline, indented]) => inline ?? indented ?? "");
}

/** What of a command line is not known; nothing where all of it is. */
function mistakeIn(line: string, program: CommandUnknownOpts): string | undefined {
  const [own = ""] = line.split(/ -- | --$/);
  const [first = "", second = "", ...rest] = own.split(/[\s\\]+/);
  if (first.startsWith("-")) return program.options.some(({ long }) => long === first) ? undefined : first;
  const command = program.commands.find((one) => one.name() === first);
  if (command === undefined) return first;
  const names = second.split("|").filter((name) => /^[a-z]+$/.test(name));
  const children = names.flatMap((name) => command.commands.filter((one) => one.name() === name));
  // Behind `ext NAME` and `pip`, words are somebody else's.
  if (children.length === 0 && (first === "ext" || first === "pip")) return undefined;
  const known = ["--help", ...[command, ...children].flatMap(({ options }) => options.map(({ long }) => long ?? ""))];
  const asked = [second, ...rest].flatMap((word) => word.split("|")).filter((word) => /^--[a-z]/.test(word));
  return asked.map((word) => word.replace(/=.*/, "")).find((word) => !known.includes(word));
}

test("every relative link in the pages leads somewhere, down to the heading", () => {
  for (const name of everyPage())
    for (const [, target = "", anchor] of withoutCode(page(name)).matchAll(
      /\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)/g,
    )) {
      const file = target === "" ? new URL(name, root) : new URL(target, new URL(name, root));
      assert.ok(existsSync(file), `${name} links to ${target}`);
      if (anchor !== undefined)
        assert.ok(anchorsOf(readFileSync(file, "utf8")).has(anchor), `${name} links to ${target}#${anchor}`);
    }
});

function everyPage(): string[] {
  const below = (folder: string) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => folder + name);
  return ["README.md", ...["docs/", "policies/", "testdata/"].flatMap(below)];
}

/** As GitHub makes them of headings; a heading that comes again gets a number. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutCode(text).matchAll(/^#+ (.+)$/gm)) {
    const words = heading.replaceAll(/\]\([^)]*\)/g, "").toLowerCase();
    const anchor = words.replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
    let [unique, again] = [anchor, 0];
    while (anchors.has(unique)) unique = `${anchor}-${++again}`;
    anchors.add(unique);
  }
  return anchors;
}

/** `#` begins a comment there, and not a heading. */
function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, "");
}

function inFolder(folder: string): string[] {
  return readdirSync(new URL(folder, root))
    .filter((name) => name.endsWith(".md"))
    .map((name) => folder + name);
}

function leaves(command: CommandUnknownOpts): CommandUnknownOpts[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}
