import { resolve, sep } from "node:path";
import type { Installed } from "../environment/installed.ts";
import type { RecordRow } from "../wheel/record.ts";
import type { Look, Looker } from "./look.ts";
import type { RecordedState, RecordedTask } from "./recorded-state.ts";

export interface RecordedFile {
  readonly installed: Installed;
  readonly row: RecordRow;
  /** Absolute. */
  readonly path: string;
  readonly state: RecordedState;
}

/** So many files are worth to be handed out before all are known. */
const worthHandingOut = 500;

/** A thread that takes a large file last keeps the others waiting. Bytes. */
const large = 1 << 20;

/** Hands out what RECORDs list, while they are read. */
export function startHashing(looker: Looker) {
  const files: Mutable<RecordedFile>[] = [];
  const parts: { readonly files: readonly Mutable<RecordedFile>[]; readonly look: Look<RecordedState> }[] = [];
  let handedOut = 0;
  const handOut = () => {
    const part = files.slice(handedOut);
    const largeFirst = [...part.filter(isLarge), ...part.filter((file) => !isLarge(file))];
    parts.push({ files: largeFirst, look: looker.recorded(largeFirst.map(toTask)) });
    handedOut = files.length;
  };
  return {
    files,
    take(installed: Installed): void {
      for (const row of installed.record ?? [])
        files.push({ installed, row, path: pathOf(installed, row), state: "unreadable" });
      if (files.length - handedOut >= worthHandingOut) handOut();
    },
    handOut,
    async finish(): Promise<readonly RecordedFile[]> {
      // All at once: who waits for the last file of a part helps with no other part.
      const states = await Promise.all(parts.map(({ look }) => look.finish()));
      for (const [part, { files: taken }] of parts.entries()) {
        for (const [at, file] of taken.entries()) file.state = states[part]?.[at] ?? "unreadable";
      }
      return files;
    },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function isLarge({ row: { size = 0 } }: RecordedFile): boolean {
  return size >= large;
}

function toTask({ path, row: { hash } }: RecordedFile): RecordedTask {
  return hash === undefined ? [path] : [path, hash.algorithm, hash.digest];
}

/** Most paths need nothing to be resolved. */
function pathOf({ site }: Installed, { path }: RecordRow): string {
  const isPlain = sep === "/" && !path.startsWith("/") && !/(?:^|\/)(?:\.{0,2})(?:\/|$)/.test(path);
  return isPlain ? `${site}/${path}` : resolve(site, path);
}
