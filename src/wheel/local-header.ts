import { ArtifactError } from "../errors.ts";
import { type ExtraField, isZip64Consistent, max32, parseExtraFields, signatures, zip64Data } from "./zip-format.ts";

/** A member's own header (APPNOTE 4.3.7), which repeats what the central directory says of it. */
export interface LocalHeader {
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  /** Inflated bytes. */
  readonly size: number;
  readonly name: Buffer;
  readonly extra: readonly ExtraField[];
  /** Bytes from the header's start to the member's data. */
  readonly length: number;
}

/** Bytes in front of name and extra field. */
export const fixedLocalHeaderLength = 30;

/** Where the data begins, as the fixed part of a header says it; nothing when it is no header. */
export function localHeaderLength(fixed: Buffer): number | undefined {
  if (fixed.length < fixedLocalHeaderLength || fixed.readUInt32LE(0) !== signatures.localFileHeader) return undefined;
  return fixedLocalHeaderLength + fixed.readUInt16LE(26) + fixed.readUInt16LE(28);
}

/**
 * @param header the whole header, name and extra field included; more may follow
 * @throws ArtifactError `archive-ambiguous` when its extra fields contradict it
 */
export function readLocalHeader(header: Buffer): LocalHeader {
  const extraAt = fixedLocalHeaderLength + header.readUInt16LE(26);
  const length = extraAt + header.readUInt16LE(28);
  const extra = parseExtraFields(header, extraAt, length);
  if (extra === undefined) throw contradiction();

  const plain = { compressedSize: header.readUInt32LE(18), size: header.readUInt32LE(22) };
  const sizes = { ...plain, ...zip64Sizes(extra, plain) };
  const isConsistent = isZip64Consistent(extra, [
    { plain: plain.size, value: sizes.size },
    { plain: plain.compressedSize, value: sizes.compressedSize },
  ]);
  if (!isConsistent) throw contradiction();
  return {
    flags: header.readUInt16LE(6),
    method: header.readUInt16LE(8),
    crc32: header.readUInt32LE(14),
    ...sizes,
    name: header.subarray(fixedLocalHeaderLength, extraAt),
    extra,
    length,
  };
}

/** 4.5.3: in a local header the ZIP64 field has both sizes, the inflated one first. */
function zip64Sizes(
  extra: readonly ExtraField[],
  plain: Pick<LocalHeader, "compressedSize" | "size">,
): Partial<Pick<LocalHeader, "compressedSize" | "size">> {
  if (plain.size !== max32 && plain.compressedSize !== max32) return {};
  const data = zip64Data(extra);
  if (data.length < 16) throw contradiction();
  return {
    ...(plain.size === max32 && { size: wideNumber(data, 0) }),
    ...(plain.compressedSize === max32 && { compressedSize: wideNumber(data, 8) }),
  };
}

function wideNumber(data: Buffer, at: number): number {
  const value = Number(data.readBigUInt64LE(at));
  if (!Number.isSafeInteger(value)) throw contradiction();
  return value;
}

function contradiction(): ArtifactError {
  return new ArtifactError("archive-ambiguous", "A member's own header contradicts its extra fields");
}

export const longestDescriptor = 24;

/** Sizes and CRC behind a member's data (4.3.9): with or without a signature, with 4 or 8 bytes a size. */
export function isDataDescriptor(
  bytes: Buffer,
  { crc32, compressedSize, size }: Pick<LocalHeader, "crc32" | "compressedSize" | "size">,
): boolean {
  const isSigned = bytes.length === 16 || bytes.length === 24;
  if (isSigned && bytes.readUInt32LE(0) !== signatures.dataDescriptor) return false;
  const fields = isSigned ? bytes.subarray(4) : bytes;
  if (fields.length === 12) {
    return (
      fields.readUInt32LE(0) === crc32 && fields.readUInt32LE(4) === compressedSize && fields.readUInt32LE(8) === size
    );
  }
  if (fields.length !== 20) return false;
  return (
    fields.readUInt32LE(0) === crc32 &&
    fields.readBigUInt64LE(4) === BigInt(compressedSize) &&
    fields.readBigUInt64LE(12) === BigInt(size)
  );
}
