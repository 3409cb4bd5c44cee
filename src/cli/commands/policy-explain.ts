import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isProjectName, normalizeProjectName } from "../../distribution/project-name.ts";
import { isVersion, parseVersion } from "../../distribution/version.ts";
import { UsageError } from "../../errors.ts";
import { explain } from "../../policy/explain/explain.ts";
import type { KnownSubject } from "../../policy/explain/match-outcome.ts";
import { locate } from "../../policy/locate.ts";
import type { PolicyExplainOptions } from "../command-line/policy.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { type RulePlace, renderExplanation, renderExplanationJson } from "../render/explanation.ts";
import { type PolicyInForce, policyInForce } from "../settings/policy-in-force.ts";
import { painter } from "../terminal.ts";

/** `tspip policy explain NAME[==VERSION]`: how the policy judges a project, before there is any file of it. */
export async function policyExplain(word: string, options: PolicyExplainOptions, host: Host): Promise<number> {
  const known = knownSubject(word, options);
  const policy = await policyInForce(options.policy, host);
  const explanation = explain(policy.policy, known, host.now());
  const places = await Promise.all(explanation.rules.map(({ name }) => rulePlace(name, policy)));
  const placed = { known, policy: { source: policy.source, sha256: policy.sha256 }, explanation, places };
  host.stdout.write(
    options.format === "json"
      ? renderExplanationJson(placed)
      : renderExplanation(placed, painter(host.stdout, options.color, host.env)),
  );
  return exitCodes.done;
}

function knownSubject(word: string, { kind, index, relation }: PolicyExplainOptions): KnownSubject {
  const { name = "", version } = /^\s*(?<name>[^=\s]+)\s*(?:==\s*(?<version>\S+))?\s*$/.exec(word)?.groups ?? {};
  if (!isProjectName(name) || (version !== undefined && !isVersion(version)))
    throw new UsageError("invalid-requirement", `"${word}" is neither NAME nor NAME==VERSION`);
  if (index !== undefined && !URL.canParse(index)) throw new UsageError("wrong-argument", `"${index}" is no URL`);
  return {
    name: normalizeProjectName(name),
    ...(version !== undefined && { version: parseVersion(version) }),
    kind,
    ...(index !== undefined && { index }),
    ...(relation !== undefined && { relation }),
  };
}

/** Where the rule stands that is called `name`: `default`, `rule 2`, or `FILE rule 2` of an included file. */
async function rulePlace(name: string, { source, path, text }: PolicyInForce): Promise<RulePlace | undefined> {
  const { included, number } = /^(?:(?<included>.+) )?rule (?<number>\d+)$/s.exec(name)?.groups ?? {};
  const isIncluded = included !== undefined && path !== undefined;
  const content = isIncluded ? await readFile(resolve(dirname(path), included), "utf8") : text;
  const { key } = locate(content)(number === undefined ? ["default"] : ["rule", Number(number) - 1]);
  if (key === undefined) return undefined;
  const line = content.slice(0, key.offset).split("\n").length;
  return { file: isIncluded ? join(dirname(source), included) : source, line };
}
