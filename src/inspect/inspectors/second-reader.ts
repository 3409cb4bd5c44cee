import { ArtifactError } from "../../errors.ts";
import type { Archive } from "../../wheel/archive.ts";
import type { DistInspector } from "../inspector.ts";

/** With `--second-opinion`, wheels are read by yauzl as well. What reads them is loaded with the first wheel. */
export const secondReader: DistInspector = {
  name: "second-reader",
  async pre_extract({ ref: { filename }, bytes }) {
    if (filename.kind !== "wheel") return [];
    const [{ openArchive }, { differenceOfReadings }] = await Promise.all([
      import("../../wheel/open-archive.ts"),
      import("../second-reading.ts"),
    ]);
    const archive = orNothing(() => openArchive(bytes));
    const difference = archive && (await differenceOfReadings(archive, bytes));
    if (difference === undefined) return [];
    const message = `"${filename.text}": ${difference}`;
    return [{ kind: "archive", outcome: "invalid", problems: [{ id: "second-opinion-disagrees", message }] }];
  },
};

/** What is wrong with an archive that we cannot read ourselves is said by the inspector of wheels. */
function orNothing(open: () => Archive): Archive | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof ArtifactError) return undefined;
    throw error;
  }
}
