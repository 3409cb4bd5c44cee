/** Numbers of the ZIP format (APPNOTE.TXT 6.3.10; section numbers refer to it), and fields that several records have. */

export const signatures = {
  localFileHeader: 0x04034b50,
  centralFileHeader: 0x02014b50,
  dataDescriptor: 0x08074b50,
  zip64EndRecord: 0x06064b50,
  zip64EndLocator: 0x07064b50,
} as const;

export const methods = { stored: 0, deflated: 8 } as const;

/** General purpose bits (4.4.4). */
export const flags = {
  encrypted: 1 << 0,
  dataDescriptor: 1 << 3,
  patched: 1 << 5,
  strongEncryption: 1 << 6,
  utf8: 1 << 11,
  masked: 1 << 13,
} as const;

/** What a 16-bit or 32-bit field holds when ZIP64 has the value (4.4.1.4). */
export const max16 = 0xffff;
export const max32 = 0xffffffff;

export interface ExtraField {
  readonly id: number;
  readonly data: Buffer;
}

const zip64Field = 0x0001;

/** Info-ZIP's Unicode path (4.6.9) and ASi Unix, which holds a link's target (4.6.1): not every reader knows them. */
const overridingFields: ReadonlySet<number> = new Set([0x7075, 0x756e]);

/** Whether a member has, in one of its headers, an extra field that gives it a second name or target. */
export function hasOverride(extra: readonly ExtraField[]): boolean {
  return extra.some(({ id }) => overridingFields.has(id));
}

/** The extra fields of a header (4.5.1), from `start` to `end`; nothing when one reaches beyond the end. */
export function parseExtraFields(header: Buffer, start: number, end: number): ExtraField[] | undefined {
  const fields: ExtraField[] = [];
  for (let at = start; at + 4 <= end; ) {
    const next = at + 4 + header.readUInt16LE(at + 2);
    if (next > end) return undefined;
    fields.push({ id: header.readUInt16LE(at), data: header.subarray(at + 4, next) });
    at = next;
  }
  return fields;
}

/** A 32-bit field of a header, and the value that the member has. */
export interface SizeField {
  readonly plain: number;
  readonly value: number;
}

/**
 * Whether the ZIP64 field (4.5.3) says one thing only. It has the values that the 32-bit fields have no room for, in
 * their order, or repeats all of them; two such fields, or one that contradicts its header, are read in different ways.
 * @param sizes inflated size, compressed size and, in the central directory, the offset of the member
 */
export function isZip64Consistent(extra: readonly ExtraField[], sizes: readonly SizeField[]): boolean {
  if (extra.length === 0) return sizes.every(({ plain }) => plain !== max32);
  const [field, ...others] = extra.filter(({ id }) => id === zip64Field);
  const wanted = sizes.filter(({ plain }) => plain === max32);
  if (field === undefined) return wanted.length === 0;
  const readings = [wanted, sizes.slice(0, 2), sizes];
  return others.length === 0 && readings.some((values) => field.data.equals(encode(values)));
}

function encode(values: readonly SizeField[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  values.forEach(({ value }, at) => {
    bytes.writeBigUInt64LE(BigInt(value), 8 * at);
  });
  return bytes;
}

/** The ZIP64 field's data, empty when there is none. */
export function zip64Data(extra: readonly ExtraField[]): Buffer {
  return extra.find(({ id }) => id === zip64Field)?.data ?? noData;
}

const noData = Buffer.alloc(0);
