import { join } from "node:path";
import { normalizeProjectName } from "../../distribution/project-name.ts";
import { EnvironmentError, messageOf, PolicyFileError, TspipError } from "../../errors.ts";
import { usageOf } from "../../memory/artifact-store.ts";
import { privacyProblem } from "../../memory/private-folder.ts";
import { lastDay } from "../../policy/shortfall.ts";
import { findProgram } from "../../resolve/find-program.ts";
import { uvVersion } from "../../resolve/pinned-uv.ts";
import { newestStart } from "../../trust/trusted-root.ts";
import type { DoctorOptions } from "../command-line/upkeep.ts";
import { day } from "../day.ts";
import { exitCodeOfError, exitCodes } from "../exit-code.ts";
import { openIndexClient, settingsInForce } from "../gate/index-client.ts";
import { interpreterFor } from "../gate/target.ts";
import type { Host } from "../host.ts";
import { cacheFolder, cacheParts } from "../settings/cache-folder.ts";
import { policyInForce } from "../settings/policy-in-force.ts";
import { projectSettings } from "../settings/project-settings.ts";
import { readTrustedRoot, trustedRootInForce } from "../settings/trusted-root.ts";
import { createTalk, painter, printable, printableJson, printableLine } from "../terminal.ts";
import { version } from "../version.ts";

/** What is known of one thing that tspip works with. */
interface Diagnosis {
  readonly topic: string;
  /** What is used and where that comes from, a line each. */
  readonly facts: readonly string[];
  /** Why it cannot be used; its exit code is what a command that needs it would end with. */
  readonly problem?: { readonly message: string; readonly hint?: string; readonly exitCode: number };
}

type Look = (options: DoctorOptions, host: Host) => Promise<readonly string[]>;

/** In the order of the answer. */
const looks: Readonly<Record<string, Look>> = {
  tspip: lookAtProgram,
  interpreter: lookAtInterpreter,
  index: lookAtIndexes,
  policy: lookAtPolicy,
  "trusted root": lookAtTrustedRoot,
  resolver: lookAtResolver,
  cache: lookAtCache,
  inspectors: lookAtInspectors,
};

/** `tspip doctor`: what tspip works with here, where each setting comes from, and what is wrong. */
export async function doctor(options: DoctorOptions, host: Host): Promise<number> {
  const diagnoses: Diagnosis[] = [];
  for (const [topic, look] of Object.entries(looks)) {
    const diagnosis = await diagnose(topic, look, options, host);
    // Most projects enable no inspectors, and there is nothing to say of them.
    if (diagnosis.facts.length > 0 || diagnosis.problem !== undefined) diagnoses.push(diagnosis);
  }
  host.stdout.write(
    options.format === "json"
      ? printableJson(`${JSON.stringify(diagnoses, null, 2)}\n`)
      : asText(diagnoses, options, host),
  );
  return diagnoses.find(({ problem }) => problem !== undefined)?.problem?.exitCode ?? exitCodes.done;
}

async function diagnose(topic: string, look: Look, options: DoctorOptions, host: Host): Promise<Diagnosis> {
  try {
    return { topic, facts: await look(options, host) };
  } catch (error) {
    if (!(error instanceof TspipError)) throw error;
    const { message, hint } = error;
    return {
      topic,
      facts: [],
      problem: { message, ...(hint !== undefined && { hint }), exitCode: exitCodeOfError(error) },
    };
  }
}

function asText(diagnoses: readonly Diagnosis[], { color }: DoctorOptions, { stdout, env }: Host): string {
  const paint = painter(stdout, color, env);
  const lines = diagnoses.flatMap(({ topic, facts, problem }) => [
    `${problem === undefined ? paint("green", "ok") : paint("red", "wrong")} ${paint("bold", topic)}`,
    ...facts.map((fact) => `   ${printableLine(fact)}`),
    ...(problem === undefined ? [] : [`   ${printable(problem.message).replaceAll("\n", "\n   ")}`]),
    ...(problem?.hint === undefined ? [] : [`   ${paint("cyan", "hint:")} ${printableLine(problem.hint)}`]),
  ]);
  return `${lines.join("\n")}\n`;
}

async function lookAtProgram(_: DoctorOptions, { nodeVersion, platform }: Host): Promise<string[]> {
  return [`tspip ${version}${nodeVersion === undefined ? "" : ` on Node.js ${nodeVersion}`}, ${platform}`];
}

