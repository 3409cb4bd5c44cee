import type { ProjectName } from "../distribution/project-name.ts";
import type { ProjectPage } from "./page.ts";

/** The state of a project as its index marks it (PyPA: project status markers, formerly PEP 792). */
export interface ProjectStatus {
  readonly status: string;
  readonly reason?: string;
}

/**
 * Says what the index says of the project. Of a quarantined one nothing is offered: the index must not, and should it
 * do so nevertheless, we do not take it.
 */
export function heedStatus(page: ProjectPage, status: ProjectStatus | undefined, project: ProjectName): ProjectPage {
  if (status === undefined || status.status === "active") return page;
  const reason = status.reason ? `: ${status.reason}` : "";
  const warnings = [...page.warnings, `The index marks "${project}" as ${status.status}${reason}`];
  if (status.status !== "quarantined") return { ...page, warnings };
  const withheld = page.files.map(({ filename }) => ({
    filename: filename.text,
    reason: "the index has quarantined the project",
  }));
  return { files: [], skipped: [...page.skipped, ...withheld], warnings };
}
