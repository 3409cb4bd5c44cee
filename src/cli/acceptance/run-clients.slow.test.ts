import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeWheel } from "../../testing/make-wheel.ts";
import { pathWith, skipWithoutTool } from "../../testing/python-tools.ts";
import { provenanceOf, python, type Scene, setScene } from "../../testing/scene.ts";

/** PDM and poetry with a project of 20 packages behind the gate. */

const alice = { kind: "github", repository: "acme/alice", workflow: "release.yml" } as const;
const requireAlice =
  'version = 1\n[signers.alice]\nkind = "github"\nrepository = "acme/alice"\n[default]\nattestation = "require"\npublish = { signer = "alice" }\n';
const names = Array.from({ length: 20 }, (_, at) => `package-${at}`);
const clients = ["pdm", "poetry"] as const;
type Client = (typeof clients)[number];

const paths = { pdm: pathWith("pdm"), poetry: pathWith("poetry") };

function skipWithout(client: Client): { skip?: string } {
  return python === undefined ? { skip: "there is no python3 on PATH" } : skipWithoutTool(paths[client], client);
}

/** A project that needs all packages, with an environment. Poetry has written its lock, which it does on its own. */
async function setProject(client: Client, offer: (scene: Scene) => void): Promise<Scene> {
  const scene = await setScene();
  offer(scene);
  const needs = JSON.stringify(names);
  const project = `[project]\nname = "project"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ${needs}\n`;
  const source = `[[tool.poetry.source]]\nname = "index"\nurl = "${scene.index.url}"\npriority = "primary"\n`;
  const own = { pdm: "[tool.pdm]\ndistribution = false\n", poetry: `[tool.poetry]\npackage-mode = false\n${source}` };
  scene.write("pyproject.toml", project + own[client]);
  execFileSync(python ?? "", ["-m", "venv", "--without-pip", join(scene.folder, ".venv")]);
  if (client === "poetry") await lock(scene);
  return scene;
}

/** The index answers in this process. */
function lock(scene: Scene): Promise<void> {
  const env = { ...process.env, ...variables(scene, "poetry") };
  return new Promise((resolve, reject) => {
    execFile("poetry", ["lock"], { cwd: scene.folder, env }, (error, stdout, stderr) =>
      error === null ? resolve() : reject(new Error(stdout + stderr)),
    );
  });
}

const variables = ({ folder }: Scene, client: Client) => ({
  PATH: paths[client],
  HOME: folder,
  VIRTUAL_ENV: join(folder, ".venv"),
  POETRY_VIRTUALENVS_IN_PROJECT: "true",
});

function installed({ folder }: Scene): string[] {
  const lib = join(folder, ".venv/lib");
  const [version = ""] = readdirSync(lib);
  return readdirSync(join(lib, version, "site-packages")).filter((name) => name.endsWith(".dist-info"));
}

for (const client of clients) {
  const argv = ["--", client, "install"];

  test(`run: ${client} installs a project of 20 packages`, skipWithout(client), async () => {
    await using scene = await setProject(client, (scene) => {
      for (const name of names) scene.offer({ name, version: "1.0" });
    });
    const { exitCode, stdout, stderr } = await scene.tspipWith(variables(scene, client), "run", ...argv);
    assert.equal(exitCode, 0, stdout + stderr);
    assert.equal(installed(scene).length, 20);
    assert.match(stderr, /Allowed 20 artifacts/);
  });

  const young = 'version = 1\n[default]\nmin-age = "P7D"\n';
  const cases = {
    "a tampered file": [
      "",
      { files: { "module.py": "" }, altered: { "module.py": "import evil\n" } },
      {},
      "record-mismatch",
    ],
    "a file without the attestation that is required": [requireAlice, {}, { provenance: null }, "attestation-absent"],
    "a file that is too young": [young, {}, { uploadTime: new Date().toISOString() }, "too-new"],
  } as const;
  for (const [what, [policy, bent, offered, finding]] of Object.entries(cases)) {
    test(`run: ${client} does not get ${what}, and the cause is said`, skipWithout(client), async () => {
      await using scene = await setProject(client, (scene) => {
        for (const name of names) {
          const wheel = makeWheel({ name, version: "1.0", ...(name === "package-7" && bent) });
          const old = { provenance: provenanceOf(wheel, alice), uploadTime: "2020-01-01T00:00:00Z" };
          scene.index.add({ ...wheel, ...old, ...(name === "package-7" && offered) });
        }
      });
      scene.write("policy.toml", policy === "" ? "version = 1\n[default]\n" : policy);
      const { exitCode, stderr } = await scene.tspipWith(
        variables(scene, client),
        "run",
        "--policy",
        "policy.toml",
        ...argv,
      );
      assert.equal(exitCode, 1, stderr);
      assert.match(stderr, new RegExp(`refused package_7-1\\.0-py3-none-any\\.whl\n[^]*? +error\\[${finding}\\]`));
      assert.equal(
        installed(scene).some((name) => name.startsWith("package_7-")),
        false,
      );
    });
  }
}

/** Pages as the index has them, but for poetry, to which it lists only what `isShown` says. */
function listToPoetry(scene: Scene, isShown: (filename: string) => boolean): void {
  scene.index.format = "html";
  scene.index.fault = (request, response) => {
    const isPage = request.url?.startsWith("/simple/") === true;
    if (!isPage || !/poetry/.test(request.headers["user-agent"] ?? "")) return false;
    const links = names.flatMap((name) => filesOf(name).filter(isShown));
    response.writeHead(200, { "content-type": "text/html" });
    response.end(links.map((file) => `<a href="${scene.index.origin}/files/${file}">${file}</a>`).join("\n"));
    return true;
  };
}

const filesOf = (name: string) => {
  const release = `${name.replace("-", "_")}-1.0`;
  return [`${release}-py3-none-any.whl`, `${release}-py2.py3-none-any.whl`, `${release}.tar.gz`];
};

test(
  "run: poetry is given no file that was not judged, whatever the index lists to it",
  skipWithout("poetry"),
  async () => {
    await using scene = await setProject("poetry", (scene) => {
      for (const name of names) {
        const wheel = makeWheel({ name, version: "1.0", tag: "py3-none-any" });
        scene.index.add({ ...wheel, provenance: provenanceOf(wheel, alice) });
      }
      const other = makeWheel({ name: "package-7", version: "1.0", tag: "py2.py3-none-any" });
      scene.index.add({ ...other, provenance: null });
      scene.index.add({ filename: "package_8-1.0.tar.gz", bytes: Buffer.from("not looked at") });
    });
    scene.write("policy.toml", requireAlice);
    const run = () =>
      scene.tspipWith(
        variables(scene, "poetry"),
        "run",
        "--policy",
        "policy.toml",
        "--",
        "poetry",
        "install",
        "--no-cache",
      );
    const unattested = await run();
    assert.equal(unattested.exitCode, 1, unattested.stderr);
    assert.match(unattested.stderr, /refused package_7-1\.0-py2\.py3-none-any\.whl/);

    scene.write("policy.toml", "version = 1\n[default]\n");
    listToPoetry(scene, (file) => file.endsWith(".tar.gz"));
    const built = await run();
    assert.notEqual(built.exitCode, 0);
    assert.match(built.stdout + built.stderr, /Unable to find installation candidates/);
    assert.deepEqual(installed(scene), []);
  },
);
