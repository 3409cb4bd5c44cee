import assert from "node:assert/strict";
import { test } from "node:test";
import { readCommand } from "./client.ts";
import { clientEnvironment } from "./environment.ts";
import { isUnguidable, locksFirst } from "./locks-first.ts";
import { withRealUrls } from "./real-urls.ts";
import {
  waysAroundInCommand,
  waysAroundInPdmToml,
  waysAroundInPipfile,
  waysAroundInProject,
  waysAroundInRequirements,
} from "./ways-around.ts";

const command = (text: string) => readCommand(text.split(" "));

test("readCommand() knows installers by their program, however they are called", () => {
  const names = [
    "pip install x",
    "/usr/bin/pip3.11 install x",
    "python3 -I -m pip install x",
    "uv sync",
    "poetry install",
  ];
  assert.deepEqual(
    names.map((text) => command(text).client),
    ["pip", "pip", "pip", "uv", "poetry"],
  );
  assert.deepEqual(command("python -m pip install x").words, ["install", "x"]);
  for (const other of ["make test", "python script.py", "python -m build", "pipx install y"])
    assert.equal(command(other).client, undefined, other);
});

test("waysAroundInCommand() finds what leads to another index or past all of them", () => {
  const found = (text: string) => waysAroundInCommand(command(text)).map(({ what }) => what);
  for (const [text, what] of [
    ["pip install -i https://x.example/ y", ["-i", "https://x.example/"]],
    ["pip install --extra-index-url=https://x.example/ y", ["--extra-index-url"]],
    ["pip install -fhttps://x.example/ y", ["-f"]],
    ["pip install --find-l ./wheels y", ["--find-links"]],
    ["pip install -qf ./wheels y", ["--find-links"]],
    ["pip --isolated install y", ["--isolated"]],
    ["uv add --default-index https://x.example/ y", ["--default-index", "https://x.example/"]],
    ["pip install git+https://x.example/y", ["git+https://x.example/y"]],
    ["uv pip install y@https://x.example/y.whl", ["y@https://x.example/y.whl"]],
    ["pdm -c settings.toml install", ["-c"]],
  ] as const)
    assert.deepEqual(
      found(text),
      what.filter((word) => word !== "https://x.example/" || found(text).includes(word)),
      text,
    );
  for (const fine of [
    "pip install -r requirements.txt",
    "uv sync --isolated",
    "uv run -- prog -i https://x.example/",
    "make -i https://x.example/",
    "pip install ./local.whl",
    "pdm install -f",
  ])
    assert.deepEqual(found(fine), [], fine);
});

test("waysAroundInRequirements() and waysAroundInProject() find them in files, with the place", () => {
  const text =
    "a==1\n# --index-url https://comment.example/\n--extra-index-url https://x.example/\nb @ https://x.example/b.whl\n-e git+ssh://x.example/c\n-r other.txt\n";
  assert.deepEqual(
    waysAroundInRequirements(text, "r.txt").map(({ place }) => place),
    ["r.txt:3", "r.txt:4", "r.txt:5"],
  );
  const project = {
    tool: {
      uv: {
        index: [{ url: "https://x.example/" }],
        sources: { a: { git: "https://x.example/a" }, b: { workspace: true }, c: [{ index: "x" }] },
      },
      pdm: { source: [{ url: "https://x.example/" }] },
      poetry: { source: [] },
    },
  };
  assert.deepEqual(
    waysAroundInProject(project).map(({ what }) => what),
    ["tool.uv.index", "tool.uv.sources.a", "tool.uv.sources.c", "tool.pdm.source"],
  );
  assert.deepEqual(waysAroundInProject({ tool: "odd" }), []);
  const settings = { pypi: { url: "https://pypi.org/simple", own: { url: "https://x.example/simple" } } };
  assert.deepEqual(
    waysAroundInPdmToml(settings).map(({ what }) => what),
    ["pypi.own"],
  );
  const sources = ["https://pypi.org/simple", "https://x.example/simple", 1].map((url) => ({ url }));
  assert.deepEqual(
    waysAroundInPipfile({ source: sources }).map(({ what }) => what),
    ["x.example"],
  );
});

