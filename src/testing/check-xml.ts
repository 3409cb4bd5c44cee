import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const schemas = join(
  dirname(createRequire(import.meta.url).resolve("@cyclonedx/cyclonedx-library/package.json")),
  "res/schema",
);

const withLxml =
  "import sys, lxml.etree as e; e.XMLSchema(e.parse(sys.argv[2])).assertValid(e.parse(sys.argv[3]))" as const;

/** xmllint, or a Python with lxml, which may be named; nothing when this machine has neither. */
const checkers: readonly (readonly [string, ...string[]])[] = [
  ["xmllint", "--nonet", "--noout"],
  ["python3", "-c", withLxml],
  ...(process.env.PYTHON_WITH_LXML === undefined ? [] : [[process.env.PYTHON_WITH_LXML, "-c", withLxml] as const]),
];
const checker = checkers.find(([program, ...argv]) =>
  program === "xmllint"
    ? spawnSync(program, ["--version"]).status === 0
    : spawnSync(program, [argv[0] ?? "", "import lxml.etree"]).status === 0,
);

/** Why SBOMs in XML cannot be checked here, if so. */
export const xmlSkip = checker === undefined ? "neither xmllint nor lxml is at hand" : false;

/** What the official schema says against a document in XML; empty when nothing. */
export function xmlProblems(path: string, specVersion: string): string {
  const [program = "", ...argv] = checker ?? [];
  const schema = join(schemas, `bom-${specVersion}.SNAPSHOT.xsd`);
  const { status, stderr } = spawnSync(program, [...argv, "--schema", schema, path], { encoding: "utf8" });
  return status === 0 ? "" : stderr;
}
