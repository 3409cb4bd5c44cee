import { isHexDigest } from "../distribution/digest.ts";
import { didYouMean } from "./did-you-mean.ts";
import { parseName, parseVersions } from "./parse-match.ts";
import type { Named } from "./parse-signers.ts";
import { parseStatus } from "./parse-status.ts";
import {
  type DeniedArtifacts,
  type DeniedReleases,
  type Floor,
  type PolicySigner,
  type StatusConditions,
  type StatusWord,
  statusDemands,
  statusWords,
} from "./policy.ts";
import type { TableReader } from "./table-reader.ts";

/** The floors of all files together: each can add to it, and none takes away. */
export function parseFloors(tables: readonly TableReader[], signers: Named): Floor {
  const floors = tables.map((table) => parseFloor(table, signers));
  const strictest = (word: StatusWord) =>
    statusDemands.find((demand) => floors.some(({ status }) => status[word] === demand)) ?? "allow";
  const status = Object.fromEntries(statusWords.map((word) => [word, strictest(word)])) as StatusConditions;
  return { deny: floors.flatMap(({ deny }) => deny), status };
}

function parseFloor(table: TableReader, signers: Named): Floor {
  // These may be written out, and mean nothing else: there is no policy under which they do not hold.
  table.choice("record", ["enforce"]);
  table.choice("archive", ["enforce"]);
  const deny = table.tables("deny").flatMap((entry) => parseDenied(entry, signers) ?? []);
  const status = parseStatus(table, { yanked: "allow", archived: "allow", deprecated: "allow" });
  table.finish();
  return { deny, status };
}

function parseDenied(entry: TableReader, signers: Named): DeniedArtifacts | undefined {
  const sha256 = parseSha256(entry);
  const releases = parseReleases(entry);
  const signer = parseSigner(entry, signers);
  const from = entry.instant("from");
  const until = entry.instant("until");
  entry.finish();

  const isWindowed = entry.has("from") || entry.has("until");
  if (entry.has("sha256") && (entry.has("name") || entry.has("version") || entry.has("signer")))
    return entry.wrongHere('"sha256" names one file: it goes with nothing else');
  if (!entry.has("sha256") && !entry.has("name") && !entry.has("signer"))
    return entry.wrongHere('an entry of the deny list has "sha256", "name" or "signer"');
  if (entry.has("version") && !entry.has("name")) return entry.wrongKey("version", '"version" goes with "name"');
  if (isWindowed && !entry.has("signer"))
    return entry.wrongHere('"from" and "until" are about when it was signed: they go with "signer"');
  if (from !== undefined && until !== undefined && until < from)
    return entry.wrong("until", '"until" is before "from": no time is in between');
  if (isWindowed && signer?.kind === "key")
    return entry.wrong(
      "signer",
      `signer "${signer.name}" is a key, and its signatures have no time that could be trusted`,
    );

  if (sha256 !== undefined) return { kind: "digest", sha256 };
  if (signer === undefined) return releases && !entry.has("signer") ? { kind: "release", ...releases } : undefined;
  return {
    kind: "signer",
    signer,
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(releases !== undefined && { releases }),
  };
}

function parseReleases(entry: TableReader): DeniedReleases | undefined {
  const name = parseName(entry);
  const version = parseVersions(entry);
  return name && { name, ...(version !== undefined && { version }) };
}

function parseSigner(entry: TableReader, signers: Named): PolicySigner | undefined {
  const name = entry.text("signer");
  if (name === undefined) return undefined;
  if (!signers.has(name))
    return entry.wrong("signer", `there is no [signers.${name}]${didYouMean(name, signers.keys())}`);
  return signers.get(name)?.members[0];
}

function parseSha256(entry: TableReader): string | undefined {
  const text = entry.text("sha256");
  if (text === undefined || isHexDigest("sha256", text)) return text?.toLowerCase();
  return entry.wrong("sha256", `"${text}" is no sha256, expected 64 hexadecimal digits`);
}
