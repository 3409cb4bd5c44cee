import type { ProjectName } from "../distribution/project-name.ts";
import type { Environment } from "../environment/environment.ts";
import { type ChangeOptions, changeEnvironment } from "./change.ts";
import type { InstallItem } from "./install-item.ts";

/**
 * Installs all items in one transaction; other versions of the same projects leave in the same step. When anything
 * fails, the environment is as it was.
 * @throws EnvironmentError, ArtifactError
 */
export function install(
  items: readonly InstallItem[],
  environment: Environment,
  options: ChangeOptions,
): Promise<void> {
  const arriving = new Set<ProjectName>(items.map(({ artifact }) => artifact.ref.filename.name));
  return changeEnvironment(environment, { items, leaves: arriving }, options);
}
