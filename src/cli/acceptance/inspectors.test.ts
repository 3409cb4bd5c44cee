import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf } from "../../distribution/digest.ts";
import { enabling, inspectorDistribution, setInspectorScene } from "../../testing/inspector-scene.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { provenanceOf, python, setScene, skipWithout } from "../../testing/scene.ts";

/** Inspectors from others: distributions with an entry point of `pip.plugins`, installed by tspip, enabled in tspip.toml. */

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};

/** The form of the RFC's text. */
const asInRfc = `
from pathlib import Path

def plugin_type() -> str:
    return "dist-inspector"

def pre_download(url: str) -> None:
    if "/evil-" in url:
        raise ValueError("evil is on the deny list")

def pre_extract(dist: Path) -> None:
    if dist.name.startswith("sneaky-"):
        raise ValueError(f"sneaky has {len(dist.read_bytes())} bytes too many")
`;

/** The form of the draft pull request. */
const asInPullRequest = `
def provided_hooks():
    return ["pre_download", "pre_extract"]

def pre_download(*, url, filename, digest):
    if filename.startswith("evil-"):
        raise ValueError(f"{filename} with {digest} is on the deny list")

def pre_extract(dist):
    if dist.name.startswith("sneaky-"):
        raise ValueError("sneaky")
`;

for (const [form, module] of Object.entries({ RFC: asInRfc, "pull request": asInPullRequest })) {
  test(`an inspector as in the ${form} refuses what it knows, and lets the rest pass`, needsPython, async () => {
    await using scene = await setInspectorScene({ deny: module });
    scene.write("tspip.toml", enabling(["deny"]));
    for (const name of ["good", "evil", "sneaky"]) scene.offer({ name });

    const refused = await scene.tspip("install", "--venv", "env", "good==1.0", "evil==1.0", "sneaky==1.0");
    assert.equal(refused.exitCode, 1, refused.stdout + refused.stderr);
    assert.match(
      refused.stdout,
      /inspector-refused.*inspector "deny" refuses "evil-1\.0-py3-none-any\.whl": .*deny list/,
    );
    assert.match(refused.stdout, /inspector-refused.*inspector "deny" refuses "sneaky-1\.0-py3-none-any\.whl": sneaky/);
    assert.equal(existsSync(join(scene.folder, "env")), false);
    // What is refused before the download is never asked for.
    assert.equal(
      scene.index.requests.some((request) => request.endsWith("/evil-1.0-py3-none-any.whl")),
      false,
    );

    const allowed = await scene.tspip("install", "--venv", "env", "good==1.0");
    assert.equal(allowed.exitCode, 0, allowed.stderr);
    assert.deepEqual(scene.installed(), ["good==1.0"]);
  });
}

const marking = (body: string) => `
import logging, pathlib
pathlib.Path("loaded").touch()
${body}
`;

test("what is installed and not enabled is not loaded", needsPython, async () => {
  await using scene = await setInspectorScene({
    idle: marking("def plugin_type(): return 'dist-inspector'\ndef pre_download(url): raise ValueError('no')"),
    deny: asInRfc,
  });
  scene.offer({ name: "good" });
  scene.write("tspip.toml", enabling(["deny"]));
  assert.equal((await scene.tspip("verify", "good==1.0")).exitCode, 0);
  assert.equal(existsSync(join(scene.folder, "loaded")), false);
});

test("options are passed on; a log is shown as ours is; all refusals are listed, in order", needsPython, async () => {
  const limit = `
import logging
def plugin_type(): return "dist-inspector"
def configure(options):
    global most
    most = options["most"]
def pre_extract(dist, reference):
    logging.getLogger("limit").warning("looked at %s", reference["project"])
    if reference["size"] > most:
        raise ValueError(f"{reference['size']} bytes are more than {most}")
`;
  await using scene = await setInspectorScene({ limit, deny: asInRfc });
  scene.offer({ name: "sneaky" });
  const inspectors = '[[inspector]]\nname = "limit"\noptions = { most = 100 }\n[[inspector]]\nname = "deny"\n';
  scene.write("tspip.toml", `[plugins]\npython = "tools/bin/python"\n${inspectors}`);
  const { exitCode, stdout, stderr } = await scene.tspip("verify", "sneaky==1.0");
  assert.equal(exitCode, 1);
  assert.match(stdout, /"limit" refuses .*: \d+ bytes are more than 100[\s\S]*"deny" refuses/);
  assert.match(stderr, /^warning: \[limit\] looked at sneaky$/m);
});

