import { type Archive, bytesToRead } from "./archive.ts";
import type { WheelNotice } from "./notice.ts";
import { isCodeLine, pathFileLines } from "./path-file.ts";
import { type Placement, sitePaths } from "./placement.ts";

/** A file in site-packages that Python reads at every start: path files, PEP 829's start files, and two modules. */
const startupFile = /^(?:[^/]+\.(?:pth|start)|(?:site|user)customize(?:\.py|\/__init__\.py|\.[^/]*\.(?:so|pyd)))$/;

/** Bytes. No real path file comes near: a longer one is said to hold code, unread. */
const maxBytes = 1 << 20;

/**
 * Says which files make Python run code of the wheel, or look elsewhere for modules, whenever it starts: whether or not
 * anything of the wheel is imported. Good projects do that, and so did the malicious litellm 1.82.8.
 */
export function startupNotices(archive: Archive, placements: readonly Placement[]): WheelNotice[] {
  return placements.flatMap((placement): WheelNotice[] => {
    const { entry } = placement;
    if (!sitePaths(placement).some((path) => startupFile.test(path))) return [];
    const isCode = !entry.path.endsWith(".pth") || bytesToRead(entry) > maxBytes || hasImport(archive.read(entry));
    const effect = isCode ? "runs code whenever Python starts" : "changes where Python looks for modules";
    return [{ id: "wheel-startup-code", severity: "note", message: `"${entry.path}" ${effect}` }];
  });
}

function hasImport(bytes: Buffer): boolean {
  return pathFileLines(bytes.toString("utf8")).some(isCodeLine);
}
