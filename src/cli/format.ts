import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { EnvironmentError, messageOf, UsageError } from "../errors.ts";
import type { Host } from "./host.ts";
import { renderJson } from "./render/json.ts";
import { renderText } from "./render/text.ts";
import type { Report } from "./report.ts";
import { type ColorMode, painter } from "./terminal.ts";

const formats = ["text", "json"] as const;
type Format = (typeof formats)[number];

/** Where one rendering of the report goes: a file, or stdout. */
export interface Destination {
  readonly format: Format;
  readonly file?: string;
}

/**
 * Reads `--format text`, `--format json`, `--format json=FILE`, repeatable. Without any, text goes to stdout.
 * @throws UsageError on an unknown format, or two formats for stdout
 */
export function parseFormats(values: readonly string[]): Destination[] {
  const destinations = values.map(parseFormat);
  const toStdout = destinations.filter(({ file }) => file === undefined);
  if (toStdout.length > 1)
    throw new UsageError("invalid-format", "Only one --format can go to stdout; write --format json=FILE");
  return toStdout.length === 0 ? [{ format: "text" }, ...destinations] : destinations;
}

function parseFormat(value: string): Destination {
  const [name = "", ...rest] = value.split("=");
  const format = formats.find((known) => known === name);
  if (format === undefined) {
    throw new UsageError("invalid-format", `"${name}" is not a format`, {
      hint: `Formats are ${formats.join(" and ")}`,
    });
  }
  if (rest.length === 0) return { format };
  const file = rest.join("=");
  if (file === "") throw new UsageError("invalid-format", `--format ${value} names no file`);
  return { format, file };
}

/** @throws EnvironmentError when a file cannot be written */
export async function writeReport(
  report: Report,
  destinations: readonly Destination[],
  color: ColorMode,
  host: Host,
): Promise<void> {
  for (const { format, file } of destinations) {
    if (file === undefined) {
      host.stdout.write(render(report, format, painter(host.stdout, color, host.env)));
      continue;
    }
    await writeOut(
      resolve(host.cwd, file),
      render(report, format, (_, text) => text),
    );
  }
}

function render(report: Report, format: Format, paint: ReturnType<typeof painter>): string {
  return format === "json" ? renderJson(report) : renderText(report, paint);
}

/** Writes an output file. @throws EnvironmentError */
export async function writeOut(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new EnvironmentError("cannot-write", `Cannot write "${path}": ${messageOf(error)}`, { cause: error });
  }
}
