import { deflateRawSync } from "node:zlib";
import { type MadeWheel, makeWheel, type RecordForm, type WheelDescription } from "./make-wheel.ts";
import type { ZipMember, ZipOptions } from "./zip-writer.ts";

/** A `wheel.json` of testdata/wheel: what differs from the plainest wheel. testdata/wheel/README.md explains it. */
export interface WheelJson extends Pick<WheelDescription, "name" | "version" | "tag" | "build" | "filename"> {
  readonly files?: Readonly<Record<string, BytesJson>>;
  readonly metadata?: readonly string[];
  readonly entryPoints?: string;
  readonly record?: RecordForm;
  readonly unlisted?: Readonly<Record<string, BytesJson>>;
  readonly altered?: Readonly<Record<string, BytesJson>>;
  readonly members?: readonly MemberJson[];
  readonly isReversed?: boolean;
  readonly archive?: JsonOf<ZipOptions>;
}

/** Text in UTF-8, hex digits, a text repeated, text deflated, or several of these in a row. */
export type BytesJson =
  | string
  | { readonly hex: string }
  | { readonly repeat: BytesJson; readonly times: number }
  | { readonly deflate: BytesJson }
  | readonly BytesJson[];

/** As in a JSON file, where bytes are a `BytesJson`. */
type JsonOf<T> = T extends Uint8Array
  ? BytesJson
  : T extends readonly unknown[]
    ? T
    : T extends object
      ? { readonly [K in keyof T]: JsonOf<T[K]> }
      : T;

/** One change to the members: of one, of all (`*`), or a further one. */
export type MemberJson = (
  | { readonly of: string; readonly remove?: boolean; readonly repeat?: boolean }
  | { readonly add: BytesJson }
) &
  BendJson;

type BendJson = JsonOf<Partial<Bent>> & {
  /** Octal, with file type. */
  readonly mode?: string;
  /** How many bytes of the data there are. */
  readonly dataLength?: number;
};

type Bent = Omit<ZipMember, "path" | "mode">;

/** Makes the wheel that a `wheel.json` describes. */
export function makeWheelOf(json: WheelJson): MadeWheel {
  const { members = [], isReversed = false, archive, files, unlisted, altered, ...rest } = json;
  return makeWheel({
    ...rest,
    ...(files && { files: bytesOfAll(files) }),
    ...(unlisted && { unlisted: bytesOfAll(unlisted) }),
    ...(altered && { altered: bytesOfAll(altered) }),
    ...(archive && { zip: withBytes<ZipOptions>(archive) }),
    bend(plain) {
      const bent = members.reduce(bendMembers, plain);
      return isReversed ? bent.toReversed() : bent;
    },
  });
}

function bendMembers(members: ZipMember[], change: MemberJson): ZipMember[] {
  if ("add" in change) {
    const { add, ...fields } = change;
    return [...members, bendMember({ path: bytesOf(add), content: Buffer.alloc(0) }, fields)];
  }
  const { of, remove = false, repeat = false, ...fields } = change;
  const isMeant = ({ path }: ZipMember) => of === "*" || path === of;
  // A case that bends nothing would pass for the wrong reason.
  if (!members.some(isMeant)) throw new Error(`There is no member "${of}" to be bent`);
  return members.flatMap((member) => {
    if (!isMeant(member)) return [member];
    const bent = bendMember(member, fields);
    return remove ? [] : repeat ? [bent, bent] : [bent];
  });
}

function bendMember(member: ZipMember, { dataLength, mode, ...fields }: BendJson): ZipMember {
  const bent = {
    ...member,
    ...withBytes<Partial<Bent>>(fields),
    ...(mode !== undefined && { mode: Number.parseInt(mode, 8) }),
  };
  if (dataLength === undefined) return bent;
  return { ...bent, data: (bent.data ?? deflateRawSync(bent.content)).subarray(0, dataLength) };
}

/** Fields that hold bytes; all others hold numbers and words. */
const byteFields = "content data comment extra name gap before behind inDirectory beforeEnd sector".split(" ");

function withBytes<T>(fields: JsonOf<T>): T {
  const read = (name: string, value: unknown): unknown => {
    if (byteFields.includes(name)) return bytesOf(value as BytesJson);
    const isGroup = typeof value === "object" && value !== null && !Array.isArray(value);
    return isGroup ? withBytes<object>(value) : value;
  };
  return Object.fromEntries(Object.entries(fields as object).map(([name, value]) => [name, read(name, value)])) as T;
}

function bytesOfAll(table: Readonly<Record<string, BytesJson>>): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(table).map(([path, bytes]) => [path, bytesOf(bytes)]));
}

function bytesOf(json: BytesJson): Buffer {
  if (typeof json === "string") return Buffer.from(json);
  if ("hex" in json) return Buffer.from(json.hex.replaceAll(" ", ""), "hex");
  if ("deflate" in json) return deflateRawSync(bytesOf(json.deflate));
  if ("repeat" in json) {
    const unit = bytesOf(json.repeat);
    return Buffer.alloc(unit.length * json.times, unit);
  }
  return Buffer.concat(json.map(bytesOf));
}
