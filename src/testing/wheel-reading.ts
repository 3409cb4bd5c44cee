import { inspect } from "node:util";
import { digestOf } from "../distribution/digest.ts";
import { parseFilename, type WheelFilename } from "../distribution/filename.ts";
import { inspectWheel } from "../inspect/inspect-wheel.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { readDistInfo } from "../wheel/dist-info.ts";
import { planLayout } from "../wheel/layout.ts";
import { openArchive } from "../wheel/open-archive.ts";
import { formatRecord } from "../wheel/record.ts";
import type { MadeWheel } from "./make-wheel.ts";

/** What the gate says of a wheel, by ids. */
export interface WheelAnswer {
  /** What is found first; absent when nothing is. */
  readonly finding?: string;
  readonly messages: readonly string[];
  /** `ID: MESSAGE` */
  readonly notices: readonly string[];
}

/** Reads a wheel from end to end, as the gate does. */
export async function judgeWheel({ filename, bytes }: Pick<MadeWheel, "filename" | "bytes">): Promise<WheelAnswer> {
  const source = openShared({ kind: "memory", bytes });
  const { evidence } = await inspectWheel(source, parseFilename(filename) as WheelFilename);
  const problems = evidence.flatMap((each) => (each.outcome === "invalid" ? each.problems : []));
  return {
    ...(problems[0] && { finding: problems[0].id }),
    messages: problems.map(({ message }) => message),
    notices: evidence.flatMap((each) =>
      "notices" in each ? each.notices.map(({ id, message }) => `${id}: ${message}`) : [],
    ),
  };
}

/** All that is read out of a sound wheel, as text: members, contents, where they go, and what `.dist-info` says. */
export function readWheel({ filename, bytes }: Pick<MadeWheel, "filename" | "bytes">): string {
  const archive = openArchive(openShared({ kind: "memory", bytes }));
  const distInfo = readDistInfo(archive, parseFilename(filename) as WheelFilename);
  const contents = archive.entries.map((entry) => [entry.path, digestOf(archive.read(entry)), entry.isExecutable]);
  const places = planLayout(distInfo, archive.entries).map(({ entry, scheme, path }) => [entry.path, scheme, path]);
  return inspect(
    { contents, places, distInfo, record: formatRecord(distInfo.record) },
    { depth: null, maxArrayLength: null, maxStringLength: null },
  );
}
