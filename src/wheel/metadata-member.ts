import type { ByteSource } from "../distribution/byte-source.ts";
import type { WheelFilename } from "../distribution/filename.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { ArtifactError } from "../errors.ts";
import { readOneMember, type WantedMember } from "./one-member.ts";

/** Bytes. No real wheel comes near. */
export const longestMetadata = 4 << 20;

/** METADATA of a wheel. */
export function metadataMember({ text }: WheelFilename): WantedMember {
  return {
    name: /^[^/]+\.dist-info\/METADATA$/,
    maxBytes: longestMetadata,
    missing: (count) => new ArtifactError("no-core-metadata", `"${text}" has ${count} files called METADATA`),
  };
}

/** METADATA of a wheel that is here, of which no more is read. @throws ArtifactError */
export function readMetadata(source: ByteSource, filename: WheelFilename): Buffer {
  return readOneMember(source, metadataMember(filename));
}

/** Descriptions of old projects are in whatever encoding their author had; the fields in front of them are ASCII. */
export function metadataText(bytes: Buffer): string {
  return decodeUtf8(bytes) ?? bytes.toString("latin1");
}
