import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { digestOf } from "../../distribution/digest.ts";
import { UsageError } from "../../errors.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import { type FittedPolicy, fitPolicy, type ObservedFile } from "../../policy/fit/fit-policy.ts";
import { formatPolicy } from "../../policy/fit/format-policy.ts";
import { parsePolicy } from "../../policy/parse.ts";
import type { PolicyInitOptions } from "../command-line/policy.ts";
import { exitCodeOf, exitCodes } from "../exit-code.ts";
import type { GateRun } from "../gate/gate-run.ts";
import { lockMemory, onlyInterpreter } from "../gate/look-only.ts";
import { readRequest } from "../gate/request.ts";
import { type JudgedRequest, runGate } from "../gate/run-gate.ts";
import type { Host } from "../host.ts";
import { counted } from "../render/words.ts";
import { writeOut, writeReport } from "../report/format.ts";
import { gateReport } from "../report/judge-report.ts";
import type { PolicyInForce } from "../settings/policy-in-force.ts";
import { createTalk } from "../terminal.ts";

/** Admits whatever is not known to be bad: what there is shall be seen, not judged. */
const observingPolicy = `version = 1
[default]
attestation = "if-present"
hashes = "any"
sdist = "allow"
`;

/**
 * `tspip policy init`: looks at what is asked for, and writes a policy that admits it and, of what is attested, takes
 * nothing by others.
 */
export async function policyInit(words: readonly string[], given: PolicyInitOptions, host: Host): Promise<number> {
  const path = given.output === "-" ? undefined : resolve(host.cwd, given.output);
  if (path !== undefined && given.force !== true) await refuseExisting(path, given.output);
  const asked = await whatIsAsked(words, given, host);
  const talk = createTalk(given, host);
  if (asked === undefined) {
    talk.info("There is no lock or requirements file here: the policy begins without rules");
    return write(fitPolicy([]), ["Made by `tspip policy init`, without a requirements or lock file."], path, host);
  }

  const { options } = asked;
  const memory = lockMemory(options, talk, host);
  const request = await readRequest(asked.words, options, host, { severalPerProject: true, memory });
  const run: GateRun = {
    options,
    destinations: [],
    policy: observing(),
    request,
    talk,
    host,
    memory,
    everySigner: true,
  };
  await using result = await runGate(run, onlyInterpreter(run, options, host));
  const report = gateReport("policy init", result, run.policy);
  // What is bad, or could not be seen, cannot be fitted to.
  if (report.outcome !== "allowed") {
    await writeReport(report, [{ format: "text" }], options.color, host);
    talk.warn("No policy was written");
    return exitCodeOf(report.outcome);
  }

  const fitted = fitPolicy(observedFiles(result));
  const exitCode = await write(
    fitted,
    [`Made by \`tspip policy init\` from ${asked.source}:`, countWords(result)],
    path,
    host,
  );
  if (path !== undefined) {
    talk.info(`Wrote ${given.output}: ${countWords(result)}`);
    const look = fitted.signers.length === 0 ? "Nobody signs any of it yet" : "Look at its signers";
    talk.info(`hint: ${look}; name it as policy = "${given.output}" in tspip.toml, or with --policy`);
  }
  return exitCode;
}

async function refuseExisting(path: string, shown: string): Promise<void> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (exists)
    throw new UsageError("file-exists", `"${shown}" is there already`, {
      hint: "Name another file with -o, or write over it with --force",
    });
}

interface Asked {
  readonly words: readonly string[];
  readonly options: PolicyInitOptions;
  /** As a comment names it. */
  readonly source: string;
}

/** What the user named; else the lock file of the folder, else its requirements file; nothing where there is none. */
async function whatIsAsked(
  words: readonly string[],
  options: PolicyInitOptions,
  host: Host,
): Promise<Asked | undefined> {
  const named = [...words, ...(options.requirement ?? []), ...(options.lock === undefined ? [] : [options.lock])];
  if (named.length > 0) return { words, options, source: named.map(commentable).join(", ") };
  for (const lock of ["pylock.toml", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"])
    if (await isFile(join(host.cwd, lock))) return { words, options: { ...options, lock }, source: lock };
  const requirement = "requirements.txt";
  if (!(await isFile(join(host.cwd, requirement)))) return undefined;
  return { words, options: { ...options, requirement: [requirement] }, source: requirement };
}

/** A line end in a file's name would end the comment. */
function commentable(word: string): string {
  return word.replace(/\p{Cc}/gu, " ");
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

function observing(): PolicyInForce {
  const sha256 = digestOf(Buffer.from(observingPolicy));
  const policy = parsePolicy(observingPolicy, "observing");
  return { policy, source: "policy init's own", text: observingPolicy, sha256 };
}

function observedFiles({ judged }: JudgedRequest): ObservedFile[] {
  return judged.map(({ ref: { filename, attestedBefore }, verdict: { evidence } }) => ({
    subject: {
      name: filename.name,
      version: filename.version,
      kind: filename.kind,
      ...(attestedBefore !== undefined && { attestedBefore }),
    },
    evidence,
  }));
}

async function write(
  fitted: FittedPolicy,
  made: readonly string[],
  path: string | undefined,
  host: Host,
): Promise<number> {
  const text = formatPolicy(fitted, made);
  // What is written must be a policy, whatever stood in certificates.
  parsePolicy(text, "the fitted policy");
  if (path === undefined) host.stdout.write(text);
  else await writeOut(path, text);
  return exitCodes.done;
}

function countWords({ judged }: JudgedRequest): string {
  const projects = Map.groupBy(judged, ({ ref }) => ref.filename.name);
  const attested = [...projects.values()].filter((files) => files.some(isAttested));
  return `${attested.length} of ${counted(projects.size, "project")} attested`;
}

function isAttested({ verdict: { evidence } }: Judged): boolean {
  return evidence.some(({ kind, outcome }) => kind === "attestation" && outcome === "verified");
}
