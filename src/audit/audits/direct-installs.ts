import type { DirectUrl, Installed } from "../../environment/installed.ts";
import { finding } from "../../verdict/finding.ts";
import type { FindingId } from "../../verdict/finding-catalog.ts";
import type { AuditFinding } from "../audit-finding.ts";
import type { Facts } from "../facts.ts";

type Origin = readonly [id: FindingId, from: string];

/** A distribution from a URL, a repository or a folder, or one that is editable, is not what an index has of that version. */
export function* directInstalls({ installed }: Facts): Generator<AuditFinding> {
  for (const each of installed) {
    const origin = originOf(each);
    if (origin === undefined) continue;
    const [id, from] = origin;
    const message = `"${each.name}" ${each.version} is not from an index but from ${from}`;
    yield { ...finding(id, message, "note"), installed: each };
  }
}

function originOf({ directUrl, receipt }: Installed): Origin | undefined {
  if (directUrl !== undefined) return namedOrigin(directUrl);
  const url = receipt?.artifact.url ?? "";
  return url.startsWith("file:") ? ["direct-install", url] : undefined;
}

function namedOrigin({ url, vcs_info: vcs, dir_info: folder }: DirectUrl): Origin {
  if (folder?.editable === true) return ["editable-install", `the folder ${url}, and changes with it`];
  if (vcs !== undefined) return ["repository-install", `${url} at ${vcs.commit_id}`];
  return ["direct-install", url];
}
