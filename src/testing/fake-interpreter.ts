import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InterpreterFacts } from "../environment/interpreter.ts";

/**
 * Makes a virtual environment that no Python belongs to: its interpreter only says what it is, a CPython 3.11 on Linux
 * x86_64. Every scheme is a folder of its own.
 * @param folder absolute; where the environment is to be
 * @returns the interpreter, to be named by `--python`
 */
export function makeFakeEnvironment(folder: string): string {
  const library = (name: string) => join(folder, name, "python3.11", "site-packages");
  const executable = join(folder, "bin", "python");
  const paths = {
    purelib: library("lib"),
    platlib: library("lib-platform"),
    scripts: join(folder, "bin"),
    data: folder,
    include: "/usr/include/python3.11",
    stdlib: "/usr/lib/python3.11",
  };
  const facts: InterpreterFacts = {
    executable,
    version: [3, 11],
    prefix: folder,
    basePrefix: "/usr",
    cacheTag: "cpython-311",
    paths,
    userBase: join(folder, "user"),
    userPaths: paths,
    prefixPaths: paths,
    tags: {
      implementation: "cpython",
      version: [3, 11],
      debug: false,
      freeThreaded: false,
      platform: "linux-x86_64",
      glibc: [2, 36],
    },
    markers: {
      implementation_name: "cpython",
      implementation_version: "3.11.7",
      os_name: "posix",
      platform_machine: "x86_64",
      platform_python_implementation: "CPython",
      platform_release: "6.1",
      platform_system: "Linux",
      platform_version: "1",
      python_full_version: "3.11.7",
      python_version: "3.11",
      sys_platform: "linux",
    },
  };
  for (const path of [library("lib"), library("lib-platform"), join(folder, "bin")])
    mkdirSync(path, { recursive: true });
  writeFileSync(join(folder, "pyvenv.cfg"), "home = /usr/bin\n");
  writeFileSync(executable, `#!/bin/sh\nprintf '%s' '${JSON.stringify(facts)}'\n`);
  chmodSync(executable, 0o755);
  return executable;
}
