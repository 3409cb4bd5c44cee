import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { messageOf, TrustError } from "../errors.ts";
import { readStoredRoot, trustedRootPath } from "../trust-store/stored-root.ts";
import type { Host } from "./host.ts";
import type { PolicyInForce } from "./policy-in-force.ts";

/** The trusted root that is in use, and where it comes from. */
export interface TrustedRootInForce {
  readonly source: "--trusted-root" | "policy" | "tspip trust update" | "embedded";
  readonly path?: string;
  readonly text: string;
}

/**
 * `--trusted-root`, else the file that the policy names, else what `tspip trust update` stored, else the embedded one.
 * @throws TrustError when the one that applies cannot be read
 */
export async function trustedRootInForce(
  option: string | undefined,
  policy: PolicyInForce,
  host: Host,
): Promise<TrustedRootInForce> {
  if (option !== undefined) return fromFile("--trusted-root", resolve(host.cwd, option));
  const { sigstore } = policy.policy.trust;
  if (sigstore.kind === "file") return fromFile("policy", besidePolicy(sigstore.path, policy, host));
  const directory = trustDirectory(host);
  const stored = await readStoredRoot(directory);
  if (stored !== undefined) return { source: "tspip trust update", path: trustedRootPath(directory), text: stored };
  const { embeddedTrustedRoot } = await import("../trust/embedded-trusted-root.ts");
  return { source: "embedded", text: embeddedTrustedRoot };
}

/** Paths in a policy are relative to its folder. */
export function besidePolicy(path: string, policy: PolicyInForce, host: Host): string {
  return resolve(policy.path === undefined ? host.cwd : dirname(policy.path), path);
}

/** XDG base directory specification: data of the user's. */
export function trustDirectory({ env, homedir }: Host): string {
  return join(env.XDG_DATA_HOME || join(homedir, ".local", "share"), "tspip");
}

async function fromFile(source: TrustedRootInForce["source"], path: string): Promise<TrustedRootInForce> {
  try {
    return { source, path, text: await readFile(path, "utf8") };
  } catch (error) {
    throw new TrustError("trusted-root-unreadable", `Cannot read the trusted root "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}
