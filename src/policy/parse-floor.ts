import { isHexDigest } from "../distribution/digest.ts";
import { parseName, parseVersions } from "./parse-match.ts";
import { type DeniedArtifacts, type Floor, statusDemands } from "./policy.ts";
import type { TableReader } from "./table-reader.ts";

export function parseFloor(table: TableReader | undefined): Floor {
  if (table === undefined) return { deny: [], status: { yanked: "allow" } };
  // These may be written out, and mean nothing else: there is no policy under which they do not hold.
  table.choice("record", ["enforce"]);
  table.choice("archive", ["enforce"]);
  const deny = table.tables("deny").flatMap((entry) => parseDenied(entry) ?? []);
  const status = table.table("status");
  const yanked = status?.choice("yanked", statusDemands) ?? "allow";
  status?.finish();
  table.finish();
  return { deny, status: { yanked } };
}

function parseDenied(entry: TableReader): DeniedArtifacts | undefined {
  const sha256 = parseSha256(entry);
  const name = parseName(entry);
  const version = parseVersions(entry);
  entry.finish();
  if (entry.has("sha256") === entry.has("name")) {
    return entry.wrongHere('an entry of the deny list has either "sha256" or "name"');
  }
  if (entry.has("sha256") && entry.has("version"))
    return entry.wrongKey("version", '"version" goes with "name", a digest has one version');
  if (sha256 !== undefined) return { kind: "digest", sha256 };
  return name === undefined ? undefined : { kind: "release", name, ...(version !== undefined && { version }) };
}

function parseSha256(entry: TableReader): string | undefined {
  const text = entry.text("sha256");
  if (text === undefined || isHexDigest("sha256", text)) return text?.toLowerCase();
  return entry.wrong("sha256", `"${text}" is no sha256, expected 64 hexadecimal digits`);
}
