import { readFileSync } from "node:fs";
import { basename, dirname, isAbsolute, posix, resolve, sep } from "node:path";
import { memberFolders } from "../../bundle/members.ts";
import { UsageError } from "../../errors.ts";
import { parsePolicy } from "../../policy/parse.ts";
import type { Host } from "../host.ts";
import { bytesOf } from "../read-text.ts";
import type { PolicyInForce } from "../settings/policy-in-force.ts";

/** A policy on its way into a bundle. */
export interface BundledPolicy {
  /** The member that is the policy file. */
  readonly policy: string;
  /** That file, those that it includes and its pins, by the names of their members. */
  readonly documents: ReadonlyMap<string, Uint8Array>;
}

/**
 * The policy in force with the files that it reads from beside it. Its trusted root, its keyring and its places of
 * attestations are none of them: a bundle has what they held.
 * @throws UsageError `policy-not-portable` when it names its pins by an absolute path
 */
export async function bundledPolicy({ path, text, source, policy }: PolicyInForce, host: Host): Promise<BundledPolicy> {
  if (path === undefined) return inFolders("policy.toml", new Map([["policy.toml", Buffer.from(text)]]), "");
  const folder = dirname(path);
  const bytes = await bytesOf(path, host);
  const documents = new Map<string, Uint8Array>([[basename(path), bytes]]);
  parsePolicy(bytes, source, (included) => {
    const content = readFileSync(resolve(folder, included));
    documents.set(included, content);
    return content;
  });
  for (const pins of policy.pins?.keys() ?? []) {
    if (isAbsolute(pins)) throw notPortable(source, pins);
    const content = await bytesOf(resolve(folder, pins), host).catch(ifAbsent);
    if (content !== undefined) documents.set(posix.normalize(pins), content);
  }
  return inFolders(basename(path), documents, folder);
}

/** Paths may lead out of the policy's folder: as many of the folders above it as they need become folders of the bundle. */
function inFolders(policy: string, documents: ReadonlyMap<string, Uint8Array>, folder: string): BundledPolicy {
  const steps = [...documents.keys()].map((path) => path.split("/").filter((part) => part === "..").length);
  const above = folder.split(sep).filter((part) => part !== "");
  const kept = above.slice(above.length - Math.min(above.length, Math.max(...steps)));
  const member = (path: string) => posix.join(memberFolders.policy, ...kept, path);
  return {
    policy: member(policy),
    documents: new Map([...documents].map(([path, bytes]) => [member(path), bytes])),
  };
}

function notPortable(source: string, path: string): UsageError {
  return new UsageError("policy-not-portable", `The policy "${source}" names its pins by an absolute path: "${path}"`, {
    hint: "Name them relative to the policy file",
  });
}

function ifAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
