import { resolve } from "node:path";
import { UsageError } from "../../errors.ts";
import { isInside, newestStart, type ValidityWindow } from "../../trust/trusted-root.ts";
import type { TrustShowOptions, TrustUpdateOptions } from "../command-line/keys.ts";
import { day } from "../day.ts";
import { exitCodes } from "../exit-code.ts";
import { openTransport } from "../gate/index-client.ts";
import type { Host } from "../host.ts";
import { readBytes } from "../read-text.ts";
import { policyInForce } from "../settings/policy-in-force.ts";
import {
  besidePolicy,
  dataDirectory,
  readTrustedRoot,
  trustedRootInForce,
  tufDirectory,
} from "../settings/trusted-root.ts";
import { printableLine } from "../terminal.ts";

/** `tspip trust show`: which Sigstore trusted root is in use, where it comes from, how old its newest part is. */
export async function trustShow(options: TrustShowOptions, host: Host): Promise<number> {
  const policy = await policyInForce(options.policy, host);
  const inForce = await trustedRootInForce(options.trustedRoot, policy, host);
  const { source, path } = inForce;
  const root = await readTrustedRoot(inForce);
  const parts: (readonly [kind: string, name: string, validFor: ValidityWindow])[] = [
    ...root.certificateAuthorities.map(({ name, validFor }) => ["certificate authority", name, validFor] as const),
    ...root.transparencyLogs.map(({ name, validFor }) => ["transparency log", name, validFor] as const),
    ...root.certificateLogs.map(({ name, validFor }) => ["certificate log", name, validFor] as const),
    ...root.timestampAuthorities.map(({ name, validFor }) => ["timestamp authority", name, validFor] as const),
  ];
  const newest = newestStart(root);
  const days = Math.floor((host.now().getTime() - newest) / 86_400_000);
  const lines = [
    `Trusted root: ${source}${path === undefined ? "" : ` (${path})`}`,
    `sha256: ${root.sha256}`,
    `Newest part: ${day(newest)}, ${days} days ago`,
    ...parts.map(([kind, name, validFor]) => `  ${kind} ${name}: ${windowWords(validFor, host.now())}`),
  ];
  host.stdout.write(`${lines.map(printableLine).join("\n")}\n`);
  return exitCodes.done;
}

function windowWords(validFor: ValidityWindow, now: Date): string {
  const end = validFor.end === undefined ? "" : ` until ${day(validFor.end)}`;
  return `from ${day(validFor.start)}${end}${isInside(now.getTime(), validFor) ? "" : ", for what was signed then"}`;
}

/** `tspip trust update`: fetches the trusted root by TUF and stores it for all later commands. */
export async function trustUpdate(options: TrustUpdateOptions, host: Host): Promise<number> {
  const { mirror, pinnedRoot, directory } = await repositoryFor(options, host);
  const { refreshTrustedRoot } = await import("../../trust-store/refresh.ts");
  await using transport = await openTransport(options, host);
  const { sha256, isNew } = await refreshTrustedRoot({ transport, mirror, pinnedRoot, directory });
  host.stdout.write(`${isNew ? "Updated" : "Already the newest"}: trusted root with sha256 ${sha256}\n`);
  return exitCodes.done;
}

interface Repository {
  readonly mirror: URL;
  readonly pinnedRoot: Buffer;
  /** Where what comes from it is kept. */
  readonly directory: string;
}

/** `--mirror`, else the TUF repository that the policy names, else the public one of Sigstore. */
async function repositoryFor(options: TrustUpdateOptions, host: Host): Promise<Repository> {
  const directory = dataDirectory(host);
  if (options.mirror !== undefined) {
    const mirror = URL.parse(options.mirror);
    if (mirror === null) throw new UsageError("invalid-url", `"${options.mirror}" is not a URL`);
    if (options.root === undefined)
      throw new UsageError("root-missing", "--mirror needs --root: the TUF root that you trust to begin with");
    return { mirror, pinnedRoot: await readRoot(resolve(host.cwd, options.root), host), directory };
  }
  const policy = await policyInForce(options.policy, host);
  const { sigstore } = policy.policy.trust;
  if (sigstore.kind === "tuf") {
    const mirror = new URL(sigstore.url);
    const path =
      options.root === undefined ? besidePolicy(sigstore.root, policy, host) : resolve(host.cwd, options.root);
    const pinnedRoot = await readRoot(path, host);
    return { mirror, pinnedRoot, directory: tufDirectory(mirror, host) };
  }
  const { sigstoreMirror, sigstoreTufRoot } = await import("../../trust-store/sigstore-tuf-root.ts");
  const pinnedRoot =
    options.root === undefined ? Buffer.from(sigstoreTufRoot) : await readRoot(resolve(host.cwd, options.root), host);
  return { mirror: new URL(sigstoreMirror), pinnedRoot, directory };
}

async function readRoot(path: string, host: Host): Promise<Buffer> {
  const bytes = await readBytes(path, `the TUF root "${path}"`, host);
  // TUF, 4.3. Whether it is the right one, the repository shows.
  if (typeOf(bytes) !== "root") throw new UsageError("invalid-root", `"${path}" is no root of a TUF repository`);
  return bytes;
}

function typeOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"))?.signed?._type;
  } catch {
    return undefined;
  }
}
