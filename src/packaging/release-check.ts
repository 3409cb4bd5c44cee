import { readFileSync } from "node:fs";
import manifest from "../../package.json" with { type: "json" };

/** What has to agree before something is published. */
export interface Release {
  /** The tag: "v" and the version. */
  readonly tag: string;
  /** Where the workflow runs, as an https URL. */
  readonly repository: string;
  readonly manifest: { readonly version: string; readonly repository?: { readonly url: string } };
  readonly changelog: string;
}

/** What is wrong; nothing when all is well. */
export function releaseProblems({
  tag,
  repository,
  manifest: { version, repository: named },
  changelog,
}: Release): string[] {
  const problems: string[] = [];
  if (tag !== `v${version}`) problems.push(`The tag is "${tag}", package.json has version "${version}"`);
  if (!changelog.split("\n").some((line) => line === `## ${version}` || line.startsWith(`## ${version} `)))
    problems.push(`docs/changelog.md has no heading "## ${version}"`);
  // npm refuses provenance by another repository than the package names.
  const wanted = `git+${repository}.git`;
  if (named?.url !== wanted)
    problems.push(
      `package.json has the repository "${named?.url ?? ""}", this is "${wanted}": npm pkg set repository.url="${wanted}"`,
    );
  return problems;
}

/** `npm run release:check -- TAG REPOSITORY` */
if (import.meta.main) {
  const [tag = "", repository = ""] = process.argv.slice(2);
  const changelog = readFileSync(new URL("../../docs/changelog.md", import.meta.url), "utf8");
  const problems = releaseProblems({ tag, repository, manifest, changelog });
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
