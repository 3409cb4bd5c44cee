import { existsSync } from "node:fs";
import { chmod, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { normalizeProjectName } from "../../distribution/project-name.ts";
import { compareVersions, parseVersion } from "../../distribution/version.ts";
import { EnvironmentError, messageOf, type TspipError, UsageError } from "../../errors.ts";
import { makeFolder } from "../../memory/make-folder.ts";
import type { IndexClient } from "../../package-index/client.ts";
import { selectArtifact } from "../../plan/select.ts";
import type { Engine } from "../../resolve/engine.ts";
import { findProgram } from "../../resolve/find-program.ts";
import { uvDigests, uvMember, uvVersion } from "../../resolve/pinned-uv.ts";
import { pipEngine } from "../../resolve/pip.ts";
import { uvEngine } from "../../resolve/uv.ts";
import { openArchive } from "../../wheel/open-archive.ts";
import type { Host } from "../host.ts";
import { dataDirectory } from "../settings/trusted-root.ts";
import type { GateRun, GateTarget } from "./gate-run.ts";
import type { GateSession } from "./gate-session.ts";
import { planTarget } from "./target.ts";

export interface EngineParts {
  readonly run: Pick<GateRun, "options" | "talk" | "host">;
  readonly client: Pick<IndexClient, "files">;
  readonly gate: Pick<GateSession, "judge">;
  readonly target: GateTarget;
}

/**
 * pip where it is asked for; else uv from PATH; else the uv that was fetched before; else uv's pinned wheel, through the
 * gate.
 * @throws UsageError `no-resolver` when there is no way to one
 */
export async function chooseEngine(parts: EngineParts): Promise<Engine> {
  const there = engineThere(parts.run);
  if (there !== undefined) return there;
  const { host } = parts.run;
  const stored = storedUv(host);
  await fetchUv(stored, parts);
  return uvEngine(stored, host.env);
}

/** The engine that `chooseEngine` has, if nothing is to be fetched for it. */
export function engineThere({ options, host }: EngineParts["run"]): Engine | undefined {
  if (options.resolver === "pip") return pipEngine(host.env);
  const onPath = findProgram("uv", host.env);
  if (onPath !== undefined) return uvEngine(onPath, host.env);
  const stored = storedUv(host);
  return existsSync(stored) ? uvEngine(stored, host.env) : undefined;
}

function storedUv(host: Host): string {
  return join(dataDirectory(host), "engines", `uv-${uvVersion}`, host.platform === "win32" ? "uv.exe" : "uv");
}

async function fetchUv(path: string, { run, client, gate, target }: EngineParts): Promise<void> {
  const { talk, host } = run;
  const pins = uvDigests.map((hex) => ({ algorithm: "sha256", hex }) as const);
  const name = normalizeProjectName("uv");
  const pages = await client.files(name).catch((error: unknown) => {
    throw noEngine(messageOf(error), error);
  });
  const pinned = pages
    .flatMap((page) => page.files)
    .filter(
      ({ filename: { version }, digests }) => isPinned(version) && pins.some(({ hex }) => digests.sha256 === hex),
    );
  const selection = selectArtifact(pinned, planTarget(target.interpreter), pins);
  if (selection.outcome === "none")
    throw noEngine(`the index has no wheel of uv ${uvVersion} that we know and that fits`);
  const [judged] = await gate.judge([{ ref: { ...selection.ref, pins }, relation: "direct" }]);
  if (judged?.artifact === undefined || judged.verdict.decision !== "allow")
    throw noEngine(`the gate refuses uv itself: ${judged?.verdict.findings.map(({ message }) => message).join("; ")}`);
  const archive = openArchive(judged.artifact.bytes);
  const entry = archive.entry(uvMember(host.platform));
  if (entry === undefined) throw noEngine(`the wheel of uv has no ${uvMember(host.platform)}`);
  await writeProgram(path, archive.read(entry), host);
  talk.info(`Fetched uv ${uvVersion} through the gate, to choose versions`);
}

function isPinned(version: ReturnType<typeof parseVersion>): boolean {
  return compareVersions(version, parseVersion(uvVersion)) === 0;
}

/** Whole or not at all, whoever else fetches it at the same time. */
async function writeProgram(path: string, bytes: Uint8Array, { pid }: Host): Promise<void> {
  const temporary = `${path}.${pid}`;
  try {
    makeFolder(dirname(path));
    await writeFile(temporary, bytes, { mode: 0o700 });
    await chmod(temporary, 0o700);
    await rename(temporary, path);
  } catch (error) {
    throw new EnvironmentError("cannot-write", `Cannot write "${path}": ${messageOf(error)}`, { cause: error });
  }
}

function noEngine(why: string, cause?: unknown): TspipError {
  return new UsageError("no-resolver", `Cannot choose versions: there is no uv on PATH, and ${why}`, {
    hint: "Install uv, resolve with --resolver pip, or pin every requirement (NAME==VERSION) with its dependencies",
    cause,
  });
}
