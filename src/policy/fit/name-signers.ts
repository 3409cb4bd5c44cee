import type { ProjectName } from "../../distribution/project-name.ts";
import type { Publisher } from "../../trust/publisher.ts";

/** A signer with a name of its own, and the projects whose files it attested. */
export interface NamedSigner {
  readonly name: string;
  readonly publisher: Publisher;
  readonly projects: readonly ProjectName[];
}

/** Names each signer once: by its project where it is that project's only one, else by what it is. */
export function nameSigners(
  projects: readonly { readonly name: ProjectName; readonly publishers: readonly Publisher[] }[],
): NamedSigner[] {
  const pairs = projects.flatMap(({ name, publishers }) =>
    publishers.map((publisher) => ({ name, publisher, key: JSON.stringify(publisher) })),
  );
  const signersOf = new Map(projects.map(({ name, publishers }) => [name, new Set(publishers.map(keyOf)).size]));
  const taken = new Set<string>();
  return [...Map.groupBy(pairs, ({ key }) => key).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const names = [...new Set(group.map(({ name }) => name))];
    const isItsOnlyOne = names.length === 1 && signersOf.get(first.name) === 1;
    const wanted = keyName(isItsOnlyOne ? first.name : meaningOf(first.publisher));
    return [{ name: claim(wanted, taken), publisher: first.publisher, projects: names }];
  });
}

function keyOf(publisher: Publisher): string {
  return JSON.stringify(publisher);
}

function meaningOf(publisher: Publisher): string {
  switch (publisher.kind) {
    case "github":
    case "gitlab":
      return [publisher.repository, publisher.workflow?.replace(/\.ya?ml$/, "")].filter(Boolean).join("-");
    case "google":
    case "email":
      return publisher.email;
    case "circleci":
      return `circleci-${publisher.projectId}`;
    case "activestate":
      return `${publisher.organization}-${publisher.project}`;
  }
}

/** A bare key of TOML. */
function keyName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

function claim(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count += 1) name = `${wanted}-${count}`;
  taken.add(name);
  return name;
}
