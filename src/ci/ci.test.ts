import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { parse } from "yaml";
import { type FakeIndex, startFakeIndex } from "../testing/fake-index.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { createSigningAuthority } from "../testing/signing-authority.ts";
import { temporaryFolder } from "../testing/tree.ts";
import type { TestPublisher } from "../testing/trusted-publishers.ts";

/** What CI systems read is parsed, and the shell in it is run as they would run it. */

const root = new URL("../../", import.meta.url).pathname;
const read = (name: string) => parse(readFileSync(join(root, name), "utf8"));

/** Without it the scripts would build, which takes a network and a while. */
const needsBuild = existsSync(join(root, "dist/main.cjs")) ? {} : { skip: "tspip is not built: npm run build" };

const authority = createSigningAuthority();
const alice: TestPublisher = { kind: "github", repository: "acme/alice", workflow: "release.yml", ref: "refs/tags/v1" };
const [signed, unsigned] = [makeWheel(), makeWheel({ version: "2.0" })];

interface Repository extends AsyncDisposable {
  readonly path: string;
  readonly index: FakeIndex;
  readonly commit: string;
}

/** A repository whose lock file has a signed release in its commit, and its unsigned successor in the work tree. */
async function makeRepository(): Promise<Repository> {
  const folder = temporaryFolder();
  const index = await startFakeIndex();
  const { path } = folder;
  const attestation = authority.attest({ ...signed, publisher: alice });
  const provenance = authority.provenance([{ publisher: alice, attestations: [attestation] }]);
  index.add({ ...signed, provenance: JSON.stringify(provenance) });
  index.add({ ...unsigned, provenance: null });
  const lock = ({ filename, sha256 }: typeof signed) => `lock-version = "1.0"
created-by = "test"
[[packages]]
name = "example"
version = "${filename.split("-")[1]}"
index = "${index.url}"
wheels = [{ url = "${index.origin}/files/${filename}", hashes = { sha256 = "${sha256}" } }]
`;
  mkdirSync(join(path, "app"));
  writeFileSync(join(path, "root.json"), authority.trustedRootJson);
  writeFileSync(join(path, "app/pylock.toml"), lock(signed));
  const git = (...argv: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...argv], {
      cwd: path,
      encoding: "utf8",
    });
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "lock");
  const commit = git("rev-parse", "HEAD").trim();
  writeFileSync(join(path, "app/pylock.toml"), lock(unsigned));
  return {
    path,
    index,
    commit,
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** Runs a script as GitHub and GitLab do, in the folder `app` of the repository. */
async function runShell({ path, index }: Repository, script: string, env: Record<string, string>) {
  const all = {
    PATH: process.env.PATH,
    HOME: path,
    PIP_CONFIG_FILE: "/dev/null",
    PIP_INDEX_URL: index.url,
    GITHUB_WORKSPACE: path,
    GITHUB_OUTPUT: join(path, "output"),
    GITHUB_STEP_SUMMARY: join(path, "summary.md"),
    GITHUB_ACTION_PATH: root,
    TSPIP_ARGUMENTS: "--trusted-root\n../root.json",
    ...env,
  };
  const command = ["--noprofile", "--norc", "-eo", "pipefail", "-c", script];
  try {
    const { stdout } = await promisify(execFile)("bash", command, { cwd: join(path, "app"), env: all });
    return { exitCode: 0, stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exitCode: code, stdout: stdout + stderr };
  }
}

const action = read("action.yml");
const [step] = action.runs.steps;

/** What GitHub puts in for `${{ inputs.NAME }}`; other expressions have no place in the step. */
function actionEnv(inputs: Record<string, string>): Record<string, string> {
  const fill = (text: string) =>
    text.replace(/\$\{\{ inputs\.([a-z-]+) \}\}/g, (_, name: string) => {
      assert.ok(name in action.inputs, `there is no input "${name}"`);
      return { arguments: "--trusted-root\n../root.json", ...inputs }[name] ?? "";
    });
  return Object.fromEntries(Object.entries<string>(step.env).map(([name, text]) => [name, fill(text)]));
}

test("the action hands inputs on in variables: none stands in its script", () => {
  assert.equal(action.runs.using, "composite");
  assert.equal(action.runs.steps.length, 1);
  assert.doesNotMatch(step.run, /\$\{\{/);
});

test("the action refuses a lock file whose release lost its signer, at its line", needsBuild, async () => {
  await using repository = await makeRepository();
  const env = actionEnv({ lock: "pylock.toml", "compare-with": repository.commit, sarif: "r.sarif", html: "r.html" });
  const { exitCode, stdout } = await runShell(repository, step.run, env);
  assert.equal(exitCode, 1, stdout);
  assert.match(stdout, /^::error file=app\/pylock\.toml,line=3,title=The new release has lost its signer/m);
  assert.equal(readFileSync(join(repository.path, "output"), "utf8"), "exit-code=1\n");
  assert.match(readFileSync(join(repository.path, "summary.md"), "utf8"), /signer lost/);
  for (const file of ["r.sarif", "r.html"]) assert.ok(existsSync(join(repository.path, "app", file)));
});

test("the action without a commit to compare with judges the lock file; a wrong one fails", needsBuild, async () => {
  await using repository = await makeRepository();
  const allowed = await runShell(repository, step.run, actionEnv({ lock: "pylock.toml" }));
  assert.equal(allowed.exitCode, 0, allowed.stdout);
  assert.match(allowed.stdout, /Allowed 1 artifact/);
  for (const base of ["0".repeat(40), "--upload-pack=touch pwned", "$(touch pwned)"]) {
    const { exitCode } = await runShell(repository, step.run, actionEnv({ lock: "pylock.toml", "compare-with": base }));
    assert.equal(exitCode, 2, base);
  }
  const lock = await runShell(repository, step.run, actionEnv({ lock: "$(touch pwned)" }));
  assert.match(lock.stdout, /there is no lock file "\$\(touch pwned\)"/);
  assert.equal(existsSync(join(repository.path, "app/pwned")), false);
});

test(
  "the gate does not take a folder that looks like a repository of git for one: its settings name programs",
  needsBuild,
  async () => {
    await using repository = await makeRepository();
    const app = join(repository.path, "app");
    execFileSync("git", ["init", "--quiet", "--bare", join(repository.path, "bare")]);
    for (const part of ["HEAD", "objects", "refs"])
      cpSync(join(repository.path, "bare", part), join(app, part), { recursive: true });
    const remote = `[remote "origin"]\n\turl = "ext::touch ${join(app, "pwned")}"\n`;
    writeFileSync(join(app, "config"), `[core]\n\tbare = true\n[protocol "ext"]\n\tallow = always\n${remote}`);
    const env = actionEnv({ lock: "pylock.toml", "compare-with": "f".repeat(40) });
    const { exitCode } = await runShell(repository, step.run, env);
    assert.equal(existsSync(join(app, "pwned")), false);
    assert.equal(exitCode, 2);
  },
);

test("the action takes requirements files", needsBuild, async () => {
  await using repository = await makeRepository();
  writeFileSync(join(repository.path, "app/a.txt"), "example==1.0\n");
  const { exitCode, stdout } = await runShell(repository, step.run, actionEnv({ requirements: "a.txt\n" }));
  assert.equal(exitCode, 0, stdout);
  assert.match(stdout, /example-1\.0-py3-none-any\.whl/);
  const both = await runShell(repository, step.run, actionEnv({ requirements: "a.txt", lock: "pylock.toml" }));
  assert.equal(both.exitCode, 2);
});

test("the pre-commit hook verifies the files it is given, and matches lock files only", needsBuild, async () => {
  const [hook] = read(".pre-commit-hooks.yaml");
  const files = new RegExp(hook.files);
  for (const name of ["uv.lock", "a/poetry.lock", "pylock.toml", "pylock.dev.toml", "Pipfile.lock"])
    assert.match(name, files);
  for (const name of ["package-lock.json", "my-uv.lock.txt", "pyproject.toml"]) assert.doesNotMatch(name, files);

  await using repository = await makeRepository();
  const script = `'${join(root, hook.entry)}' --trusted-root ../root.json -- pylock.toml`;
  const { exitCode, stdout } = await runShell(repository, script, {});
  assert.equal(exitCode, 0, stdout);
  const broken = await runShell(repository, `'${join(root, hook.entry)}' pylock.toml absent.lock`, {});
  assert.equal(broken.exitCode, 2);
});

test("the GitLab job runs the gate of the commit that is pinned", needsBuild, async () => {
  const job = read("docs/ci/tspip.gitlab-ci.yml")[".tspip-verify"];
  await using repository = await makeRepository();
  const variables = { ...job.variables, TSPIP_LOCK: "pylock.toml", TSPIP_BASE: repository.commit };
  const unset = await runShell(repository, job.script.join("\n"), variables);
  assert.equal(unset.exitCode, 2);
  assert.match(unset.stdout, /Set TSPIP_REPOSITORY and TSPIP_COMMIT/);
  // The clone and its build are git's and npm's; the last line is ours.
  const last = `tspip='${root}'\n${job.script.at(-1)}`;
  const { exitCode, stdout } = await runShell(repository, last, variables);
  assert.equal(exitCode, 1, stdout);
  assert.match(readFileSync(join(repository.path, "app/tspip-junit.xml"), "utf8"), /signer-lost/);
});
