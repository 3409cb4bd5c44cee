import { globSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { pathToFileURL } from "node:url";
import "./setup.ts";
import { temporaryFolder } from "./tree.ts";

/**
 * `npm test`: the test files that are named, else all but the slow ones. A process for each would spend most of its time on loading
 * what the others load as well, so they are dealt to a few processes, each of which runs one file after the other.
 */

/** More than there are processors, as tests also wait: for children, and over loopback. With fewer, one of them ends long after the others. */
const processes = 8;

const named = process.argv.slice(2);
const files = named.length > 0 ? named : globSync("src/**/!(*.slow).test.ts").sort();

const folder = temporaryFolder();
const groups = Array.from({ length: Math.min(processes, files.length) }, (_, group) => {
  // Every eighth: neighbours by name, as the commands of src/cli/, take equally long.
  const imports = files
    .filter((_, at) => at % processes === group)
    .map((file) => `import ${JSON.stringify(pathToFileURL(resolve(file)).href)};\n`);
  const path = join(folder.path, `group-${group + 1}.test.mjs`);
  writeFileSync(path, imports.join(""));
  return path;
});

run({ files: groups, concurrency: processes })
  .on("test:fail", () => {
    process.exitCode = 1;
  })
  .on("end", () => folder[Symbol.dispose]())
  .compose(spec)
  .pipe(process.stdout);
