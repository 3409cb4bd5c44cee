import type { Publisher } from "../trust/publisher.ts";
import type { TableReader } from "./table-reader.ts";

export const publisherKinds = ["github", "gitlab", "google", "circleci", "activestate", "email"] as const;

/** Reads the fields of a `[signers.NAME]` of `kind`. All are compared exactly; only `workflow` and `ref` take `*`. */
export function parsePublisher(table: TableReader, kind: Publisher["kind"]): Publisher | undefined {
  switch (kind) {
    case "github":
      return parseGitHub(table);
    case "gitlab":
      return parseGitLab(table);
    case "google":
      return parseGoogle(table);
    case "circleci":
      return parseCircleCi(table);
    case "activestate":
      return parseActiveState(table);
    case "email":
      return parseEmail(table);
  }
}

/** What a field's text must look like, and how that is said. */
interface Form {
  readonly pattern: RegExp;
  readonly words: string;
}

const forms = {
  gitHubRepository: { pattern: /^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/, words: '"OWNER/NAME"' },
  gitLabRepository: { pattern: /^[\w.-]+(?:\/[\w.-]+)+$/, words: '"GROUP/NAME"' },
  gitHubWorkflow: { pattern: /^[^/\\\s]+$/, words: 'the name of a file in .github/workflows, such as "release.yml"' },
  gitLabWorkflow: { pattern: /^[^/\s]\S*$/, words: 'a path in the repository, such as ".gitlab-ci.yml"' },
  ref: { pattern: /^(?:refs\/\S|\*)\S*$/, words: 'a full ref, such as "refs/tags/v1.0" or "refs/heads/main"' },
  id: { pattern: /^[0-9]+$/, words: "digits" },
  uuid: { pattern: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, words: "a UUID in lower case" },
  email: { pattern: /^[^\s@]+@[^\s@]+$/, words: "an e-mail address" },
  issuer: { pattern: /^https:\/\/[^\s/]+\S*$/, words: "the https URL of an OpenID Connect issuer" },
  origin: { pattern: /^[\w.-]+(?:\/[\w.-]+){2,}$/, words: '"HOST/OWNER/NAME", without "https://"' },
  name: { pattern: /^[\w.-]+$/, words: 'a name without "/"' },
  environment: { pattern: /^\S(?:.*\S)?$/, words: "the name of an environment, without spaces around it" },
  word: { pattern: /^\S+$/, words: "a text without spaces" },
} as const satisfies Record<string, Form>;

function parseGitHub(table: TableReader): Publisher | undefined {
  const repository = required(table, "repository", forms.gitHubRepository);
  const rest = workflowFields(table, forms.gitHubWorkflow, ["github-hosted", "self-hosted"]);
  return repository === undefined ? undefined : { kind: "github", repository, ...rest };
}

function parseGitLab(table: TableReader): Publisher | undefined {
  const repository = required(table, "repository", forms.gitLabRepository);
  const rest = workflowFields(table, forms.gitLabWorkflow, ["gitlab-hosted", "self-hosted"]);
  return repository === undefined ? undefined : { kind: "gitlab", repository, ...rest };
}

function workflowFields(table: TableReader, workflow: Form, runners: readonly string[]) {
  return present({
    workflow: pattern(table, "workflow", workflow),
    ref: pattern(table, "ref", forms.ref),
    environment: exact(table, "environment", forms.environment),
    event: exact(table, "event", forms.word),
    runner: table.choice("runner", runners),
    repositoryId: exact(table, "repository-id", forms.id),
    ownerId: exact(table, "owner-id", forms.id),
    builder: exact(table, "builder", forms.word),
  });
}

function parseGoogle(table: TableReader): Publisher | undefined {
  const email = required(table, "email", forms.email);
  return email === undefined ? undefined : { kind: "google", email };
}

function parseCircleCi(table: TableReader): Publisher | undefined {
  const projectId = required(table, "project-id", forms.uuid);
  const pipelineDefinitionId = required(table, "pipeline-definition-id", forms.uuid);
  const rest = present({
    vcsOrigin: exact(table, "vcs-origin", forms.origin),
    vcsRef: exact(table, "vcs-ref", forms.ref),
  });
  if (projectId === undefined || pipelineDefinitionId === undefined) return undefined;
  return { kind: "circleci", projectId, pipelineDefinitionId, ...rest };
}

function parseActiveState(table: TableReader): Publisher | undefined {
  const organization = required(table, "organization", forms.name);
  const project = required(table, "project", forms.name);
  return organization === undefined || project === undefined
    ? undefined
    : { kind: "activestate", organization, project };
}

function parseEmail(table: TableReader): Publisher | undefined {
  const email = required(table, "email", forms.email);
  // An address says nothing without the service that checked it: anybody can run one that confirms any address.
  const issuer = required(table, "issuer", forms.issuer);
  return email === undefined || issuer === undefined ? undefined : { kind: "email", email, issuer };
}

function required(table: TableReader, key: string, form: Form): string | undefined {
  if (!table.has(key)) return table.missing(key, `it is ${form.words}`);
  return exact(table, key, form);
}

function exact(table: TableReader, key: string, form: Form): string | undefined {
  const text = table.text(key);
  if (text?.includes("*")) return table.wrong(key, `"*" is not allowed in "${key}": only "workflow" and "ref" take it`);
  return text === undefined ? undefined : formed(table, key, text, form);
}

function pattern(table: TableReader, key: string, form: Form): string | undefined {
  const text = table.text(key);
  return text === undefined ? undefined : formed(table, key, text, form);
}

function formed(table: TableReader, key: string, text: string, { pattern, words }: Form): string | undefined {
  return pattern.test(text) ? text : table.wrong(key, `"${key}" is "${text}", expected ${words}`);
}

/** Without the fields that are `undefined`. */
function present<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string;
  };
}