test("local files pass the same hooks, with their file: URL", needsPython, async () => {
  const local = `
def plugin_type(): return "dist-inspector"
def pre_download(url):
    if url.startswith("file:"):
        raise ValueError(f"no local files: {url}")
`;
  await using scene = await setInspectorScene({ local });
  scene.write("tspip.toml", enabling(["local"]));
  scene.write("mine/good-1.0-py3-none-any.whl", scene.offer({ name: "good" }).bytes);
  const { exitCode, stdout } = await scene.tspip("verify", "mine/good-1.0-py3-none-any.whl");
  assert.equal(exitCode, 1);
  assert.match(stdout, /no local files: file:\/\/\/.*good-1\.0-py3-none-any\.whl/);
});

test("what is in the cache is inspected again when it is used", needsPython, async () => {
  await using scene = await setInspectorScene({ deny: asInRfc });
  scene.offer({ name: "sneaky" });
  assert.equal((await scene.tspip("install", "--venv", "env", "sneaky==1.0")).exitCode, 0);
  scene.write("tspip.toml", enabling(["deny"]));
  const asked = scene.index.requests.length;
  const { exitCode, stdout } = await scene.tspip("install", "--venv", "other", "sneaky==1.0");
  assert.equal(exitCode, 1, stdout);
  assert.match(stdout, /"deny" refuses "sneaky/);
  assert.equal(
    scene.index.requests.slice(asked).some((request) => request.endsWith(".whl")),
    false,
  );
});

for (const [asked, options] of [
  ["good==1.0", needsPython],
  // Nobody serves its metadata, so that it is read out of the file to choose it.
  ["good", skipWithout("uv")],
] as const) {
  test(`${asked}: a redirect is a further URL to be asked about, before it is followed`, options, async () => {
    const elsewhere = `
def plugin_type(): return "dist-inspector"
def pre_download(url):
    if "/mirror/" in url:
        raise ValueError(f"not from {url}")
`;
    await using scene = await setInspectorScene({ elsewhere });
    scene.write("tspip.toml", enabling(["elsewhere"]));
    const wheel = makeWheel({ name: "good" });
    scene.index.add(wheel);
    scene.index.fault = (request, response) => {
      if (request.url !== `/files/${wheel.filename}`) return false;
      response.writeHead(302, { location: `/mirror/${wheel.filename}` }).end();
      return true;
    };
    const { exitCode, stdout } = await scene.tspip("verify", asked);
    assert.equal(exitCode, 1, stdout);
    assert.match(
      stdout,
      /"elsewhere" refuses "good-1\.0-py3-none-any\.whl": not from http:\/\/127\.0\.0\.1:\d+\/mirror\//,
    );
    assert.equal(
      scene.index.requests.some((request) => request.includes("/mirror/")),
      false,
    );
  });
}

test("a digest of a lock file does not stand for bytes that an inspector wants to see", needsPython, async () => {
  await using scene = await setInspectorScene({ deny: asInRfc });
  const sneaky = scene.offer({ name: "sneaky" });
  scene.write(
    "pylock.toml",
    `lock-version = "1.0"\ncreated-by = "test"\n[[packages]]\nname = "sneaky"\nversion = "1.0"\n[[packages.wheels]]\nurl = "${scene.index.origin}/files/${sneaky.filename}"\nhashes = { sha256 = "${sneaky.sha256}" }\n`,
  );
  assert.equal((await scene.tspip("verify", "--lock", "pylock.toml")).exitCode, 0);
  scene.write("tspip.toml", enabling(["deny"]));
  const { exitCode, stdout } = await scene.tspip("verify", "--lock", "pylock.toml");
  assert.equal(exitCode, 1, stdout);
  assert.match(stdout, /"deny" refuses "sneaky/);
});

/** One environment for all: each is a distribution of its own, and enabled alone. */
const unusable: readonly [what: string, name: string, module: string, message: RegExp, settings?: string][] = [
  ["does not import", "lost", "import no_such_module\n", /ModuleNotFoundError: No module named/],
  ["exits when imported", "exits", "raise SystemExit(0)\n", /SystemExit: 0/],
  ["dies when imported", "dies", "import os\nos._exit(9)\n", /ended with exit code 9/],
  ["hangs when imported", "hangs", "while True: pass\n", /within 1 seconds/, "timeout = 1"],
  ["has no form", "formless", "def pre_download(url): pass\n", /neither plugin_type\(\) nor/],
  [
    "lacks a hook that it names",
    "hookless",
    "def provided_hooks(): return ['pre_extract']\n",
    /no function pre_extract/,
  ],
  [
    "has a hook that nobody can call",
    "strange",
    "def plugin_type(): return 'dist-inspector'\ndef pre_download(url, project, score): pass\n",
    /missing a required argument: 'project'/,
  ],
];
const deny = (line: string) => `${enabling([])}\n[[inspector]]\nname = "deny"\n${line}`;
const misconfigured: readonly (readonly [what: string, settings: string, message: RegExp])[] = [
  ["is not installed", enabling(["absent"]), /no distribution of .*tools has an entry point "absent"/],
  ["has no interpreter", '[[inspector]]\nname = "deny"\n', /names no interpreter/],
  ["takes no options", deny("options = { a = 1 }"), /takes no options/],
  [
    "comes from another distribution than was pinned",
    deny(`sha256 = "${"0".repeat(64)}"`),
    /deny 1\.0 has sha256 [0-9a-f]{64}, tspip\.toml says 0000/,
  ],
  ...unusable.map(([what, name, , message, settings]) => [what, enabling([name], settings), message] as const),
];
test("an enabled inspector that cannot be used is a wrong configuration", needsPython, async (t) => {
  const modules = Object.fromEntries(unusable.map(([, name, module]) => [name, module]));
  await using scene = await setInspectorScene({ ...modules, deny: asInRfc });
  scene.offer({ name: "good" });
  for (const [what, settings, message] of misconfigured)
    await t.test(`it ${what}`, async () => {
      scene.write("tspip.toml", settings);
      const { exitCode, stderr } = await scene.tspip("install", "--venv", "env", "good==1.0");
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, message);
      assert.equal(existsSync(join(scene.folder, "env")), false);
    });
});

test("two distributions with one name of an inspector: nobody knows which is meant", needsPython, async () => {
  await using scene = await setInspectorScene({ deny: asInRfc });
  scene.offer({ ...inspectorDistribution("deny", asInRfc), name: "also", files: { "also.py": "" } });
  assert.equal((await scene.tspip("install", "--venv", "tools", "also==1.0")).exitCode, 0);
  scene.write("tspip.toml", enabling(["deny"]));
  const { exitCode, stderr } = await scene.tspip("verify", "good==1.0");
  assert.equal(exitCode, 2);
  assert.match(stderr, /several distributions have it: (?:also 1\.0, deny 1\.0|deny 1\.0, also 1\.0)/);
});

test("an unknown type is ignored with a warning, and so is an unknown hook", needsPython, async () => {
  await using scene = await setInspectorScene({
    mirror: "def plugin_type(): return 'index-mirror'\n",
    later: "def provided_hooks(): return ['pre_download', 'post_install']\ndef pre_download(**given): pass\n",
  });
  scene.write("tspip.toml", enabling(["mirror", "later"]));
  scene.offer({ name: "good" });
  const { exitCode, stderr } = await scene.tspip("verify", "good==1.0");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /warning: Inspector "mirror" is ignored: its type is 'index-mirror'/);
  assert.match(stderr, /warning: Inspector "later": its hook post_install is not known/);
});

