import type { EntryPoint } from "../wheel/entry-points.ts";

/** The longest first line that every kernel takes (Linux before 5.1 cuts it off at 127 bytes). */
const longestShebang = 127;

/**
 * The first line that starts `executable`. Kernels split it at blanks and cut it when it is long; then a shell starts
 * the interpreter, by lines that are a string to Python.
 */
export function shebang(executable: string): string {
  const line = `#!${executable}\n`;
  if (!/\s/.test(executable) && Buffer.byteLength(line) <= longestShebang) return line;
  return `#!/bin/sh\n'''exec' ${shellQuoted(executable)} "$0" "$@"\n' '''\n`;
}

function shellQuoted(text: string): string {
  return `"${text.replace(/["$`\\]/g, "\\$&")}"`;
}

/** A script that calls an entry point (entry points specification, "use for scripts"). */
export function launcher({ module, attribute }: EntryPoint, executable: string): string {
  const [first = ""] = attribute.split(".");
  return `${shebang(executable)}# -*- coding: utf-8 -*-
import sys
from ${module} import ${first}
if __name__ == "__main__":
    if sys.argv[0].endswith(".exe"):
        sys.argv[0] = sys.argv[0][:-4]
    sys.exit(${attribute}())
`;
}

/**
 * A script of a wheel (binary distribution format, "recommended installer features"): a first line that begins with
 * `#!python` is replaced by that of the target's interpreter. What follows it on the line is dropped, as pip and uv do.
 */
export function rewriteShebang(bytes: Buffer, executable: string): Buffer {
  if (!bytes.subarray(0, 8).equals(Buffer.from("#!python"))) return bytes;
  const end = bytes.indexOf(0x0a);
  return Buffer.concat([Buffer.from(shebang(executable)), end === -1 ? Buffer.alloc(0) : bytes.subarray(end + 1)]);
}
