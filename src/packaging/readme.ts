/** Where the sources of a release lie: what package.json has as repository. */
export interface Sources {
  /** `git+https://HOST/OWNER/NAME.git`, as npm writes it; none until there is an owner. */
  readonly repository: string | undefined;
  readonly version: string;
}

/**
 * The README as a registry's page shows it: a page that stands alone, so links and pictures lead to the release's sources.
 * Without a repository they stay as they are.
 */
export function readmeForRegistry(readme: string, { repository, version }: Sources): string {
  const home = homeOf(repository);
  if (home === undefined) return readme;
  return readme.replace(/(?<image>!?)\[(?<words>[^\]]*)\]\((?![a-z]+:|#)(?<path>[^)]+)\)/g, (_, image, words, path) => {
    const place = `${home}/${image === "!" ? "raw" : "blob"}/v${version}/${path}`;
    return `${image}[${words}](${place})`;
  });
}

/** The https address of the repository. */
export function homeOf(repository: string | undefined): string | undefined {
  return /^git\+(?<home>https:\/\/[^?#]+)\.git$/.exec(repository ?? "")?.groups?.home;
}