/** A JavaScript inspector; it need not be in any environment. */
const denyEvil = `
class InspectionRefused extends Error {
  name = "InspectionRefused";
}
export const plugin_type = () => "dist-inspector";
export async function pre_download(url, reference) {
  if (reference.project === "evil") throw new InspectionRefused(reference.filename + " is on the deny list");
}
`;

for (const [what, module, files] of [
  ["in a file", "./inspectors/deny.mjs", { "inspectors/deny.mjs": denyEvil }],
  [
    "in TypeScript",
    "./deny.ts",
    {
      "deny.ts": denyEvil.replace(
        "(url, reference)",
        "(url: string, reference: { project: string; filename: string })",
      ),
    },
  ],
  [
    "from an npm package, in the pull request's form",
    "@acme/deny",
    {
      "node_modules/@acme/deny/package.json": '{ "name": "@acme/deny", "exports": { "import": "./index.mjs" } }',
      "node_modules/@acme/deny/index.mjs": denyEvil
        .replace("export const plugin_type = () => ", "export const provided_hooks = () => ['pre_download'] || ")
        .replace("InspectionRefused extends", "ValueError extends")
        .replace('"InspectionRefused"', '"ValueError"')
        .replace("new InspectionRefused", "new ValueError"),
    },
  ],
] as const) {
  test(`a JavaScript inspector ${what} refuses what it knows, and lets the rest pass`, async () => {
    await using scene = await setScene();
    for (const [name, content] of Object.entries(files)) scene.write(name, content);
    scene.write("tspip.toml", `[[inspector]]\nname = "deny"\nmodule = "${module}"\n`);
    for (const name of ["good", "evil"]) scene.offer({ name });
    const { exitCode, stdout, stderr } = await scene.tspip("verify", "good==1.0", "evil==1.0");
    assert.equal(exitCode, 1, stdout + stderr);
    assert.match(stdout, /inspector "deny" refuses "evil-1\.0-py3-none-any\.whl": .*is on the deny list/);
    assert.match(stdout, /^ok good-/m);
  });
}

