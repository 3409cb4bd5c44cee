import { isAscii } from "node:buffer";
import type { Stats } from "node:fs";
import { quotation } from "../../errors.ts";
import { isKnownMagic, readUsedNames } from "./marshal.ts";
import { siphash } from "./siphash.ts";

/** A compiled file beside the source that it stands for (PEP 3147). */
export interface CompiledTask {
  readonly path: string;
  readonly source: string;
}

/**
 * `used`: Python would run it, and nothing speaks against it. `unused`: Python would compile the source anew. `foreign`:
 * Python would run it, and it is not what the source says.
 */
export type CompiledState =
  | { readonly state: "used" | "unused" }
  | { readonly state: "foreign"; readonly reason: string };

/** What nearly all are. */
export const used: CompiledState = { state: "used" };

const headerLength = 16;
const [byHash, checked] = [0b01, 0b10];
const sipHash13Magic = 3450; // 3.11

/**
 * Compares a compiled file with its source as Python does before it runs it (PEP 552), and further: every name that the
 * code uses has to stand in the source. Code that keeps to the names of its source is not found out by this.
 */
export function compareCompiled(
  compiled: Buffer,
  source: Buffer,
  { mtimeMs, size }: Pick<Stats, "mtimeMs" | "size">,
): CompiledState {
  if (compiled.length < headerLength || compiled.readUInt16LE(2) !== 0x0a0d) return { state: "unused" };
  const magic = compiled.readUInt16LE(0);
  const flags = compiled.readUInt32LE(4);
  // Python refuses what has further flags.
  if (!isKnownMagic(magic) || (flags & ~(byHash | checked)) !== 0) return { state: "unused" };
  if (flags & byHash) {
    const isOfSource = compiled.readBigUInt64LE(8) === sourceHash(compiled, source, magic);
    if (!isOfSource && flags & checked) return { state: "unused" };
    if (!isOfSource)
      return { state: "foreign", reason: "it is of another source, and says that Python shall not look" };
  } else {
    const seconds = Math.floor(mtimeMs / 1000) >>> 0;
    if (compiled.readUInt32LE(8) !== seconds || compiled.readUInt32LE(12) !== size >>> 0) return { state: "unused" };
  }
  return compareNames(compiled.subarray(headerLength), source, magic);
}

/** What compilers put in by themselves, from Python 3.8 on; long f-strings are joined. */
const implied: ReadonlySet<string> = new Set(
  "__name__ __module__ __qualname__ __doc__ __class__ __classcell__ __annotations__ __classdict__ __classdictcell__ __annotate__ __annotate_func__ __conditional_annotations__ __firstlineno__ __static_attributes__ __type_params__ __orig_bases__ __debug__ AssertionError join".split(
    " ",
  ),
);

/** The key is the whole magic number, with its line end. */
function sourceHash(compiled: Buffer, source: Buffer, magic: number): bigint {
  return siphash(source, BigInt(compiled.readUInt32LE(0)), magic >= sipHash13Magic ? 1 : 2);
}

function compareNames(code: Buffer, source: Buffer, magic: number): CompiledState {
  try {
    const words = wordsOf(source);
    const strange = [...readUsedNames(code, magic)].filter((name) => !name.split(".").every(isExplained));
    if (strange.length === 0) return used;
    return {
      state: "foreign",
      reason: `it uses names that its source does not have: ${strange.slice(0, 5).map(quotation).join(", ")}`,
    };

    function isExplained(name: string): boolean {
      // Other scripts may be spelt in more than one way, and the source be in any encoding.
      return words.has(name) || implied.has(name) || /[^\0-\x7f]/.test(name) || isMangled(name);
    }
    /** `_Class__private` (Python language reference, "private name mangling"). */
    function isMangled(name: string): boolean {
      const isPrivate = name.startsWith("_") && !name.endsWith("__") && name.length <= longestMangled;
      return isPrivate && [...name.matchAll(/(?=__)/g)].some(({ index }) => words.has(name.slice(index)));
    }
  } catch (error) {
    if (error instanceof RangeError) return { state: "foreign", reason: error.message };
    throw error;
  }
}

/** Where the class ends is looked for at each underscore: in a name of a million, that would never end. */
const longestMangled = 500;

/** The empty name is what relative imports have. Python takes names that Unicode calls compatible for the same (NFKC). */
function wordsOf(source: Buffer): ReadonlySet<string> {
  const text = isAscii(source) ? source.toString("latin1") : source.toString("utf8").normalize("NFKC");
  return new Set(["", ...(text.match(/[A-Za-z_][A-Za-z_0-9]*/g) ?? [])]);
}
