import { randomUUID } from "node:crypto";
import { constants, lstatSync, statSync } from "node:fs";
import { access, appendFile, copyFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { EnvironmentError, UsageError } from "../../errors.ts";
import { cannotWrite } from "../cannot-write.ts";
import { readFindingHelp } from "../finding-help.ts";
import type { Host } from "../host.ts";
import type { AuditDetail } from "../render/audit.ts";
import { renderJson } from "../render/json.ts";
import { renderText } from "../render/text.ts";
import { type ColorMode, type Paint, painter } from "../terminal.ts";
import type { Report } from "./report.ts";

const formats = ["text", "json", "sarif", "junit", "github", "html"] as const;
type Format = (typeof formats)[number];

/** Where one rendering of the report goes: a file, or stdout. */
export interface Destination {
  readonly format: Format;
  readonly file?: string;
}

/**
 * Reads `--format text`, `--format json`, `--format json=FILE`, repeatable. Without any for stdout, text goes there.
 * @throws UsageError on an unknown format, or two formats for stdout or one file
 */
export function parseFormats(values: readonly string[]): Destination[] {
  const destinations = values.map(parseFormat);
  const toStdout = destinations.filter(({ file }) => file === undefined);
  if (toStdout.length > 1)
    throw new UsageError("invalid-format", "Only one --format can go to stdout; write --format json=FILE");
  const files = destinations.flatMap(({ file }) => file ?? []);
  const twice = files.find((file, at) => files.indexOf(file) < at);
  if (twice !== undefined)
    throw new UsageError("invalid-format", `Two --format name "${twice}": one would overwrite the other`);
  return toStdout.length === 0 ? [{ format: "text" }, ...destinations] : destinations;
}

function parseFormat(value: string): Destination {
  const [name = "", ...rest] = value.split("=");
  const format = formats.find((known) => known === name);
  if (format === undefined) {
    throw new UsageError("invalid-format", `"${name}" is not a format`, {
      hint: `Formats are ${formats.slice(0, -1).join(", ")} and ${formats.at(-1)}`,
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
  detail: AuditDetail = {},
): Promise<void> {
  for (const { format, file } of destinations) {
    const paint: Paint = file === undefined ? painter(host.stdout, color, host.env) : (_, text) => text;
    const text = await render(report, format, paint, host, detail);
    if (file === undefined) host.stdout.write(text);
    else await writeOut(resolve(host.cwd, file), text);
  }
  if (destinations.some(({ format }) => format === "github")) await writeStepSummary(report, host);
}

/** What is rarely asked for is loaded when it is. */
async function render(report: Report, format: Format, paint: Paint, host: Host, detail: AuditDetail): Promise<string> {
  const toRepositoryPath = (file: string) => repositoryPath(file, host);
  switch (format) {
    case "text":
      return renderForPeople(report, paint, detail);
    case "json":
      return renderJson(report);
    case "sarif":
      return (await import("../render/sarif.ts")).renderSarif(report, {
        help: await readFindingHelp(),
        toRepositoryPath,
      });
    case "junit":
      return (await import("../render/junit.ts")).renderJunit(report);
    case "github":
      // A job's log is read by people as well.
      return (
        (await renderForPeople(report, paint, detail)) +
        (await import("../render/github.ts")).renderAnnotations(report, toRepositoryPath)
      );
    case "html":
      return (await import("../render/html.ts")).renderHtml(report, host.now());
  }
}

async function renderForPeople(report: Report, paint: Paint, detail: AuditDetail): Promise<string> {
  return report.command === "audit"
    ? (await import("../render/audit.ts")).renderAudit(report, paint, detail)
    : renderText(report, paint);
}

/** GitHub's runner names the file for Markdown on the run's page; steps append to it. */
async function writeStepSummary(report: Report, { env, cwd }: Host): Promise<void> {
  const path = env.GITHUB_STEP_SUMMARY;
  if (!path) return;
  const { renderStepSummary } = await import("../render/github-summary.ts");
  await writeWith(() => appendFile(resolve(cwd, path), renderStepSummary(report)), path);
}

/** Code scanning and annotations want paths from the top of the repository, which is where a job starts. */
function repositoryPath(file: string, { env, cwd }: Host): string {
  const path = resolve(cwd, file);
  const inside = relative(env.GITHUB_WORKSPACE || env.CI_PROJECT_DIR || cwd, path);
  const isOutside = inside.startsWith("..") || isAbsolute(inside);
  return (isOutside ? path : inside).split(sep).join("/");
}

/**
 * Writes an output file. One that is there is replaced in one step: a lock file that a full disk cut short would be lost.
 * @throws EnvironmentError
 */
export function writeOut(path: string, text: string): Promise<void> {
  return writeWith(() => (isOwnFile(path) ? replaceFile(path, text) : writeFile(path, text)), path);
}

/** A link, a pipe or a device is written to, and so is a file that has other names. */
function isOwnFile(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.nlink === 1;
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    // With the permissions of the file; its owner is not ours to give.
    await copyFile(path, temporary, constants.COPYFILE_EXCL);
    if (statSync(temporary).uid !== statSync(path).uid) return await writeFile(path, text);
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    // A folder that takes no new files may have one that can be written.
    if (!["EACCES", "EPERM", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await writeFile(path, text);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * That a file can be written later, as far as its folder tells: what was installed is not taken back for want of a report.
 * @param made a folder that may still have to be made; what goes there is not asked for
 * @throws EnvironmentError `cannot-write`
 */
export async function checkDestination(path: string, made: string): Promise<void> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new EnvironmentError("cannot-write", `Cannot write "${path}": it is a folder`);
  const folder = dirname(path);
  if (!`${folder}${sep}`.startsWith(`${made}${sep}`)) await writeWith(() => access(folder, constants.W_OK), path);
}

async function writeWith(write: () => Promise<void>, path: string): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw cannotWrite(path, path, error);
  }
}
