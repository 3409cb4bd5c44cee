import { normalizeProjectName } from "../distribution/project-name.ts";
import { parseVersion } from "../distribution/version.ts";
import { EnvironmentError } from "../errors.ts";
import type { Pin } from "./engine.ts";

/** One `NAME==VERSION` a line. */
export function formatPins(pins: readonly Pin[]): string {
  return pins.map(({ name, version }) => `${name}==${version.text}\n`).join("");
}

/**
 * Reads what an engine chose. Anything but pins is none of what we asked for.
 * @throws EnvironmentError `resolver-failed`
 */
export function parsePins(text: string): Pin[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/(?:^|\s+)#.*$/, "").trim());
  return lines.filter((line) => line !== "").map(parsePin);
}

function parsePin(line: string): Pin {
  const { name, version } = /^(?<name>[\w.-]+)(?:\[[^\]]*\])?==(?<version>[^\s;]+)$/.exec(line)?.groups ?? {};
  if (name === undefined || version === undefined)
    throw new EnvironmentError("resolver-failed", `The resolver's answer has a line that is no pin: "${line}"`);
  return { name: normalizeProjectName(name), version: parseVersion(version) };
}
