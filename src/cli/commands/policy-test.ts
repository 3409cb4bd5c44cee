import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { messageOf, UsageError } from "../../errors.ts";
import { type JudgedCase, judgeCase } from "../../policy/cases/judge-case.ts";
import { parseCases } from "../../policy/cases/parse-cases.ts";
import type { PolicyCase } from "../../policy/cases/policy-case.ts";
import type { Policy } from "../../policy/policy.ts";
import type { PolicyTestOptions } from "../command-line/policy.ts";
import { exitCodes, isMistake } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { renderError } from "../render/error.ts";
import { counted } from "../render/words.ts";
import { type PolicyInForce, policyInForce } from "../settings/policy-in-force.ts";
import { createTalk, type Paint, painter, printableLine, type Talk } from "../terminal.ts";

/** `tspip policy test`: judges the cases of each policy, and shows those that come out otherwise than they expect. */
export async function policyTest(files: readonly string[], options: PolicyTestOptions, host: Host): Promise<number> {
  const paint = painter(host.stdout, options.color, host.env);
  const talk = createTalk(options, host);
  let [failures, isWrong] = [0, false];
  for (const file of files.length > 0 ? files : [options.policy]) {
    try {
      failures += await testPolicy(file, options, { host, paint, talk });
    } catch (error) {
      if (!isMistake(error, host)) throw error;
      renderError(error, host);
      isWrong = true;
    }
  }
  if (isWrong) return exitCodes.wrongRequest;
  return failures > 0 ? exitCodes.refused : exitCodes.done;
}

interface Rim {
  readonly host: Host;
  readonly paint: Paint;
  readonly talk: Talk;
}

/** @returns how many cases fail */
async function testPolicy(file: string | undefined, options: PolicyTestOptions, rim: Rim): Promise<number> {
  const { host, paint, talk } = rim;
  const inForce = await policyInForce(file, host);
  const cases = await readCases(inForce, options.cases, host);
  const judged = cases.map((policyCase) => judgeCase(inForce.policy, policyCase, host.now()));
  const failing = judged.filter(({ differences }) => differences.length > 0);
  const isVerbose = Number(options.verbose) > 0;

  const lines = (isVerbose ? judged : failing).flatMap((each) => renderCase(each, paint));
  for (const line of lines) host.stdout.write(`${line}\n`);
  const outcome =
    failing.length === 0
      ? `${paint("green", "ok")} ${counted(cases.length, "case")}`
      : `${paint("red", "failed")} ${failing.length} of ${counted(cases.length, "case")}`;
  host.stdout.write(`${printableLine(inForce.source)}: ${outcome}\n`);
  for (const rule of untested(inForce.policy, judged)) talk.info(`note: no case is about ${rule}`);
  return failing.length;
}

async function readCases(
  { path, source }: PolicyInForce,
  option: string | undefined,
  host: Host,
): Promise<readonly PolicyCase[]> {
  if (option === undefined && path === undefined)
    throw new UsageError("no-cases", `The policy "${source}" lies in no folder that could hold cases`, {
      hint: "Name a policy, or its cases with --cases FILE",
    });
  const place = option === undefined ? join(dirname(path ?? ""), "cases.json") : resolve(host.cwd, option);
  const name = relative(host.cwd, place).startsWith("..") ? place : relative(host.cwd, place);
  let bytes: Buffer;
  try {
    bytes = await readFile(place);
  } catch (error) {
    const hint = `For its format, see docs/policy.md, "Cases"`;
    throw new UsageError("no-such-file", `Cannot read the cases "${name}": ${messageOf(error)}`, {
      cause: error,
      hint,
    });
  }
  return parseCases(bytes, name);
}

function renderCase({ policyCase, differences, verdict }: JudgedCase, paint: Paint): string[] {
  const title = printableLine(policyCase.title);
  if (differences.length === 0) return [`${paint("green", "ok")} ${title}`];
  return [
    `${paint("red", "failed")} ${paint("bold", title)}`,
    ...differences.map(
      ({ what, expected, actual }) =>
        `   ${what}: expected ${paint("green", printableLine(expected))}, is ${paint("red", printableLine(actual))}`,
    ),
    ...verdict.findings.map(({ id, severity, message }) => `   ${severity}[${id}] ${printableLine(message)}`),
  ];
}

/** What the policy could say otherwise without a case that notices. */
function untested({ default: base, rules }: Policy, judged: readonly JudgedCase[]): string[] {
  const tested = new Set(judged.map(({ verdict }) => verdict.rule));
  return [...rules, base].flatMap(({ name }) => {
    if (tested.has(name)) return [];
    return [name === base.name ? "[default]" : name];
  });
}
