import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { pylockOf } from "../../testing/lock-texts.ts";
import { python, type Scene, setScene, skipWithout } from "../../testing/scene.ts";

/** What the user says of a file holds, wherever it stands: in a URL, in a constraints file, beside another requirement. */

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};
const otherDigest = "0".repeat(64);

/** `alpha` 1.0 on the index and in the folder. */
async function offerAlpha() {
  const scene = await setScene();
  const wheel = scene.offer({ name: "alpha", version: "1.0" });
  scene.write(wheel.filename, wheel.bytes);
  const local = pathToFileURL(join(scene.folder, wheel.filename)).href;
  return { scene, wheel, local, remote: `${scene.index.origin}/files/${wheel.filename}` };
}

/** A command line that verifies what stands in `requirements.txt`, under what stands in `constraints.txt`. */
function under(scene: Scene, requirements: string, constraints: string): Promise<{ exitCode: number; stderr: string }> {
  scene.write("requirements.txt", `${requirements}\n`);
  scene.write("constraints.txt", `${constraints}\n`);
  return scene.tspip("verify", "-r", "requirements.txt", "-c", "constraints.txt");
}

test("a digest in the fragment of a file's URL is a pin", async () => {
  const { scene, wheel, local } = await offerAlpha();
  await using _ = scene;
  const { exitCode, stdout } = await scene.tspip("verify", `${local}#sha256=${otherDigest}`);
  assert.equal(exitCode, 1);
  assert.match(stdout, /error\[hash-mismatch\]/);
  const fitting = await scene.tspip("verify", "--require-hashes", `${local}#sha256=${wheel.sha256}`);
  assert.equal(fitting.exitCode, 0, fitting.stderr);
});

test("a digest in a URL that cannot be compared is a mistake, and not passed over", needsPython, async () => {
  const { scene, wheel, local, remote } = await offerAlpha();
  await using _ = scene;
  const { sha256 } = wheel;
  for (const fragment of [
    "sha256=abc",
    `sha256=${sha256}0`,
    `md5=${"0".repeat(32)}`,
    `SHA256=${sha256}`,
    `sha256%3D${sha256}`,
    `egg=alpha&sha1=${"0".repeat(40)}`,
  ]) {
    for (const word of [`${local}#${fragment}`, `alpha @ ${local}#${fragment}`, `${remote}#${fragment}`]) {
      const { exitCode, stderr } = await scene.tspip("verify", word);
      assert.equal(exitCode, 2, word);
      assert.match(stderr, /is no sha256, sha384 or sha512/);
    }
  }
  assert.equal((await scene.tspip("verify", `${remote}#egg=alpha&sha256=${sha256}`)).exitCode, 0);
});

test("--hash with more behind the digest is a mistake", async () => {
  const { scene, wheel } = await offerAlpha();
  await using _ = scene;
  const { exitCode, stderr } = await under(scene, `alpha==1.0 --hash=sha256:${wheel.sha256}:${otherDigest}`, "");
  assert.equal(exitCode, 2);
  assert.match(stderr, /requirements\.txt:1: --hash=/);
});

test("a hash in a constraints file must be that of the bytes, whatever asks for them", needsPython, async () => {
  const { scene, wheel, local, remote } = await offerAlpha();
  await using _ = scene;
  for (const asked of ["alpha==1.0", local, remote, `alpha @ ${remote}`]) {
    const other = await under(scene, asked, `alpha==1.0 --hash=sha256:${otherDigest}`);
    assert.equal(other.exitCode, 1, asked + other.stderr);
    const own = await under(scene, asked, `alpha==1.0 --hash=sha256:${wheel.sha256}`);
    assert.equal(own.exitCode, 0, asked + own.stderr);
    const elsewhere = await under(scene, asked, `alpha==1.0 ; python_version < "3" --hash=sha256:${otherDigest}`);
    assert.equal(elsewhere.exitCode, 0, asked + elsewhere.stderr);
  }
});

test("a hash in a constraints file holds for what an engine chooses", skipWithout("uv"), async () => {
  const { scene } = await offerAlpha();
  await using _ = scene;
  const { exitCode, stderr } = await under(scene, "alpha", `alpha>=1.0 --hash=sha256:${otherDigest}`);
  assert.equal(exitCode, 1, stderr);
});

