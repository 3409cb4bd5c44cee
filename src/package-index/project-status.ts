import type { ProjectStatus } from "../distribution/artifact.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import type { ProjectPage } from "./page.ts";

/**
 * Marks every file of the page with what the index says of the project (PyPA: project status markers, formerly PEP 792).
 * What that means is for the policy to say: a quarantined project is refused under any. Where there is no file that could
 * be refused, as an index must not list any of a quarantined project, it is a warning.
 * @param leavesOut whether the index lists files that are not on the page, as nobody wanted them
 */
export function withStatus(
  page: ProjectPage,
  projectStatus: ProjectStatus | undefined,
  project: ProjectName,
  leavesOut = false,
): ProjectPage {
  if (projectStatus === undefined || projectStatus.status === "active") return page;
  const marked = { ...page, projectStatus, files: page.files.map((file) => ({ ...file, projectStatus })) };
  if (page.files.length > 0 || leavesOut) return marked;
  const { status, reason } = projectStatus;
  const warning = `The index marks "${project}" as ${status}${reason ? `: ${reason}` : ""}, and lists no file of it`;
  return { ...marked, warnings: [...page.warnings, warning] };
}
