import { PolicyFileError } from "../errors.ts";
import type { Locator, Path, Span } from "./locate.ts";

/** A file with more mistakes than this is a wrong file; the rest is counted. */
const mistakesShown = 50;

/** Columns of a line that an excerpt shows around the mistake. */
const excerptWidth = 100;

interface Mistake {
  readonly span: Span;
  readonly message: string;
}

/** The kinds of file that are read so. */
export type FileKind = "policy" | "cases";

/** Collects the mistakes of one file, so that all are told at once. */
export class Mistakes {
  private readonly text: string;
  private readonly file: string;
  private readonly locate: Locator;
  private readonly kind: FileKind;
  private readonly mistakes: Mistake[] = [];

  constructor(text: string, file: string, locate: Locator, kind: FileKind = "policy") {
    this.text = text;
    this.file = file;
    this.locate = locate;
    this.kind = kind;
  }

  /** Something is wrong with a key: unknown, contradicting, missing something. */
  aboutKey(path: Path, message: string): void {
    const { key, value } = this.locate(path);
    this.mistakes.push({ span: key ?? value, message });
  }

  aboutValue(path: Path, message: string): void {
    this.mistakes.push({ span: this.locate(path).value, message });
  }

  /** The value at `path` as the file has it. */
  textOf(path: Path): string {
    const { offset, length } = this.locate(path).value;
    return this.text.slice(offset, offset + length);
  }

  /** @throws PolicyFileError when there are any */
  throwIfAny(): void {
    if (this.mistakes.length === 0) return;
    const inOrder = this.mistakes.toSorted((a, b) => a.span.offset - b.span.offset);
    const shown = inOrder.slice(0, mistakesShown).map((mistake) => describeMistake(this.text, this.file, mistake));
    throw policyFileError(this.file, inOrder.length, shown, this.kind);
  }
}

/** One mistake with its place and an excerpt of the line: `FILE:LINE:COLUMN: MESSAGE`. */
export function describeMistake(text: string, file: string, { span, message }: Mistake): string {
  const before = text.slice(0, span.offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  const column = [...text.slice(lineStart, span.offset)].length + 1;
  const place = `${file}:${line}:${column}: ${message}`;
  const whole = (text.slice(lineStart).split(/\r?\n/, 1)[0] ?? "").replaceAll("\t", " ");
  if (whole.trim() === "") return place;

  const characters = [...whole];
  const from = Math.max(0, Math.min(column - 1 - excerptWidth / 2, characters.length - excerptWidth));
  const excerpt = characters.slice(from, from + excerptWidth).join("");
  const caretStart = column - 1 - from;
  const spanned = [...(text.slice(span.offset, span.offset + span.length).split(/\r?\n/, 1)[0] ?? "")].length;
  const carets = "^".repeat(Math.max(1, Math.min(spanned, excerptWidth - caretStart)));
  const margin = String(line);
  return [
    place,
    `  ${margin} | ${excerpt}`,
    `  ${" ".repeat(margin.length)} | ${" ".repeat(caretStart)}${carets}`,
  ].join("\n");
}

/** The error for a file with `count` mistakes, of which the first are described in `shown`. */
export function policyFileError(
  file: string,
  count: number,
  shown: readonly string[],
  kind: FileKind = "policy",
): PolicyFileError {
  const hidden = count - shown.length;
  const title = `Cannot use ${kind} "${file}": ${count === 1 ? "1 mistake" : `${count} mistakes`}`;
  const lines = [title, ...shown, ...(hidden > 0 ? [`and ${hidden} more`] : [])];
  return new PolicyFileError(`invalid-${kind}`, lines.join("\n"));
}
