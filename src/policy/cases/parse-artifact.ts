import { isHexDigest } from "../../distribution/digest.ts";
import { parseFilename } from "../../distribution/filename.ts";
import { isVersion } from "../../distribution/version.ts";
import { messageOf } from "../../errors.ts";
import { origins, relations } from "../policy.ts";
import type { TableReader } from "../table-reader.ts";
import { parseTime, required } from "./case-fields.ts";
import { type PolicyCase, projectStatuses } from "./policy-case.ts";

/** The file that a case is about. */
export function parseArtifact(parent: TableReader): PolicyCase["artifact"] | undefined {
  const table = parent.table("artifact");
  if (!parent.has("artifact")) return parent.missing("artifact", 'it is the file, { "filename": … }');
  if (table === undefined) return undefined;
  const filename = required(table, "filename", "it is the name of a wheel or source distribution");
  if (filename !== undefined) checkFilename(table, filename);
  const index = table.text("index");
  if (index !== undefined && !URL.canParse(index)) table.wrong("index", `"${index}" is no URL`);
  const origin = table.choice("origin", origins);
  if (index !== undefined && origin !== undefined && origin !== "index")
    table.wrongKey("index", `what comes from "${origin}" comes from no index`);
  const relation = table.choice("relation", relations);
  const yanked = table.text("yanked", true);
  const projectStatus = table.choice("project-status", projectStatuses);
  const sha256 = table.text("sha256");
  if (sha256 !== undefined && !isHexDigest("sha256", sha256))
    table.wrong("sha256", `"${sha256}" is no sha256, expected 64 hexadecimal digits`);
  const uploadTime = parseTime(table, "upload-time");
  const attestedBefore = table.text("attested-before");
  if (attestedBefore !== undefined && !isVersion(attestedBefore))
    table.wrong("attested-before", `"${attestedBefore}" is no version`);
  table.finish();
  if (filename === undefined) return undefined;
  return {
    filename,
    ...(index && { index }),
    ...(origin && { origin }),
    ...(relation && { relation }),
    ...(yanked !== undefined && { yanked }),
    ...(projectStatus && { projectStatus }),
    ...(sha256 && { sha256: sha256.toLowerCase() }),
    ...(uploadTime && { uploadTime }),
    ...(attestedBefore && { attestedBefore }),
  };
}

function checkFilename(table: TableReader, filename: string): void {
  try {
    parseFilename(filename);
  } catch (error) {
    table.wrong("filename", messageOf(error));
  }
}
