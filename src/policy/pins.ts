import { isProjectName, normalizeProjectName, type ProjectName } from "../distribution/project-name.ts";
import { isVersion, parseVersion } from "../distribution/version.ts";
import { compareText } from "../encoding/compare-text.ts";
import { type JsonValue, parseJson } from "../encoding/json.ts";
import { JsonReader } from "../encoding/json-reader.ts";
import { messageOf, PolicyFileError } from "../errors.ts";

/** Who signed the releases of each project, as they were admitted: `tspip.pins.json`. */
export type Pins = ReadonlyMap<ProjectName, PinnedProject>;

/** By version, in normal form. */
export type PinnedProject = ReadonlyMap<string, PinnedRelease>;

/** The files of one release that were admitted, by name: who attested each, sorted; nobody when it is empty. */
export type PinnedRelease = ReadonlyMap<string, readonly string[]>;

/** One admitted file. */
export interface Pin {
  readonly project: ProjectName;
  readonly version: string;
  readonly filename: string;
  readonly signers: readonly string[];
}

const schema = "tspip-pins/1";

/** More than anybody installs; the reader stops there instead of filling memory. */
const maxLength = 64 << 20;
const maxSigners = 100;

/**
 * Reads a pins file. Its order is not looked at; everything else is: a pin that is misread is one that is not there.
 * @param file its name, for messages
 * @throws PolicyFileError `invalid-pins`
 */
export function parsePins(text: string, file: string): Pins {
  const fail = (message: string): never => {
    throw new PolicyFileError("invalid-pins", `Cannot use pins "${file}": ${message}`);
  };
  if (text.length > maxLength) fail(`the file has more than ${maxLength} characters`);
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (error) {
    return fail(`this is not JSON: ${messageOf(error)}`);
  }
  const root = new JsonReader(value, "pins", fail);
  onlyMembers(root, ["schema", "projects"]);
  if (root.member("schema").text() !== schema) fail(`"schema" is not "${schema}"`);
  return readMembers(root.member("projects"), (name, project) => [projectName(name, root), readProject(project)]);
}

function readProject(project: JsonReader): PinnedProject {
  return readMembers(project, (version, release) => {
    if (!isVersion(version) || parseVersion(version).text !== version)
      return release.fail(`stands for a version in normal form, "${version}" is none`);
    return [version, readMembers(release, (filename, signers) => [filename, readSigners(signers)])];
  });
}

function readSigners(signers: JsonReader): readonly string[] {
  if (!signers.isPresent) return signers.fail("is absent");
  const texts = signers.elements(maxSigners).map((signer) => signer.text());
  if (new Set(texts).size < texts.length) return signers.fail("names a signer twice");
  return texts.toSorted();
}

function readMembers<Key, Value>(
  reader: JsonReader,
  read: (name: string, member: JsonReader) => readonly [Key, Value],
): ReadonlyMap<Key, Value> {
  if (!reader.isPresent) return reader.fail("is absent");
  return new Map(reader.names().map((name) => read(name, reader.member(name))));
}

function projectName(name: string, root: JsonReader): ProjectName {
  if (isProjectName(name) && normalizeProjectName(name) === name) return normalizeProjectName(name);
  return root.fail(`names a project "${name}", which is no name in normal form`);
}

function onlyMembers(reader: JsonReader, known: readonly string[]): void {
  const unknown = reader.names().find((name) => !known.includes(name));
  if (unknown !== undefined) reader.fail(`has a member "${unknown}", which is not known`);
}

/** The same pins give the same text, sorted and one signer a line, so that a change is small in a diff. */
export function formatPins(pins: Pins): string {
  const projects = sorted(pins, (project) =>
    sorted(project, (release) => sorted(release, (signers) => signers.toSorted())),
  );
  return `${JSON.stringify({ schema, projects }, null, 2)}\n`;
}

/** Versions in the order of their text: a release is found by its name, and the order is the same everywhere. */
function sorted<Value>(map: ReadonlyMap<string, Value>, inner: (value: Value) => unknown): Record<string, unknown> {
  const entries = [...map].sort(([a], [b]) => compareText(a, b)).map(([key, value]) => [key, inner(value)] as const);
  return Object.fromEntries(entries);
}

/** `pins` with `added`; what was pinned for the same file before is replaced. */
export function withPins(pins: Pins, added: readonly Pin[]): Pins {
  const merged = new Map([...pins].map(([name, project]) => [name, new Map(project)]));
  for (const { project, version, filename, signers } of added) {
    const releases = merged.get(project) ?? new Map<string, PinnedRelease>();
    merged.set(project, releases.set(version, new Map(releases.get(version)).set(filename, signers)));
  }
  return merged;
}
