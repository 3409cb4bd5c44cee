import { TspipError } from "../../errors.ts";
import type { Host } from "../host.ts";
import { painter, printable } from "../terminal.ts";
import { version } from "../version.ts";

/** Says on stderr what could not be done and what to do about it. Only a bug shows a stack. */
export function renderError(error: unknown, { stderr, env }: Host): void {
  const paint = painter(stderr, "auto", env);
  if (error instanceof TspipError) {
    stderr.write(`${paint("red", "error:")} ${printable(error.message)}\n`);
    if (error.hint !== undefined) stderr.write(`${paint("cyan", "hint:")} ${printable(error.hint)}\n`);
    return;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(`${paint("red", "error:")} This is a bug in tspip ${version}; please report it\n${printable(detail)}\n`);
}
