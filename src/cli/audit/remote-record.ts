import type { ArtifactRef } from "../../distribution/artifact.ts";
import { ArtifactError, IndexError } from "../../errors.ts";
import { readRange } from "../../package-index/read-range.ts";
import type { Transport } from "../../package-index/transport.ts";
import type { WantedMember } from "../../wheel/one-member.ts";
import { longestRecord, parseRecord, type RecordRow } from "../../wheel/record.ts";
import { readRemoteMember } from "../../wheel/remote-member.ts";

const record: WantedMember = {
  name: /^[^/]+\.dist-info\/RECORD$/,
  maxBytes: longestRecord,
  missing: (count) => new ArtifactError("record-absent", `The archive has ${count} files called RECORD`),
};

/**
 * RECORD of a wheel on an index, of which nothing else is read; nothing where the server gives no parts of files. It is as
 * true as the server is.
 * @throws IndexError, ArtifactError
 */
export async function readRemoteRecord({ url }: ArtifactRef, transport: Transport): Promise<RecordRow[] | undefined> {
  if (url.protocol === "file:") return undefined;
  try {
    const bytes = await readRemoteMember(record, (range) => readRange(url, { range }, transport));
    return bytes && parseRecord(bytes.toString("utf8"));
  } catch (error) {
    // The whole may be had all the same; if not, that says why.
    if (error instanceof IndexError && error.code === "artifact-missing") return undefined;
    throw error;
  }
}