test(
  "a constraint with a URL that nobody can follow matters where something needs the project",
  skipWithout("uv"),
  async () => {
    const { scene } = await offerAlpha();
    await using _ = scene;
    for (const url of ["git+https://host.example/alpha", "https://host.example/archive/main.zip"]) {
      assert.equal((await under(scene, "alpha", `other @ ${url}`)).exitCode, 0);
      assert.equal((await under(scene, "alpha", `alpha @ ${url}`)).exitCode, 2);
    }
  },
);

test("a version that a file or a lock has contradicts other requirements and constraints", needsPython, async () => {
  const { scene, wheel, local, remote } = await offerAlpha();
  await using _ = scene;
  for (const asked of [local, remote, `alpha @ ${remote}`]) {
    const { exitCode, stderr } = await under(scene, asked, "alpha==9");
    assert.equal(exitCode, 2, asked);
    assert.match(stderr, /constraints\.txt:1: "alpha==9" contradicts "alpha-1\.0-py3-none-any\.whl"/);
    assert.equal((await under(scene, asked, "alpha<9")).exitCode, 0);
  }
  const both = await scene.tspip("verify", `alpha @ ${remote}`, "alpha==9");
  assert.equal(both.exitCode, 2);
  scene.write("pylock.toml", pylockOf(scene.index, wheel));
  const locked = await scene.tspip("verify", "--lock", "pylock.toml", "-c", "constraints.txt");
  assert.equal(locked.exitCode, 0, locked.stderr);
  scene.write("constraints.txt", "alpha==9\n");
  assert.equal((await scene.tspip("verify", "--lock", "pylock.toml", "-c", "constraints.txt")).exitCode, 2);
});

test("two URLs for one project are a conflict, in either order", needsPython, async () => {
  const { scene, remote, local } = await offerAlpha();
  await using _ = scene;
  for (const words of [
    [`alpha @ ${remote}`, `alpha @ ${local}`],
    [`alpha @ ${local}`, `alpha @ ${remote}`],
  ]) {
    const { exitCode, stderr } = await scene.tspip("verify", ...words);
    assert.equal(exitCode, 2);
    assert.match(stderr, /contradicts/);
  }
  const pinnedTwice = [`alpha @ ${remote}`, `alpha @ ${remote}#sha256=${otherDigest}`];
  assert.equal((await scene.tspip("verify", ...pinnedTwice)).exitCode, 1, "the pin of either holds");
});

test(
  "a constraint with a URL says where the project comes from, and one without a name is a mistake",
  needsPython,
  async () => {
    const { scene, local, remote } = await offerAlpha();
    await using _ = scene;
    scene.write("policy.toml", 'version = 1\n[default]\nsources = ["local"]\n');
    scene.write("constraints.txt", `alpha @ ${local}\n`);
    const verify = (...words: string[]) =>
      scene.tspip("verify", "--policy", "policy.toml", "-c", "constraints.txt", ...words);
    const { exitCode, stdout, stderr } = await verify("alpha==1.0");
    assert.equal(exitCode, 0, stdout + stderr);
    assert.equal((await verify(`alpha @ ${remote}`)).exitCode, 2);
    scene.write("constraints.txt", `${local}\n`);
    assert.match((await verify("alpha==1.0")).stderr, /constraints\.txt:1: .* has no name/);
  },
);

test("a line of blanks takes no time to read, nor one of options", async () => {
  const { scene, local } = await offerAlpha();
  await using _ = scene;
  const start = performance.now();
  const [blanks, backslashes] = [" ".repeat(300_000), "\\".repeat(300_000)];
  assert.equal((await under(scene, `${local}${blanks}\\\n`, "")).exitCode, 0);
  assert.equal((await under(scene, `${local}${blanks}# ${blanks}x`, `# ${backslashes}x\n`)).exitCode, 0);
  assert.equal((await under(scene, `${local}${blanks}x`, "")).exitCode, 2);
  assert.equal((await under(scene, `${backslashes}x\\`, "")).exitCode, 2);
  assert.equal((await under(scene, `a${"$".concat("{UNSET}").repeat(20_000)}`, "")).exitCode, 2);
  assert.equal((await under(scene, `${"--pre ".repeat(20_000)}\n${local}`, "")).exitCode, 0);
  assert.ok(performance.now() - start < 10_000);
});