test("a JavaScript inspector is pinned by the digest of its file", async () => {
  await using scene = await setScene();
  scene.write("deny.mjs", denyEvil);
  const settings = (sha256: string) => `[[inspector]]\nname = "deny"\nmodule = "./deny.mjs"\nsha256 = "${sha256}"\n`;
  scene.offer({ name: "good" });
  scene.write("tspip.toml", settings(digestOf(Buffer.from(denyEvil))));
  assert.equal((await scene.tspip("verify", "good==1.0")).exitCode, 0);
  scene.write("tspip.toml", settings("0".repeat(64)));
  assert.equal((await scene.tspip("verify", "good==1.0")).exitCode, 2);
});

test(
  "plugins: lists what is enabled, what is not and why, and the digests to pin; it loads nothing",
  needsPython,
  async () => {
    await using scene = await setInspectorScene({ deny: marking(asInRfc), idle: marking("") });
    scene.write("mine.mjs", "throw new Error('loaded')");
    const mine = '[[inspector]]\nname = "mine"\nmodule = "./mine.mjs"\n';
    scene.write("tspip.toml", `${enabling(["deny", "absent"])}${mine}`);
    const list = async () => JSON.parse((await scene.tspipOn({}, "plugins", "--format", "json")).stdout);
    const [deny, absent, javascript, idle, ...others] = await list();
    assert.deepEqual(others, []);
    assert.match(deny.sha256, /^[0-9a-f]{64}$/);
    assert.deepEqual(
      { ...deny, sha256: "" },
      {
        name: "deny",
        origin: "deny 1.0",
        sha256: "",
        state: "enabled",
        reason: "named in tspip.toml",
      },
    );
    assert.deepEqual([absent.name, absent.state], ["absent", "broken"]);
    assert.match(absent.reason, /no distribution of .* has an entry point "absent"/);
    assert.deepEqual([javascript.origin, javascript.state], ["./mine.mjs", "enabled"]);
    assert.deepEqual([idle.name, idle.state, idle.reason], ["idle", "not enabled", "not named in tspip.toml"]);
    assert.equal(existsSync(join(scene.folder, "loaded")), false);
    assert.match(
      (await scene.tspipOn({}, "plugins")).stdout,
      /^name +from +state +sha256\ndeny +deny 1\.0 +enabled: named/,
    );

    // The digest that is listed is the one that is compared.
    scene.offer({ name: "good" });
    const pinned = (sha256: string) =>
      `[plugins]\npython = "tools/bin/python"\n[[inspector]]\nname = "deny"\nsha256 = "${sha256}"\n`;
    scene.write("tspip.toml", pinned(deny.sha256));
    assert.equal((await scene.tspip("verify", "good==1.0")).exitCode, 0);
    scene.write("tspip.toml", pinned(javascript.sha256));
    assert.equal((await list())[0].state, "broken");
  },
);

for (const engine of ["uv", "pip"] as const) {
  for (const place of ["beside it", "in it"] as const) {
    test(
      `a file is refused before its metadata, which is ${place}, is had for ${engine}`,
      skipWithout(engine),
      async () => {
        await using scene = await setInspectorScene({ deny: asInRfc });
        scene.write("tspip.toml", enabling(["deny"]));
        scene.offer({ name: "good", version: "1.0", metadata: ["Requires-Dist: evil"] });
        if (place === "beside it") scene.offer({ name: "evil", version: "1.0" });
        else scene.index.add(makeWheel({ name: "evil" }));
        const { exitCode, stdout, stderr } = await scene.tspip(
          "install",
          "--resolver",
          engine,
          "--venv",
          "env",
          "good",
        );
        assert.equal(exitCode, 1, stdout + stderr);
        assert.match(stdout, /inspector "deny" refuses "evil-1\.0-py3-none-any\.whl": evil is on the deny list/);
        assert.deepEqual(
          scene.index.requests.filter((request) => request.includes("evil-1.0")),
          [],
        );
      },
    );
  }
}

