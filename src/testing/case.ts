import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { type FindingId, findingCatalog } from "../verdict/finding-catalog.ts";

/** One folder of a case collection in testdata/: what goes in, and what has to come out. */
export interface TestCase {
  /** The folder's name. */
  readonly name: string;
  /** The folder; ends in `/`. */
  readonly folder: URL;
  /** What is bent and which rule that breaks; for people. */
  readonly readme: string;
  /** The finding that must come first; absent when the case must be admitted. */
  readonly expect?: FindingId;
}

/**
 * The cases in a collection, a folder whose URL ends in `/`, by name.
 * @throws Error when a case has no README, or its `expect` does not fit its name
 */
export function readCases(collection: URL): TestCase[] {
  return readdirSync(collection, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "_default")
    .map((entry) => readCase(new URL(`${entry.name}/`, collection)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** An input of a case: its own file, or the one in `_default` beside it, since a case holds only what differs. */
export function readInput({ folder }: Pick<TestCase, "folder">, file: string): Buffer {
  const own = new URL(file, folder);
  return readFileSync(existsSync(own) ? own : new URL(`../_default/${file}`, folder));
}

/** `readInput` as UTF-8, without white space at either end. */
export function readText(testCase: Pick<TestCase, "folder">, file: string): string {
  return readInput(testCase, file).toString("utf8").trim();
}

function readCase(folder: URL): TestCase {
  const name = basename(folder.pathname);
  const has = (file: string) => existsSync(new URL(file, folder));
  if (!has("README")) throw new Error(`Case "${name}" has no README`);
  if (has("expect") !== name.endsWith("_fail")) {
    throw new Error(`Case "${name}" has to have an "expect" when its name ends in "_fail", and only then`);
  }
  return {
    name,
    folder,
    readme: readText({ folder }, "README"),
    ...(has("expect") && { expect: findingNamed(readText({ folder }, "expect"), name) }),
  };
}

function findingNamed(id: string, caseName: string): FindingId {
  if (!Object.hasOwn(findingCatalog, id)) throw new Error(`Case "${caseName}" expects "${id}", which is no finding`);
  return id as FindingId;
}
