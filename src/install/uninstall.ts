import type { ProjectName } from "../distribution/project-name.ts";
import type { Environment } from "../environment/environment.ts";
import { type ChangeOptions, changeEnvironment } from "./change.ts";

/**
 * Removes distributions by their RECORDs, all of them or none. Names that are not installed are nobody's.
 * @throws EnvironmentError
 */
export function uninstall(
  names: ReadonlySet<ProjectName>,
  environment: Environment,
  options: ChangeOptions,
): Promise<void> {
  return changeEnvironment(environment, { items: [], leaves: names }, options);
}
