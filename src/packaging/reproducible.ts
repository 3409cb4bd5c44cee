import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf } from "../distribution/digest.ts";

/**
 * `npm run reproducible`: makes every package twice from what is committed, in two folders, in two time zones, with two
 * umasks and homes, and compares the bytes. Prints the digests.
 */
const root = new URL("../../", import.meta.url).pathname;
const work = mkdtempSync(join(tmpdir(), "tspip-reproducible-"));
const forms = ["npm", "pypi", ...(process.platform === "linux" ? ["sea"] : [])];

try {
  const first = build("first", { TZ: "UTC", LC_ALL: "C" }, "022");
  const second = build(
    "another-folder/second",
    { TZ: "Pacific/Kiritimati", LC_ALL: "C.UTF-8", HOME: mkdtempSync(join(work, "home-")) },
    "077",
  );
  for (const [name, digest] of first) process.stdout.write(`${digest}  ${name}\n`);
  const names = new Set([...first.keys(), ...second.keys()]);
  const different = [...names].filter((name) => first.get(name) !== second.get(name));
  if (different.length > 0) throw new Error(`Two builds differ in ${different.join(", ")}`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** In a copy of what is committed, beside the installed packages. @returns digests by name */
function build(folder: string, env: Readonly<Record<string, string>>, umask: string): Map<string, string> {
  const at = join(work, folder);
  const script = [
    `umask ${umask}`,
    'mkdir -p "$1"',
    '{ cp -al node_modules "$1" || cp -a node_modules "$1"; } 2> /dev/null', // as links, where that can be
    'git archive HEAD | tar -x -C "$1"',
    'cd "$1"',
    ...forms.map((form) => `npm -s run build:${form} > /dev/null`),
  ];
  const options = { cwd: root, env: { ...process.env, ...env }, stdio: "inherit" } as const;
  execFileSync("sh", ["-ec", script.join("\n"), "sh", at], options);
  const made = join(at, "dist-packages");
  return new Map(
    readdirSync(made)
      .sort()
      .map((name) => [name, digestOf(readFileSync(join(made, name)))]),
  );
}