for (const [form, module] of Object.entries({ RFC: asInRfc, "pull request": asInPullRequest })) {
  test(`run: uv pip install does not get what an inspector as in the ${form} refuses`, skipWithout("uv"), async () => {
    await using scene = await setInspectorScene({ deny: module });
    scene.write("tspip.toml", enabling(["deny"]));
    execFileSync(python ?? "", ["-m", "venv", "--without-pip", join(scene.folder, "env")]);
    for (const name of ["good", "evil", "sneaky"]) scene.offer({ name, version: "1.0" });
    const run = (project: string) =>
      scene.tspipWith({ HOME: scene.folder }, "run", "--", "uv", "pip", "install", "-p", "env", project);
    for (const project of ["evil", "sneaky"]) {
      const { exitCode, stderr } = await run(project);
      assert.equal(exitCode, 1, stderr);
      assert.match(stderr, new RegExp(`inspector "deny" refuses "${project}-1\\.0-py3-none-any\\.whl": .*${project}`));
      assert.deepEqual(scene.installed(), []);
    }
    assert.equal((await run("good")).exitCode, 0);
    assert.deepEqual(scene.installed(), ["good==1.0"]);
  });
}

test("download keeps nothing that an inspector refuses", needsPython, async () => {
  await using scene = await setInspectorScene({ deny: asInRfc });
  scene.write("tspip.toml", enabling(["deny"]));
  for (const name of ["good", "sneaky"]) scene.offer({ name });
  const { exitCode, stdout } = await scene.tspip("download", "-d", "kept", "good==1.0", "sneaky==1.0");
  assert.equal(exitCode, 1, stdout);
  assert.match(stdout, /inspector "deny" refuses "sneaky/);
  assert.equal(existsSync(join(scene.folder, "kept/good-1.0-py3-none-any.whl")), false);
});

test("bootstrap: an inspector may refuse pip as well", needsPython, async () => {
  await using scene = await setScene();
  scene.write("no-pip.mjs", denyEvil.replace('"evil"', '"pip"'));
  scene.write("tspip.toml", '[[inspector]]\nname = "no-pip"\nmodule = "./no-pip.mjs"\n');
  execFileSync(python ?? "", ["-m", "venv", "--without-pip", join(scene.folder, "env")]);
  const wheel = makeWheel({ name: "pip", version: "99.0" });
  const pypa = { kind: "github", repository: "pypa/pip", workflow: "release.yml", ref: "refs/tags/99.0" } as const;
  scene.index.add({ ...wheel, provenance: provenanceOf(wheel, pypa) });
  const offTheNet = { HTTPS_PROXY: "http://127.0.0.1:9" };
  const { exitCode, stderr } = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "env");
  assert.notEqual(exitCode, 0);
  assert.match(stderr, /inspector "no-pip" refuses "pip-99\.0-py3-none-any\.whl"/);
  assert.deepEqual(scene.installed(), []);
});

for (const [what, settings, message] of [
  ["a key that is none", '[[inspector]]\nname = "a"\npath = "a.mjs"\n', /unknown key "path" in \[\[inspector\]\]/],
  ["a table in place of a list", '[inspector]\nname = "a"\n', /"inspector" is not an array of tables/],
  ["an inspector twice", '[[inspector]]\nname = "a"\n[[inspector]]\nname = "a"\n', /the inspector "a" is there twice/],
  ["a name that is none", '[[inspector]]\nname = "a b"\n', /"name" in \[\[inspector\]\] is not a name/],
  ["a digest that is none", '[[inspector]]\nname = "a"\nsha256 = "abc"\n', /"sha256" of "a" is not a SHA-256 in hex/],
  ["a time limit that is none", "[plugins]\ntimeout = 0\n", /"timeout" in \[plugins\] is not a number of seconds/],
  ["an extension without a module", '[[extension]]\nname = "a"\n', /the extension "a" has no "module"/],
  ["a file without its path", '[[inspector]]\nname = "a"\nmodule = "a.mjs"\n', /the path of a file begins with "\.\/"/],
] as const) {
  test(`tspip.toml with ${what} is a wrong configuration`, async () => {
    await using scene = await setScene();
    scene.write("tspip.toml", settings);
    const { exitCode, stderr } = await scene.tspip("verify", "good==1.0");
    assert.equal(exitCode, 2);
    assert.match(stderr, message);
  });
}

test("[tool.tspip] of pyproject.toml enables inspectors, too", async () => {
  await using scene = await setScene();
  scene.write("deny.mjs", denyEvil);
  scene.write("pyproject.toml", '[[tool.tspip.inspector]]\nname = "deny"\nmodule = "./deny.mjs"\n');
  scene.offer({ name: "evil" });
  assert.match((await scene.tspip("verify", "evil==1.0")).stdout, /inspector "deny" refuses "evil/);
});
