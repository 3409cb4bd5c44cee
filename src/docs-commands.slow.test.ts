import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { authority, setScene } from "./testing/scene.ts";
import type { Exercise } from "./testing/typed-pages/exercise.ts";
import { exercises } from "./testing/typed-pages/exercises.ts";
import { root } from "./testing/typed-pages/parts.ts";
import {
  blocksOf,
  type PageBlock,
  patternOf,
  type TypedCommand,
  typeAll,
  writing,
} from "./testing/typed-pages/typed-page.ts";

/** Every command of README.md and docs/, typed by somebody who has just come: what it says and how it ends. */

const isBuilt = existsSync(join(root, "dist/main.cjs"));

for (const exercise of exercises) {
  const { page, heading, skip = isBuilt ? undefined : "tspip is not built: npm run build" } = exercise;
  const name = heading === undefined ? page : `${page}, ${heading}`;
  test(`${name}: its commands do what the page says`, skip === undefined ? {} : { skip }, async () => {
    const blocks = blocksOfExercise(exercise);
    assert.ok(blocks.length > 0, `there is no such section: ${name}`);
    for (const story of exercise.apart ? blocks.map((block) => [block]) : [blocks]) await type(story, exercise);
  });
}

/** The blocks of its section; those of other exercises' sections are theirs. */
function blocksOfExercise({ page, heading }: Exercise): PageBlock[] {
  const others = new Set(exercises.filter((other) => other.page === page).map((other) => other.heading));
  return blocksOf(readFileSync(join(root, page), "utf8")).filter((block) =>
    heading === undefined ? !others.has(block.heading) : block.heading === heading,
  );
}

async function type(blocks: readonly PageBlock[], exercise: Exercise): Promise<void> {
  await using scene = await setScene();
  if (!exercise.isReal) scene.write(".local/share/tspip/trusted_root.json", authority.trustedRootJson);
  const { instead = [], env = {}, programs = [], end } = (await exercise.prepare(scene)) ?? {};
  const here = (text: string) => instead.reduce((changed, [shown, own]) => changed.replaceAll(shown, own), text);
  const everywhere = (text: string) => instead.reduce((changed, [shown, own]) => changed.replaceAll(own, shown), text);
  try {
    const typed = blocks.flatMap(toCommands);
    const answers = await typeAll(
      typed.map(({ command }) => endless(here(command))),
      { folder: scene.folder, root, env: { TSPIP_INDEX_URL: scene.index.url, TSPIP_RETRIES: "0", ...env }, programs },
    );
    for (const [at, { command, shown, exitCode }] of typed.entries()) {
      const answer = answers[at] ?? assert.fail(`"${command}" did not end`);
      const output = everywhere(answer.output);
      assert.equal(answer.exitCode, exitCode ?? exitOf(command, exercise), `how "${command}" ends: ${output}`);
      if (shown)
        assert.match(withoutIndexes(output), patternOf(withoutIndexes(shown)), `"${command}" says:\n${output}`);
    }
  } finally {
    await end?.();
  }
}

function toCommands(block: PageBlock): readonly TypedCommand[] {
  if (block.kind === "commands") return block.commands;
  return [{ command: writing(block.name, block.content), shown: undefined, exitCode: 0 }];
}

function exitOf(command: string, { exits = {} }: Exercise): number {
  return Object.entries(exits).find(([start]) => command.startsWith(start))?.[1] ?? 0;
}

/** What serves until it is ended is left to serve. */
function endless(command: string): string {
  if (!/^tspip serve(?: --config \S+)?$/.test(command)) return command;
  return `${command} > .served 2>&1 & for i in $(seq 200); do grep -q Serving .served && break; sleep 0.1; done`;
}

/** A test's transparency log counts for itself. */
function withoutIndexes(text: string): string {
  return text.replaceAll(/log index \d+/g, "log index N");
}
