import type { DirectUrl, ProvenanceUrl } from "./installed.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads direct_url.json; nothing when it names no URL.
 * @throws SyntaxError when it is no JSON
 */
export function parseDirectUrl(content: string): DirectUrl | undefined {
  const { url, archive_info, vcs_info, dir_info, subdirectory } = fieldsOf(JSON.parse(content));
  if (typeof url !== "string") return undefined;
  const { vcs, commit_id, requested_revision } = fieldsOf(vcs_info);
  const isVcs = typeof vcs === "string" && typeof commit_id === "string";
  return {
    url,
    archive_info: { hashes: hashesOf(fieldsOf(archive_info)) },
    ...(isVcs && {
      vcs_info: { vcs, commit_id, ...(typeof requested_revision === "string" && { requested_revision }) },
    }),
    ...(dir_info !== undefined && { dir_info: { editable: fieldsOf(dir_info).editable === true } }),
    ...(typeof subdirectory === "string" && { subdirectory }),
  };
}

export const provenanceUrlFilename = "provenance_url.json";

/** Reads provenance_url.json; nothing when it is not as PEP 710 has it. */
export function parseProvenanceUrl(content: string): ProvenanceUrl | undefined {
  try {
    const { url, archive_info } = fieldsOf(JSON.parse(content));
    const hashes = hashesOf({ hashes: fieldsOf(archive_info).hashes });
    if (typeof url !== "string" || !URL.canParse(url) || Object.keys(hashes).length === 0) return undefined;
    return { url, archive_info: { hashes } };
  } catch {
    return undefined;
  }
}

/** `hash` is the older form of `hashes`: `sha256=…`. */
function hashesOf({ hashes, hash }: Fields): Readonly<Record<string, string>> {
  const [, algorithm, digest] = typeof hash === "string" ? (/^(\w+)=(\w+)$/.exec(hash) ?? []) : [];
  const older = algorithm !== undefined && digest !== undefined ? { [algorithm]: digest } : {};
  const texts = Object.entries(fieldsOf(hashes)).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return { ...older, ...Object.fromEntries(texts) };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