async function lookAtInterpreter(options: DoctorOptions, host: Host): Promise<string[]> {
  const { executable, prefix, markers } = await interpreterFor(options, host);
  const { implementation_name: name, python_full_version: full } = markers;
  const active = options.venv === undefined && options.python === undefined ? host.env.VIRTUAL_ENV : undefined;
  return [
    `${name} ${full}, ${executable}`,
    `of ${prefix}${active === undefined ? "" : ", the active virtual environment (VIRTUAL_ENV)"}`,
  ];
}

/** pip is on every index that has what others have; what is said of it shows what the index can say. */
async function lookAtIndexes(options: DoctorOptions, host: Host): Promise<string[]> {
  const talk = createTalk({ ...options, quiet: true, progress: false }, host);
  const { origins } = await settingsInForce(options, host);
  const { client, transport, indexes } = await openIndexClient(options, [], talk, host);
  await using _ = transport;
  const { mapped, place } = await projectSettings(host);
  const settings = [
    ...mapped.map(({ url, projects }) => `${url.href} for ${projects.join(", ")} (${place})`),
    ...origins.map(({ key, value, place }) => `${key} = ${value} (${place})`),
  ];
  if (options.offline === true) return [...indexes.map(({ href }) => `${href}, not asked: --offline`), ...settings];
  const answers = await Promise.all(
    indexes.map(async (index) => {
      const files = (await client.files(normalizeProjectName("pip"), index)).flatMap((page) => page.files);
      if (files.length === 0) return `${index.href} answers, and has no pip`;
      const isAttested = files.some(({ provenance }) => provenance instanceof URL);
      return `${index.href} answers, ${isAttested ? "with provenance" : "and links to no provenance (PEP 740)"}`;
    }),
  );
  return [...answers, ...settings];
}

async function lookAtPolicy({ policy: option }: DoctorOptions, host: Host): Promise<string[]> {
  const { policy, source, path, sha256 } = await policyInForce(option, host);
  const { expires } = policy;
  if (expires !== undefined && expires.getTime() <= host.now().getTime())
    throw new PolicyFileError(
      "policy-expired",
      `Policy "${source}" was good until ${lastDay(expires)}: it refuses everything`,
    );
  const place = option !== undefined ? "the command line" : (await projectSettings(host)).place;
  return [
    `${source}${path === undefined ? "" : ` (${place})`}, sha256 ${sha256}`,
    ...(expires === undefined ? [] : [`good until ${lastDay(expires)}`]),
  ];
}

async function lookAtTrustedRoot(options: DoctorOptions, host: Host): Promise<string[]> {
  const policy = await policyInForce(options.policy, host);
  const inForce = await trustedRootInForce(options.trustedRoot, policy, host);
  const { source, path } = inForce;
  const root = await readTrustedRoot(inForce);
  return [
    `${source}${path === undefined ? "" : `, ${path}`}, sha256 ${root.sha256}`,
    `its newest part is valid from ${day(newestStart(root))}`,
  ];
}

async function lookAtResolver(_: DoctorOptions, { env }: Host): Promise<string[]> {
  const uv = findProgram("uv", env);
  return [
    uv === undefined ? `uv is not on PATH: uv ${uvVersion} is fetched through the gate when it is needed` : `uv, ${uv}`,
  ];
}

/** Loads them as a command with a gate would. */
async function lookAtInspectors(options: DoctorOptions, host: Host): Promise<string[]> {
  const { plugins } = await projectSettings(host);
  if (plugins.inspectors.length === 0) return [];
  const { loadInspectors } = await import("../gate/outside-inspectors.ts");
  await using loaded = await loadInspectors(plugins, createTalk({ ...options, progress: false }, host), host);
  return loaded.inspectors.map(({ name, hooks }) => `${name}: ${hooks.join(", ")}`);
}

async function lookAtCache({ cacheDir }: DoctorOptions, host: Host): Promise<string[]> {
  const folder = cacheFolder(cacheDir, host);
  if (folder === undefined) return ["none is used"];
  for (const part of cacheParts) {
    const problem = privacyProblem(join(folder, part), host.userId);
    if (problem !== undefined)
      throw new EnvironmentError("cache-not-private", problem, {
        hint: "Remove other users' permission to write there",
      });
  }
  const parts = await Promise.all(cacheParts.map((part) => partUsage(folder, part)));
  return [folder, ...parts];
}

async function partUsage(folder: string, part: string): Promise<string> {
  try {
    const { files, bytes } = await usageOf(join(folder, part));
    return `${part}: ${files} files, ${bytes} bytes`;
  } catch (error) {
    throw new EnvironmentError("cannot-read", `Cannot read the cache "${folder}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}
