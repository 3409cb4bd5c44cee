import type { Bom } from "@cyclonedx/cyclonedx-library/Models";
import { JSON as LibraryJson } from "@cyclonedx/cyclonedx-library/Serialize";
import { Spec1dot6, Spec1dot7 } from "@cyclonedx/cyclonedx-library/Spec";
import { digestOf } from "../distribution/digest.ts";
import type { BeyondLibrary, LibraryBom, LibraryComponent, SpecVersion } from "./cyclonedx.ts";
import { isPlainAscii } from "./text.ts";
import { toXml } from "./xml.ts";

export type OutputFormat = "json" | "xml";

const specs = { "1.6": Spec1dot6, "1.7": Spec1dot7 } as const;

/** Stands where the serial number comes, so that the text is made only once. */
const noSerialNumber = "urn:uuid:00000000-0000-0000-0000-000000000000";

/** How the document is written. */
export interface SerializeOptions {
  /** CycloneDX; 1.6 unless told. */
  readonly specVersion?: SpecVersion;
  /** `json` unless told. */
  readonly outputFormat?: OutputFormat;
}

/**
 * The document as text: what the library makes of `bom`, with what it has no model for, and a serial number made from all of
 * it.
 */
export function serialize(bom: Bom, beyond: BeyondLibrary, options: SerializeOptions): string {
  const { specVersion = "1.6", outputFormat = "json" } = options;
  // Lists are not sorted by the library, which compares by locale: the caller's order is the document's.
  const normalized = new LibraryJson.Normalize.Factory(specs[specVersion])
    .makeForBom()
    .normalize(bom, { sortLists: false });
  const document = complete({ ...normalized, serialNumber: noSerialNumber }, beyond);
  const json = toJson(document);
  const text = outputFormat === "xml" ? toXml(document, specVersion) : json;
  // The first place is ours: nothing from outside stands before the serial number.
  return text.replace(noSerialNumber, `urn:uuid:${contentUuid(json)}`);
}

function toJson(document: object): string {
  return `${escapeInvisible(JSON.stringify(document, null, 2))}\n`;
}

function complete(bom: LibraryBom, beyond: BeyondLibrary): object {
  const { components, compositions, dependencies, vulnerabilities, declarations, definitions } = beyond;
  const completed = (component: LibraryComponent) => ({ ...component, ...components.get(component["bom-ref"] ?? "") });
  return {
    ...bom,
    components: (bom.components ?? []).map(completed),
    dependencies: [...(bom.dependencies ?? []), ...dependencies],
    compositions,
    vulnerabilities,
    declarations,
    definitions,
  };
}

/** A version 8 UUID (RFC 9562, section 5.8) of the SHA-256 of the document with a nil serial number. */
function contentUuid(text: string): string {
  const hex = digestOf(Buffer.from(text));
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

/**
 * Writes characters that could act on a terminal, or show text in another order than it has, as JSON escapes: the value
 * stays what it was, and the document can be looked at. JSON itself escapes only those below U+0020. So is what a CI runner takes for
 * a command, wherever it stands in a line of the log.
 */
function escapeInvisible(json: string): string {
  if (isPlainAscii(json) && !json.includes("##")) return json;
  return json.replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]|(?<=#)#(?=\[|vso\[|teamcity\[)/gu, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
