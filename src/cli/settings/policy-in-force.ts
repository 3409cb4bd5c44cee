import { readFileSync, statSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { digestOf } from "../../distribution/digest.ts";
import { defaultPolicy, defaultPolicyText } from "../../policy/default-policy.ts";
import { parsePolicy } from "../../policy/parse.ts";
import type { Policy } from "../../policy/policy.ts";
import type { GateOptions } from "../command-line/options.ts";
import type { Host } from "../host.ts";
import { readBytes } from "../read-text.ts";
import { withPinsFiles } from "./pins-files.ts";
import { projectSettings } from "./project-settings.ts";

/** The policy that judges, with where it comes from. */
export interface PolicyInForce {
  readonly policy: Policy;
  /** As the report names it: a path as the user would write it, or `built-in default`. */
  readonly source: string;
  /** Absolute; absent for the built-in default. Paths inside the policy are relative to its folder. */
  readonly path?: string;
  readonly text: string;
  /** Of the file's bytes, which pin those of the files that it includes. */
  readonly sha256: string;
  /** Where the policy's files lie, when they were taken out of a bundle. */
  readonly unpacked?: UnpackedBundle;
}

/** A bundle, as the user named it, and the private folder that it was unpacked into. */
export interface UnpackedBundle {
  readonly bundle: string;
  readonly folder: string;
}

/** A path as messages and reports name it: what was taken out of a bundle by its name in there, as the folder goes away. */
export function shownPath(path: string, { unpacked }: Pick<PolicyInForce, "unpacked">): string {
  const member = unpacked && relative(unpacked.folder, path);
  return unpacked === undefined || member?.startsWith("..") ? path : `${member} in ${unpacked.bundle}`;
}

/** The policy in force, as the options of a command have it. @throws UsageError, PolicyFileError */
export async function policyFor(
  options: Pick<GateOptions, "policy" | "allowExpiredPolicy">,
  host: Host,
): Promise<PolicyInForce> {
  return allowExpired(await policyInForce(options.policy, host), options);
}

export function allowExpired(
  inForce: PolicyInForce,
  { allowExpiredPolicy }: Pick<GateOptions, "allowExpiredPolicy">,
): PolicyInForce {
  return allowExpiredPolicy === true ? { ...inForce, policy: { ...inForce.policy, allowsExpired: true } } : inForce;
}

/**
 * `--policy FILE`, else the `policy` of `tspip.toml`, else that of `[tool.tspip]` in `pyproject.toml`, else the built-in
 * default. A project's files can only *name* a policy file: a repository must not relax its own gate in passing.
 * @throws UsageError, PolicyFileError before anything else happens
 */
export async function policyInForce(option: string | undefined, host: Host): Promise<PolicyInForce> {
  const named = option ?? (await projectSettings(host)).policy;
  if (named === undefined) {
    const sha256 = digestOf(Buffer.from(defaultPolicyText));
    return { policy: defaultPolicy(), source: "built-in default", text: defaultPolicyText, sha256 };
  }
  const path = resolve(host.cwd, named);
  const below = relative(host.cwd, path);
  const source = below === "" || below.startsWith("..") ? path : below;
  const bytes = await readPolicyFile(path, source, host);
  // Read at once: a policy is parsed by a pure function, and what it includes is small and lies beside it.
  const readInclude = (included: string) => readRegularFile(resolve(dirname(path), included));
  const policy = await withPinsFiles(parsePolicy(bytes, source, readInclude), dirname(path), host);
  return { policy, source, path, text: bytes.toString("utf8"), sha256: digestOf(bytes) };
}

/** A device or a pipe would keep us waiting, and its bytes have no SHA-256 that could be pinned. */
function readRegularFile(path: string): Buffer {
  if (!statSync(path).isFile()) throw new Error("it is no regular file");
  return readFileSync(path);
}

function readPolicyFile(path: string, source: string, host: Host): Promise<Buffer> {
  return readBytes(path, `the policy "${source}"`, host);
}
