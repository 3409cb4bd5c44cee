import { win32 } from "node:path";
import type { Interpreter } from "../environment/interpreter.ts";
import type { EntryPoint } from "../wheel/entry-points.ts";

/** The interpreter that scripts are made for. */
export interface ScriptInterpreter {
  readonly executable: string;
  readonly isWindows: boolean;
}

export function scriptInterpreter({ executable, markers }: Interpreter): ScriptInterpreter {
  return { executable, isWindows: markers.os_name === "nt" };
}

/** A file of the scripts folder. */
export interface ScriptFile {
  readonly name: string;
  readonly text: string;
}

/**
 * The files that make an entry point a command (entry points specification, "use for scripts"). Windows starts no text file
 * by its first line: there it is a module, and a batch file that starts it. Other installers write a program that somebody
 * has built for them; nobody vouches for that one (docs/decisions/0005-installing.md).
 * @param scripts the folder that they go to
 */
export function scriptFiles(entryPoint: EntryPoint, interpreter: ScriptInterpreter, scripts: string): ScriptFile[] {
  if (!interpreter.isWindows) return [{ name: entryPoint.name, text: moduleText(entryPoint, ".exe", interpreter) }];
  const isGui = entryPoint.group === "gui_scripts";
  const ending = isGui ? "-script.pyw" : "-script.py";
  const module = `${entryPoint.name}${ending}`;
  return [
    { name: module, text: moduleText(entryPoint, ending, interpreter) },
    { name: `${entryPoint.name}.cmd`, text: batchFile(module, isGui, interpreter, scripts) },
  ];
}

/** @param ending what the command's name is to be shown without */
function moduleText({ module, attribute }: EntryPoint, ending: string, interpreter: ScriptInterpreter): string {
  const [first = ""] = attribute.split(".");
  return `${shebang(interpreter)}# -*- coding: utf-8 -*-
import sys
from ${module} import ${first}
if __name__ == "__main__":
    if sys.argv[0].endswith("${ending}"):
        sys.argv[0] = sys.argv[0][:-${ending.length}]
    sys.exit(${attribute}())
`;
}

/** `%~dp0` is the batch file's own folder: an interpreter that lies there is found by it, however the folder is called. */
function batchFile(module: string, isGui: boolean, { executable }: ScriptInterpreter, scripts: string): string {
  const { dir, name, ext } = win32.parse(executable);
  const program = isGui ? `${name.replace(/w?$/i, "w")}${ext}` : `${name}${ext}`;
  const isBeside = win32.relative(scripts, dir) === "";
  const path = isBeside ? `%~dp0${inBatch(program)}` : inBatch(win32.join(dir, program));
  // "start" takes its first quoted word for the title of a window.
  return `@${isGui ? 'start "" ' : ""}"${path}" "%~dp0${inBatch(module)}" %*\r\n`;
}

function inBatch(text: string): string {
  return text.replaceAll("%", "%%");
}

/** The longest first line that every kernel takes (Linux before 5.1 cuts it off at 127 bytes). */
const longestShebang = 127;

/**
 * The first line that starts an interpreter. Kernels split it at blanks and cut it when it is long; then a shell starts
 * the interpreter, by lines that are a string to Python. On Windows the `py` launcher reads it, and takes quotes (PEP 397).
 */
export function shebang({ executable, isWindows }: ScriptInterpreter): string {
  if (isWindows) return /\s/.test(executable) ? `#!"${executable}"\n` : `#!${executable}\n`;
  const line = `#!${executable}\n`;
  if (!/\s/.test(executable) && Buffer.byteLength(line) <= longestShebang) return line;
  return `#!/bin/sh\n'''exec' ${shellQuoted(executable)} "$0" "$@"\n' '''\n`;
}

function shellQuoted(text: string): string {
  return `"${text.replace(/["$`\\]/g, "\\$&")}"`;
}

const genericShebang = Buffer.from("#!python");

/**
 * Whether a script of a wheel, of which `bytes` is the start, is to get the target's interpreter (binary distribution
 * format, "recommended installer features").
 */
export function isGenericScript(bytes: Buffer): boolean {
  return bytes.subarray(0, genericShebang.length).equals(genericShebang);
}

/** The first line of such a script is replaced. What follows `#!python` on the line is dropped, as pip and uv do. */
export function rewriteShebang(bytes: Buffer, interpreter: ScriptInterpreter): Buffer {
  if (!isGenericScript(bytes)) return bytes;
  const end = bytes.indexOf(0x0a);
  return Buffer.concat([Buffer.from(shebang(interpreter)), end === -1 ? Buffer.alloc(0) : bytes.subarray(end + 1)]);
}