test("locksFirst() names the locks that a command fetches from by itself", () => {
  const files = (text: string, env = {}) => locksFirst(command(text), env).map(({ file }) => file);
  assert.deepEqual(files("uv sync --frozen"), ["uv.lock"]);
  assert.deepEqual(files("uv sync", { UV_FROZEN: "1" }), ["uv.lock"]);
  assert.deepEqual(files("uv sync", { UV_FROZEN: "false" }), []);
  assert.deepEqual(files("uv pip sync sub/pylock.toml"), ["sub/pylock.toml"]);
  assert.deepEqual(files("pip install --requirements=pylock.dev.toml"), ["pylock.dev.toml"]);
  assert.deepEqual(files("poetry install"), ["poetry.lock"]);
  for (const none of [
    "uv sync",
    "uv lock",
    "uv export --format pylock.toml -o pylock.toml",
    "pip lock -o pylock.toml",
    "cat pylock.toml",
  ])
    assert.deepEqual(files(none), [], none);
});

test("isUnguidable() is what poetry asks its own index for", () => {
  for (const text of ["poetry add x", "poetry update", "poetry lock", "poetry self add x"])
    assert.equal(isUnguidable(command(text)), true, text);
  for (const text of ["poetry install", "poetry run x", "poetry --version", "uv add x"])
    assert.equal(isUnguidable(command(text)), false, text);
});

test("clientEnvironment() leaves no variable that leads elsewhere, and keeps the others", () => {
  const url = new URL("http://127.0.0.1:1/token/simple/");
  const env = clientEnvironment(
    {
      HOME: "/h",
      PIP_EXTRA_INDEX_URL: "https://x.example",
      PIP_FIND_LINKS: "/w",
      UV_INDEX: "https://x.example",
      UV_INDEX_X_PASSWORD: "p",
      UV_DEFAULT_INDEX: "https://x.example",
      PIP_QUIET: "1",
      NO_PROXY: "corp",
    },
    url,
    "/cache",
  );
  assert.deepEqual(
    Object.entries(env).filter(([, value]) => value.includes("x.example")),
    [],
  );
  assert.deepEqual([env.HOME, env.PIP_QUIET, env.NO_PROXY], ["/h", "1", "corp,127.0.0.1"]);
  assert.deepEqual(
    [env.PIP_INDEX_URL, env.UV_INDEX_URL, env.PIP_CONFIG_FILE, env.UV_NO_CONFIG],
    [url.href, url.href, "/dev/null", "1"],
  );
});

test("withRealUrls() puts each package's own index and file in, and leaves everything else", async () => {
  const loopback = new URL("http://127.0.0.1:1/token/simple/");
  const lock = `version = 1\n\n[[package]]\nname = "a"\nsource = { registry = "http://127.0.0.1:1/token/simple" }\nwheels = [{ url = "http://127.0.0.1:1/token/files/a/a-1-py3-none-any.whl" }]\n\n[[package]]\nname = "b"\nsource = { registry = "http://127.0.0.1:1/token/simple/" }\n`;
  const real = await withRealUrls(lock, loopback, {
    index: async (name) => new URL(name === "a" ? "https://home.example/simple/" : "https://pypi.org/simple/"),
    file: async (name, filename) => new URL(`https://files.example/${name}/${filename}`),
  });
  assert.equal(
    real,
    `version = 1\n\n[[package]]\nname = "a"\nsource = { registry = "https://home.example/simple" }\nwheels = [{ url = "https://files.example/a/a-1-py3-none-any.whl" }]\n\n[[package]]\nname = "b"\nsource = { registry = "https://pypi.org/simple/" }\n`,
  );
});
