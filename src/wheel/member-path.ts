import { ArtifactError } from "../errors.ts";

/** Names that Windows keeps for devices, whatever the extension ("Naming Files, Paths, and Namespaces"). */
const reservedName = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what we look for
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Refuses member names that are not a plain relative path on every system: what is safe where it is checked has to be
 * safe where it is unpacked.
 * @throws ArtifactError `archive-unsafe-path`
 */
export function checkMemberPath(path: string): void {
  const why = pathProblem(path);
  if (why !== undefined) throw new ArtifactError("archive-unsafe-path", `Member "${path}" ${why}`);
}

function pathProblem(path: string): string | undefined {
  if (path === "") return "has an empty name";
  if (path.includes("\\")) return "has a backslash in its name";
  if (controlCharacter.test(path)) return "has a control character in its name";
  if (path.includes(":")) return "has a colon in its name";
  if (path.startsWith("/")) return "has an absolute path";
  const segments = (path.endsWith("/") ? path.slice(0, -1) : path).split("/");
  return segments.map(segmentProblem).find((why) => why !== undefined);
}

function segmentProblem(segment: string): string | undefined {
  if (segment === "") return "has an empty part in its path";
  if (segment === "." || segment === "..") return `has "${segment}" in its path`;
  if (/[. ]$/.test(segment)) return "has a part that ends in a dot or blank, which Windows drops";
  if (reservedName.test(segment)) return "has a name that Windows reserves";
  return Buffer.byteLength(segment) > 255 ? "has a part longer than file systems allow" : undefined;
}

/** Two names with one key are one file on some system: on those that fold case, or normalise Unicode. */
export function collisionKey(path: string): string {
  return path.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}
