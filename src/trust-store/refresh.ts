import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Updater } from "tuf-js";
import { digestOf } from "../distribution/digest.ts";
import { EnvironmentError, messageOf, TrustError, type TspipError } from "../errors.ts";
import { makeFolder } from "../memory/make-folder.ts";
import type { Transport } from "../package-index/transport.ts";
import { parseTrustedRoot } from "../trust/trusted-root.ts";
import { trustedRootPath } from "./stored-root.ts";
import { TransportFetcher } from "./transport-fetcher.ts";

export interface RefreshOptions {
  readonly transport: Transport;
  /** The TUF repository that serves `trusted_root.json` as a target. */
  readonly mirror: URL;
  /** The TUF root to begin with, when nothing of this repository is stored yet. Later ones are reached by rotation. */
  readonly pinnedRoot: Uint8Array;
  /** Where metadata and the trusted root are kept. */
  readonly directory: string;
}

/**
 * Fetches a Sigstore trusted root by TUF (theupdateframework.github.io, 5: detailed client workflow): root rotation,
 * roll-back, freeze and expiry are tuf-js's to refuse. The new root replaces the stored one in one step, and only when
 * it can be read.
 * @returns the SHA-256 of the trusted root, and whether it is another than before
 * @throws TrustError `trust-update-refused`; IndexError when the repository cannot be reached; EnvironmentError
 */
export async function refreshTrustedRoot({
  transport,
  mirror,
  pinnedRoot,
  directory,
}: RefreshOptions): Promise<{ sha256: string; isNew: boolean }> {
  const metadataDir = join(directory, "tuf", digestOf(Buffer.from(mirror.href)).slice(0, 16));
  const targetDir = join(metadataDir, "targets");
  const root = join(metadataDir, "root.json");
  const isFirst = !existsSync(root);
  await storing(directory, async () => {
    makeFolder(targetDir);
    if (isFirst) await writeFile(root, pinnedRoot);
  });

  const bytes = await fetchTarget(transport, mirror, metadataDir, targetDir).catch(async (error) => {
    // What it was to begin with may be the wrong one, and whoever gives another next time means that.
    if (isFirst) await rm(metadataDir, { recursive: true, force: true });
    throw error;
  });
  // A root that cannot be read must not replace one that can.
  const { sha256 } = parseTrustedRoot(bytes);
  const path = trustedRootPath(directory);
  const before = await readFile(path).catch(() => undefined);
  await storing(directory, async () => {
    await writeFile(`${path}.new`, bytes);
    await rename(`${path}.new`, path);
  });
  return { sha256, isNew: before === undefined || !before.equals(bytes) };
}

async function storing(directory: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw new EnvironmentError("cannot-write", `Cannot store the trusted root in "${directory}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function fetchTarget(transport: Transport, mirror: URL, metadataDir: string, targetDir: string): Promise<Buffer> {
  const base = mirror.href.replace(/\/$/, "");
  let unreachable: TspipError | undefined;
  const fetcher = new TransportFetcher(transport, (error) => {
    unreachable = error;
  });
  try {
    const updater = new Updater({
      metadataDir,
      metadataBaseUrl: base,
      targetDir,
      targetBaseUrl: `${base}/targets`,
      fetcher,
    });
    await updater.refresh();
    const target = await updater.getTargetInfo("trusted_root.json");
    if (target === undefined) throw new TrustError("trust-update-refused", `${mirror.href} has no trusted_root.json`);
    return await readFile(await updater.downloadTarget(target));
  } catch (error) {
    // What the transport could not reach is an inability; everything else that TUF refuses is a refusal to trust.
    if (error instanceof TrustError) throw error;
    if (unreachable !== undefined) throw unreachable;
    throw new TrustError("trust-update-refused", `The update of ${mirror.href} is refused: ${messageOf(error)}`, {
      cause: error,
      hint: "The trusted root in use stays as it is",
    });
  }
}
