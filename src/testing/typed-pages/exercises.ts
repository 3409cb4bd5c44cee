import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../service/database.ts";
import { openSqlite } from "../../service/sqlite.ts";
import { needsPip, offerOwnPip, offTheNet } from "../bundled-pip.ts";
import { startFakeIndex } from "../fake-index.ts";
import { startFakeUploadServer } from "../fake-upload-server.ts";
import { freePort } from "../free-port.ts";
import { uvLockOf } from "../lock-texts.ts";
import { makeWheel } from "../make-wheel.ts";
import { provenanceOf } from "../scene.ts";
import type { Exercise } from "./exercise.ts";
import {
  activePip,
  advisory,
  draftedKeyring,
  isThere,
  link,
  makeKeys,
  must,
  offer,
  offerThree,
  offerUsual,
  passphrase,
  project,
  publicIndex,
  publisher,
  pythonVersion,
  typedPassphrase,
  withPip,
  withUv,
} from "./parts.ts";

/** Every page, or section of one, that is typed. */
export const exercises: readonly Exercise[] = [
  {
    page: "README.md",
    heading: "What a refusal looks like",
    prepare: (scene) => link(scene, "testdata"),
    isReal: true,
    exits: { "npx tspip verify": 1 },
  },
  {
    page: "README.md",
    heading: "Use it",
    skip: withPip ?? withUv,
    async prepare(scene) {
      const { flask, click } = offerUsual(scene);
      scene.write("requirements.txt", "flask==3.1.2\nclick==8.3.0\n");
      scene.write("pyproject.toml", project);
      scene.write("old.lock", uvLockOf(scene.index, click));
      scene.write("uv.lock", uvLockOf(scene.index, flask, click));
      const thing = makeWheel({ name: "thing", version: "1.0" });
      scene.write(`dist/${thing.filename}`, thing.bytes);
      await makeKeys(scene, "release.pem", "desk.pem");
      const server = await startFakeUploadServer();
      return {
        instead: [["publish dist/", `publish dist/ --repository-url ${server.url}`]],
        env: { TSPIP_PUBLISH_TOKEN: "pypi-secret" },
        end: () => server[Symbol.asyncDispose](),
      };
    },
  },
  {
    page: "docs/tour.md",
    skip: withPip,
    prepare: (scene) => link(scene, "testdata"),
    isReal: true,
    exits: { "npx tspip verify tour/": 1, "npx tspip audit": 1 },
  },
  {
    page: "docs/guides/ci-gate.md",
    skip: withPip,
    prepare(scene) {
      const { flask, click, requests } = offerUsual(scene);
      scene.write("old.lock", uvLockOf(scene.index, click, requests));
      scene.write("uv.lock", uvLockOf(scene.index, click, flask, requests));
    },
  },
  {
    page: "docs/guides/private-index.md",
    skip: withPip,
    async prepare(scene) {
      offerUsual(scene);
      const own = await startFakeIndex();
      own.add(makeWheel({ name: "acme-billing", version: "1.0" }));
      // Somebody has registered the name on the public index.
      const stray = offer(scene, { name: "acme-billing", version: "99.0" }, "mallory/billing");
      scene.write(`downloads/${stray.filename}`, stray.bytes);
      return {
        instead: [["https://packages.example.com/simple/", own.url]],
        end: () => own[Symbol.asyncDispose](),
      };
    },
  },
  {
    page: "docs/guides/air-gap.md",
    skip: withPip,
    async prepare(scene) {
      offerUsual(scene);
      scene.write("requirements.txt", "flask==3.1.2\nclick==8.3.0\n");
      scene.write("policy.toml", 'version = 1\n[default]\nattestation = "require"\n');
      scene.write("ours.toml", 'version = 1\n[default]\nattestation = "require"\nhashes = "any"\n');
      await makeKeys(scene, "stranger.pem");
      const strangers = ["flask==3.1.2", "click==8.3.0", "--bundle", "found.zip", "--key", "stranger.pem"];
      await must(scene.tspip("download", ...strangers));
      return { env: typedPassphrase };
    },
  },
  {
    page: "docs/guides/team-service.md",
    skip: withPip,
    async prepare(scene) {
      offerUsual(scene);
      return { instead: [publicIndex(scene), ["8080", String(await freePort())]], ...activePip(scene) };
    },
  },
  {
    page: "docs/guides/audit.md",
    skip: withPip,
    async prepare(scene) {
      offerUsual(scene);
      await must(scene.tspip("install", "--venv", ".venv", "requests==2.32.5"));
      scene.write("policy.toml", "version = 1\n");
      scene.write("advisories/PYSEC-0.json", advisory);
    },
  },
  {
    page: "docs/guides/extension.md",
    skip: withPip,
    prepare(scene) {
      offer(scene, { name: "itsdangerous", version: "2.2.0" });
      offer(scene, { name: "flask", version: "3.1.3", files: { "flask/app.py": randomBytes(60_000) } });
    },
  },
  {
    page: "docs/audit.md",
    skip: withPip,
    async prepare(scene) {
      offerUsual(scene);
      await must(scene.tspip("install", "--venv", ".venv", "requests==2.32.5"));
      for (const name of ["a", "b"]) scene.write(`lib/${name}/module.py`, "");
      scene.write("policy.toml", "version = 1\n");
      scene.write("advisories/PYSEC-0.json", advisory);
      return { instead: [["/srv", scene.folder]] };
    },
  },
  {
    page: "docs/bootstrap.md",
    heading: "Bootstrapping: a pip that somebody vouches for",
    skip: needsPip.skip,
    prepare: (scene) => ({ instead: [["26.3", offerOwnPip(scene)]] }),
  },
  {
    page: "docs/bootstrap.md",
    heading: "When it fails",
    skip: needsPip.skip,
    prepare: () => ({
      env: { ...offTheNet, TSPIP_INDEX_URL: "https://pypi.org/simple/" },
      instead: [
        ["getaddrinfo ENOTFOUND pypi.org", "connect ECONNREFUSED 127.0.0.1:9"],
        ["Python 3.11", `Python ${pythonVersion()}`],
      ],
    }),
    exits: { "tspip bootstrap": 3 },
  },
  {
    page: "docs/cli.md",
    heading: "tspip policy init",
    skip: withPip,
    prepare: offerThree,
  },
  {
    page: "docs/cli.md",
    heading: "tspip policy explain",
    prepare: (scene) => link(scene, "policies"),
  },
  {
    page: "docs/cli.md",
    heading: "tspip policy test",
    prepare(scene) {
      const signer = { kind: "github", repository: "acme/demo" };
      scene.write(
        "policy.toml",
        `version = 1
[signers.demo]
kind = "github"
repository = "acme/demo"
[default]
attestation = "require"
publish = { signer = "demo" }
`,
      );
      const caseOf = (title: string, workflow: string, decision: string) => ({
        title,
        artifact: { filename: "demo-1.0-py3-none-any.whl" },
        attestations: [{ publish: { ...signer, workflow } }],
        expect: { decision },
      });
      const others = Array.from({ length: 11 }, (_, at) => caseOf(`Workflow ${at}`, `${at}.yml`, "allow"));
      const failing = caseOf("The right repository, another workflow", "other.yml", "deny");
      scene.write("cases.json", JSON.stringify([failing, ...others]));
    },
    exits: { "tspip policy test": 1 },
  },
  {
    page: "docs/cli.md",
    heading: "tspip policy diff",
    prepare(scene) {
      scene.write("main/policy.toml", 'version = 1\n[default]\nattestation = "require"\n');
      const denied = '[[floor.deny]]\nname = "litellm"\nversion = "==1.82.7"\n';
      scene.write("policy.toml", `version = 1\n${denied}[default]\nattestation = "if-present"\n`);
    },
    exits: { "tspip policy diff": 1 },
  },
  {
    page: "docs/cli.md",
    heading: "Coverage",
    skip: withPip,
    prepare(scene) {
      offerThree(scene);
      const later = 'mode = "warn"\nenforce-after = 2027-01-01\n';
      scene.write("policy.toml", `version = 1\n[default]\nattestation = "require"\n${later}`);
    },
  },
  {
    page: "docs/cli.md",
    heading: "Verification summaries",
    skip: withPip,
    async prepare(scene) {
      offer(scene, { name: "alpha", version: "1.0" });
      await makeKeys(scene, "ci.key");
      await must(scene.tspip("lock", "alpha==1.0"));
      scene.write("strict.toml", 'version = 1\n[default]\nattestation = "require"\n');
      scene.write(
        "production.toml",
        `version = 1
[signers.ci]
kind = "key"
key = """
${readFileSync(join(scene.folder, "ci.key.pub"), "utf8")}"""
[default]
attestation = "ignore"
summary = { signer = "ci", verifier = "https://acme.example/gate" }
`,
      );
    },
  },
  {
    page: "docs/cli.md",
    heading: "Comparing two lock files",
    skip: withPip,
    prepare(scene) {
      const { flask, click } = offerUsual(scene);
      scene.write("uv.lock", uvLockOf(scene.index, click));
      const git = (...argv: string[]) => execFileSync("git", argv, { cwd: scene.folder, stdio: "ignore" });
      git("init", "-q");
      git("add", "uv.lock");
      git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "lock");
      git("update-ref", "refs/remotes/origin/main", "HEAD");
      scene.write("uv.lock", uvLockOf(scene.index, click, flask));
    },
  },
  {
    page: "docs/keyring.md",
    heading: "Begin",
    async prepare(scene) {
      await makeKeys(scene, "root2.pem", "root3.pem", "daily.pem", "alice.pem", "bob.pem");
      return { env: typedPassphrase };
    },
  },
  {
    page: "docs/keyring.md",
    heading: "Every day",
    async prepare(scene) {
      await draftedKeyring(scene);
      scene.write("credentials/daily", passphrase);
      return { env: { CREDENTIALS: join(scene.folder, "credentials") } };
    },
  },
  {
    page: "docs/keyring.md",
    heading: "What to type when",
    apart: true,
    async prepare(scene) {
      await draftedKeyring(scene);
      const wheel = makeWheel({ name: "demo" });
      scene.write(`dist/${wheel.filename}`, wheel.bytes);
    },
  },
  {
    page: "docs/publish.md",
    async prepare(scene) {
      const server = await startFakeUploadServer();
      const wheel = makeWheel({ name: "app", version: "1.0", files: { "app.py": "" } });
      scene.write(`dist/${wheel.filename}`, wheel.bytes);
      const [attestation] = JSON.parse(provenanceOf(wheel, publisher("acme/app"))).attestation_bundles[0].attestations;
      scene.write(`dist/${wheel.filename}.publish.attestation`, JSON.stringify(attestation));
      return {
        instead: [
          ["tspip publish dist/", `tspip publish dist/ --repository-url ${server.url}`],
          ["https://upload.pypi.org/legacy/", server.url],
        ],
        env: { TSPIP_PUBLISH_TOKEN: "pypi-secret" },
        end: () => server[Symbol.asyncDispose](),
      };
    },
  },
  {
    page: "docs/serve.md",
    heading: "State",
    skip: isThere("sqlite3") ? undefined : "there is no sqlite3",
    async prepare(scene) {
      const sql = await openSqlite(join(scene.folder, "tspip.sqlite"));
      await openDatabase(sql, () => new Date());
      await sql[Symbol.asyncDispose]();
    },
  },
  {
    page: "docs/run.md",
    skip: withPip ?? withUv,
    prepare(scene) {
      offerUsual(scene);
      scene.write("requirements.txt", "flask==3.1.2\n");
      scene.write("policy.toml", 'version = 1\n[default]\nattestation = "require"\n');
      scene.write("pyproject.toml", project);
      return activePip(scene);
    },
  },
];

/** Sections with commands that nobody types here, and why. */
export const untyped: readonly { readonly page: string; readonly heading: string; readonly why: string }[] = [
  { page: "README.md", heading: "Try it", why: "CI types both commands in a fresh clone" },
  {
    page: "docs/install.md",
    heading: "Install tspip",
    why: "it installs into the user's own folders; the packages' own tests do it elsewhere",
  },
  {
    page: "docs/install.md",
    heading: "Is it the right file?",
    why: "nothing is published yet, so there is nothing to verify",
  },
  {
    page: "docs/serve.md",
    heading: "tspip serve: the gate as a package index for a team",
    why: "guides/team-service.md types it",
  },
  { page: "docs/serve.md", heading: "Clients", why: "guides/team-service.md types it" },
  {
    page: "docs/ext.md",
    heading: "Example: a deny list, in Python",
    why: "src/cli/acceptance/ext-docs.test.ts types it",
  },
  {
    page: "docs/ext.md",
    heading: "Example: a table of licences, in TypeScript",
    why: "src/cli/acceptance/ext-docs.test.ts types it",
  },
];
