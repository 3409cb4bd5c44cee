import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { digestOf } from "../../distribution/digest.ts";
import { messageOf, TrustError } from "../../errors.ts";
import type { Duration } from "../../policy/duration.ts";
import type { TrustedRootPlace } from "../../policy/policy.ts";
import type { TrustedRoot } from "../../trust/trusted-root.ts";
import { readStoredRoot, trustedRootPath } from "../../trust-store/stored-root.ts";
import { day } from "../day.ts";
import type { Host } from "../host.ts";
import { bytesOf } from "../read-text.ts";
import { baseFolder } from "./base-folder.ts";
import { type PolicyInForce, shownPath } from "./policy-in-force.ts";

/** The trusted root that is in use, and where it comes from. */
export interface TrustedRootInForce {
  readonly source: "--trusted-root" | "policy" | "tspip trust update" | "embedded";
  readonly path?: string;
  readonly text: string;
}

/**
 * `--trusted-root`, else the file or TUF repository that the policy names, else what `tspip trust update` stored, else the embedded one.
 * @throws TrustError when the one that applies cannot be read
 */
export async function trustedRootInForce(
  option: string | undefined,
  policy: PolicyInForce,
  host: Host,
): Promise<TrustedRootInForce> {
  if (option !== undefined) return fromFile("--trusted-root", resolve(host.cwd, option), host);
  const { sigstore } = policy.policy.trust;
  if (sigstore.kind !== "embedded") return fromPolicy(sigstore, policy, host);
  const directory = dataDirectory(host);
  const stored = await readStoredRoot(directory);
  if (stored !== undefined) return { source: "tspip trust update", path: trustedRootPath(directory), text: stored };
  const { embeddedTrustedRoot } = await import("../../trust/embedded-trusted-root.ts");
  return { source: "embedded", text: embeddedTrustedRoot };
}

/** What reads it is loaded when something is to be verified: what is remembered of attestations asks for the text alone. */
export async function readTrustedRoot({ source, path, text }: TrustedRootInForce): Promise<TrustedRoot> {
  const { parseTrustedRoot } = await import("../../trust/trusted-root.ts");
  try {
    return parseTrustedRoot(text, { wasVerified: source === "embedded" });
  } catch (error) {
    if (!(error instanceof TrustError) || path === undefined) throw error;
    throw new TrustError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

async function fromPolicy(
  place: Exclude<TrustedRootPlace, { kind: "embedded" }>,
  policy: PolicyInForce,
  host: Host,
): Promise<TrustedRootInForce> {
  const path =
    place.kind === "file"
      ? besidePolicy(place.path, policy, host)
      : trustedRootPath(tufDirectory(new URL(place.url), host));
  if (place.kind === "tuf" && !existsSync(path)) {
    throw new TrustError(
      "trusted-root-absent",
      `No trusted root of "${place.url}" is stored, and the policy asks for it`,
      {
        hint: "Fetch it with tspip trust update",
      },
    );
  }
  const shown = shownPath(path, policy);
  const root = await fromFile("policy", path, host, shown);
  if (place.maxAge !== undefined) await checkAge(path, shown, place.maxAge, host);
  return root;
}

const clockSkewMs = 5 * 60 * 1000;

/** A trusted root has no date of its own: it is as old as its file. */
async function checkAge(path: string, shown: string, maxAge: Duration, host: Host): Promise<void> {
  const { mtime } = await stat(path);
  const age = host.now().getTime() - mtime.getTime();
  // How old a file is that was written later than now, nobody knows.
  if (age >= -clockSkewMs && age <= maxAge.milliseconds) return;
  const written = day(mtime);
  throw new TrustError(
    "trusted-root-too-old",
    `Cannot use the trusted root "${shown}": it was written on ${written}, the policy asks for one of the last ${maxAge.text}`,
    { hint: "Fetch a newer one with tspip trust update, or by hand" },
  );
}

/** What is fetched from one TUF repository that a policy names; apart from what holds where none does. */
export function tufDirectory(repository: URL, host: Host): string {
  return join(dataDirectory(host), "repositories", digestOf(Buffer.from(repository.href)).slice(0, 16));
}

/** Paths in a policy are relative to its folder. */
export function besidePolicy(path: string, policy: PolicyInForce, host: Host): string {
  return resolve(policy.path === undefined ? host.cwd : dirname(policy.path), path);
}

/** XDG base directory specification: data of the user's. */
export function dataDirectory({ env, homedir }: Host): string {
  return join(baseFolder(env.XDG_DATA_HOME, join(homedir, ".local", "share")), "tspip");
}

async function fromFile(
  source: TrustedRootInForce["source"],
  path: string,
  host: Host,
  shown = path,
): Promise<TrustedRootInForce> {
  try {
    return { source, path, text: (await bytesOf(path, host)).toString("utf8") };
  } catch (error) {
    throw new TrustError("trusted-root-unreadable", `Cannot read the trusted root "${shown}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}
