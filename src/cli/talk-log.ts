import { appendFileSync } from "node:fs";
import { resolve } from "node:path";
import { EnvironmentError, messageOf } from "../errors.ts";
import type { Host } from "./host.ts";
import { printable, type Talk } from "./terminal.ts";

/** A talk of which every word, also those that are not shown, is appended to a file (pip's `--log`). */
export function withLog(talk: Talk, file: string | undefined, { cwd }: Pick<Host, "cwd">): Talk {
  if (file === undefined) return talk;
  const path = resolve(cwd, file);
  // Where it cannot be written, nothing has happened yet.
  append(path, "");
  const logged = (say: (text: string) => void) => (text: string) => {
    append(path, `${printable(text)}\n`);
    say(text);
  };
  return { ...talk, info: logged(talk.info), verbose: logged(talk.verbose), warn: logged(talk.warn) };
}

function append(path: string, text: string): void {
  try {
    appendFileSync(path, text);
  } catch (error) {
    throw new EnvironmentError("cannot-write", `Cannot write the log "${path}": ${messageOf(error)}`, { cause: error });
  }
}
