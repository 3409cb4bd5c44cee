import assert from "node:assert/strict";
import { test } from "node:test";
import { projectFolders, readCommand } from "./client.ts";
import { clientEnvironment } from "./environment.ts";
import { isUnguidable, locksFirst } from "./locks-first.ts";
import { namedPythons, otherFiles, withPython } from "./named-python.ts";
import { withRealUrls } from "./real-urls.ts";
import { requirementsFiles, wheelPaths } from "./requirements-files.ts";
import { waysAroundInCommand, waysAroundInEnvironment } from "./ways-around.ts";
import {
  filesInRequirements,
  scriptMetadata,
  waysAroundInPdmToml,
  waysAroundInPipfile,
  waysAroundInPipfileLock,
  waysAroundInProject,
  waysAroundInRequirements,
  waysAroundInScript,
} from "./ways-around-files.ts";

const command = (text: string) => readCommand(text.split(" "));

test("readCommand() knows installers by their program, however they are called", () => {
  const names = [
    "pip install x",
    "/usr/bin/pip3.11 install x",
    "python3 -I -m pip install x",
    "uv sync",
    "poetry install",
    "python -mpip install x",
    "python3.11 -I -m pip install x",
    "python -Im pip install x",
    "python -X utf8 -W ignore -mpip install x",
    "python .venv/lib/pip/__main__.py install x",
    "python .venv/bin/pip3 install x",
    "uvx ruff",
    "pipx install y",
    "python -m build",
  ];
  assert.deepEqual(
    names.map((text) => command(text).client),
    ["pip", "pip", "pip", "uv", "poetry", "pip", "pip", "pip", "pip", "pip", "pip", "uv", "pipx", "build"],
  );
  assert.deepEqual(command("python -m pip install x").words, ["install", "x"]);
  for (const other of [
    "make test",
    "python script.py",
    "./build",
    "python script.py -m pip",
    "python -c pip",
    "constructor x",
  ]) {
    assert.equal(command(other).client, undefined, other);
    assert.notEqual(command(other).unknown, undefined, other);
  }
});

test("readCommand() reads through wrappers, and knows which of them cannot be seen through", () => {
  for (const text of [
    "env A=b pip install x",
    "timeout -k 5 60 pip install x",
    "timeout --signal KILL 60 pip install x",
    "timeout 60 python -mpip install x",
    "nice -n 5 nohup pip install x",
    "sudo -E pip install x",
  ]) {
    const { client, words, start, unknown } = command(text);
    assert.deepEqual([client, words, unknown], ["pip", ["install", "x"], undefined], text);
    assert.deepEqual([...start, ...words], text.split(" "), text);
  }
  assert.deepEqual(command("timeout 60 uvx ruff").start, ["timeout", "60", "uvx"]);
  assert.equal(command("xargs pip install").unknown, "xargs");
  assert.equal(command("timeout 60 make").unknown, "make");
  const shell = readCommand(["sh", "-ec", "cd /x && PIP_QUIET=1 pip install 'a; b' | tee log; uv sync"]);
  assert.equal(shell.unknown, "sh");
  assert.deepEqual(
    shell.inner.map(({ client }) => client),
    [undefined, "pip", undefined, undefined, "uv"],
  );
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
    ["pip install -qihttps://x.example/simple y", ["-qihttps://x.example/simple", "--index-url"]],
    ["pip install --index-u x.example y", ["--index-url"]],
    ["pip --isol install y", ["--isolated"]],
    ["pdm --conf=settings.toml install", ["--config"]],
    ["pip install --fi ./wheels y", ["--find-links"]],
    ["pip install --prox x.example:3128 y", ["--proxy"]],
    ["pip --proxy=x.example:3128 install y", ["--proxy"]],
    ["pip install -egit+https://x.example/y", ["-egit+https://x.example/y"]],
    ["pip install -rhttps://x.example/r.txt", ["-rhttps://x.example/r.txt"]],
    ["python -mpip install -qf ./wheels y", ["--find-links"]],
    ["uv sync -qf ./wheels", ["-f"]],
    ["uvx -qf ./wheels ruff", ["-f"]],
    ["uvx --from git+https://x.example/y y", ["git+https://x.example/y"]],
    ["uvx pip install -qf ./wheels y", ["--find-links"]],
    ["uv run -- pip install --find-l ./wheels y", ["--find-links"]],
    ["poetry run pip install -qf ./wheels y", ["--find-links"]],
    ["pipx install --pip-args=-f./wheels y", ["--find-links"]],
    ["timeout 60 pip install -qf ./wheels y", ["--find-links"]],
    ["xargs pip install -qf ./wheels", ["--find-links"]],
    ["env PIP_INDEX_URL=x.example pip install y", ["PIP_INDEX_URL=x.example"]],
    ["env -u UV_INDEX_URL uv sync", ["UV_INDEX_URL"]],
    ["env -i pip install y", ["-i"]],
    ["env --unset PIP_INDEX_URL pip install y", ["PIP_INDEX_URL"]],
    ["env PIP_EXTRA-INDEX-URL=x.example pip install y", ["PIP_EXTRA-INDEX-URL=x.example"]],
    ["env UV_FROZEN=1 uv sync", ["UV_FROZEN=1"]],
    ["env POETRY_INSTALLER_NO_BINARY=x poetry install", ["POETRY_INSTALLER_NO_BINARY=x"]],
    ["env -C sub pip install -r pylock.toml", ["-C"]],
    ["sudo -E --chdir=sub pdm sync", ["--chdir=sub"]],
    ["sudo -E PIP_FIND_LINKS=/w pip install y", ["PIP_FIND_LINKS=/w"]],
    ["sudo pip install y -E", ["sudo"]],
    ["nice sudo -u root pip install y", ["sudo"]],
    ["pip install -- https://x.example/y.whl", ["https://x.example/y.whl"]],
    ["uv pip install -q -- y git+https://x.example/y", ["git+https://x.example/y"]],
    ["uvx -- git+https://x.example/y -i z", ["git+https://x.example/y"]],
    ["uv pip install y@http:x.example/y.whl", ["y@http:x.example/y.whl"]],
    ["uv pip install https:/x.example/y.whl", ["https:/x.example/y.whl"]],
    ["uv pip install y@\u0001http:\\\\x.example/y.whl", ["y@\u0001http:\\\\x.example/y.whl"]],
    ["pip install hg+static-http://x.example/y", ["hg+static-http://x.example/y"]],
    ["pip install bzr+lp:y", ["bzr+lp:y"]],
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
    "pip install -Cif=x -tif y",
    "uv run pytest -qf",
    "uvx ruff -qf",
    "env A=b grep -i pip",
    "timeout 60 grep -i pip file",
    'uv run python -c x="https://x.example/"',
    "uv run -- prog https://x.example/",
    "pip install -- git",
  ])
    assert.deepEqual(found(fine), [], fine);
  const script = "set -e; PIP_INDEX_URL=x pip install y\npip install -qf './a b' z & sudo pip install z";
  assert.deepEqual(
    waysAroundInCommand(readCommand(["bash", "-c", script])).map(({ what }) => what),
    ["PIP_INDEX_URL=x", "--find-links", "sudo"],
  );
});

test("waysAroundInCommand() finds shells that go by a lock in another folder than this", () => {
  const found = (script: string) => waysAroundInCommand(readCommand(["sh", "-c", script])).map(({ what }) => what);
  assert.deepEqual(found("cd sub && uv sync --frozen"), ["cd"]);
  assert.deepEqual(found("for d in a b; do (builtin cd $d; uv run s.py); done"), ["cd"]);
  assert.deepEqual(found("pushd sub; timeout 60 poetry install"), ["pushd"]);
  assert.deepEqual(found("cd sub && sh -c 'pip install ./a.whl'"), ["cd"]);
  assert.deepEqual(found("uv sync --frozen; env -C sub uv sync --locked"), ["-C"]);
  assert.deepEqual(found("cd sub && uv sync && uv run pytest && pip install -r r.txt"), []);
  assert.deepEqual(found("uv --directory sub sync --frozen"), []);
});

test("waysAroundInRequirements() and waysAroundInProject() find them in files, with the place", () => {
  const text =
    "a==1\n# --index-url https://comment.example/\n--extra-index-url https://x.example/\nb @ https://x.example/b.whl\n-e git+ssh://x.example/c\n-r other.txt\n";
  assert.deepEqual(
    waysAroundInRequirements(text, "r.txt").map(({ place }) => place),
    ["r.txt:3", "r.txt:4", "r.txt:5"],
  );
  const options =
    "-ihttps://x.example/\n--index-url=https://x.example/\n--find-l ./a\na \\\n  @ https://x.example/a\n--pre -f ./a\n-egit+https://x.example/b\n$" +
    "{U}/c.whl\n-r 'https://x.example/r.txt'\n-c c.txt\n-rnested.in\n";
  const env = { U: "https://x.example" };
  assert.deepEqual(
    waysAroundInRequirements(options, "r.txt", env).map(({ place }) => place),
    ["r.txt:1", "r.txt:2", "r.txt:3", "r.txt:4", "r.txt:6", "r.txt:7", "r.txt:8", "r.txt:9"],
  );
  assert.deepEqual(filesInRequirements(options), ["https://x.example/r.txt", "c.txt", "nested.in"]);
  const hidden = "# notes \\\nb @ https://x.example/b.whl\nc @ ht\\\rtps://x.example/c.whl\n  # \\\n-f ./a\nd \\";
  assert.deepEqual(
    waysAroundInRequirements(hidden, "r.txt").map(({ place }) => place),
    ["r.txt:2", "r.txt:3", "r.txt:6"],
  );
  const project = {
    tool: {
      uv: {
        index: [{ url: "https://x.example/" }],
        sources: { a: { git: "https://x.example/a" }, b: { workspace: true }, c: [{ index: "x" }] },
      },
      pdm: { source: [{ url: "https://x.example/" }] },
      poetry: { source: [], "requires-plugins": { other: ">1" } },
    },
  };
  assert.deepEqual(
    waysAroundInProject(project).map(({ what }) => what),
    [
      "tool.uv.index",
      "tool.uv.sources.a",
      "tool.uv.sources.c",
      "tool.pdm.source",
      "tool.poetry.requires-plugins.other",
    ],
  );
  assert.deepEqual(waysAroundInProject({ tool: "odd" }), []);
  const settings = { pypi: { url: "https://pypi.org/simple", own: { url: "https://x.example/simple" } } };
  assert.deepEqual(
    waysAroundInPdmToml(settings).map(({ what }) => what),
    ["pypi.own"],
  );
  const sources = ["https://pypi.org/simple", "https://x.example/simple", "https://pypi.org/./simple", "$X", 1].map(
    (url) => ({
      url,
    }),
  );
  assert.deepEqual(
    waysAroundInPipfile({ source: sources }).map(({ what }) => what),
    ["x.example", "pypi.org", "$X"],
  );
  assert.deepEqual(
    waysAroundInPipfileLock({ _meta: { sources } }).map(({ what, place }) => `${place} ${what}`),
    ["Pipfile.lock x.example", "Pipfile.lock pypi.org", "Pipfile.lock $X"],
  );
});

test("projectFolders() says where a project is looked for", () => {
  const folders = (text: string, env = {}) => projectFolders(command(text), env);
  assert.deepEqual(folders("uv --directory sub sync --project=p"), ["sub", "p"]);
  assert.deepEqual(folders("uv run -- prog --project x", { UV_PROJECT: "q" }), ["q"]);
  assert.deepEqual(folders("poetry -C sub install"), ["sub"]);
  assert.deepEqual(folders("uv sync -p 3.12"), []);
});

test("requirementsFiles() names the files that words and variables lead to", () => {
  const files = (text: string, env = {}) => requirementsFiles(command(text), env);
  assert.deepEqual(files("pip install -qrr -c c --requirem=d"), ["r", "c", "d"]);
  assert.deepEqual(files("uv pip install -qrfile --constraints c"), ["file", "c"]);
  assert.deepEqual(files("uv pip sync reqs.txt"), ["reqs.txt"]);
  assert.deepEqual(files("uv -q pip sync reqs -- more"), ["reqs", "more"]);
  assert.deepEqual(files("uv run pytest -rA -c x"), []);
  assert.deepEqual(files("pip install x", { PIP_REQUIREMENT: "a b.txt", UV_OVERRIDE: "c" }), ["a", "b.txt"]);
  assert.deepEqual(files("make", { PIP_REQUIREMENT: "a" }), ["a"]);
});

test("wheelPaths() says where a wheel may be that a word names", () => {
  for (const [word, path] of [
    ["./a.whl", "./a.whl"],
    ["sub/a.whl[x,y]", "sub/a.whl"],
    ["a[x] @ file:///w/a%20b.whl#sha256=00", "/w/a b.whl"],
    ["a@file:a.whl", "a.whl"],
    ["a @ file://localhost/w/a.whl ; python_version > '3'", "/w/a.whl"],
    ["--with=./a.whl", "./a.whl"],
    ["a%zz.whl", "a%zz.whl"],
  ] as const)
    assert.equal(wheelPaths(word).at(-1), path, word);
  for (const none of ["a", "a==1", "-r", "a.whl.txt", "--no-binary=:all:"])
    assert.deepEqual(wheelPaths(none), [], none);
  const text = "a @ ./a.whl\nb\n/w/c.whl ; python_version > '3'\n";
  assert.deepEqual(
    waysAroundInRequirements(text, "r.txt").map(({ place }) => place),
    ["r.txt:1", "r.txt:3"],
  );
});

test("wheelPaths() is soon done with a word of a million spaces", () => {
  const spaces = " ".repeat(1 << 20);
  for (const word of [`a${spaces}b`, `a@${spaces}b`, `a.whl${spaces}b`]) assert.deepEqual(wheelPaths(word), []);
});

test("waysAroundInEnvironment() says which variables are not followed", () => {
  const env = {
    UV_INDEX: "https://x.example/",
    PIP_INDEX_URL: "https://x.example/",
    PIP_EDITABLE: "git+https://x.example/y",
  };
  const found = (text: string) => waysAroundInEnvironment(command(text), env).map(({ what }) => what);
  assert.deepEqual(found("uv sync"), ["UV_INDEX", "PIP_EDITABLE"]);
  assert.deepEqual(found("pip install x"), ["PIP_EDITABLE"]);
  assert.deepEqual(found("make"), ["UV_INDEX", "PIP_EDITABLE"]);
});

test("scriptMetadata() and waysAroundInScript() read what a script requires (PEP 723)", () => {
  const text = '#!/usr/bin/env python\n# /// script\n# dependencies = [\n#   "a",\n# ]\n# ///\nimport a\n';
  assert.equal(scriptMetadata(text), 'dependencies = [\n  "a",\n]\n');
  assert.equal(scriptMetadata("import a\n"), undefined);
  const table = { dependencies: ["a", "b @ https://x.example/b.whl"], tool: { uv: { sources: { a: { git: "x" } } } } };
  assert.deepEqual(
    waysAroundInScript(table, "s.py").map(({ what }) => what),
    ["b @ https://x.example/b.whl", "tool.uv.sources.a"],
  );
  const project = {
    project: { dependencies: ["b @ https://x.example/b.whl"] },
    "dependency-groups": { dev: ["c @ git+https://x.example/c"] },
  };
  assert.equal(waysAroundInProject(project).length, 2);
});

test("locksFirst() names the locks that a command fetches from by itself", () => {
  const files = (text: string, env = {}) => locksFirst(command(text), env).map(({ file }) => file);
  assert.deepEqual(files("uv sync --frozen"), ["uv.lock"]);
  assert.deepEqual(files("uv --color never sync --frozen"), ["uv.lock"]);
  assert.deepEqual(files("timeout 60 uv sync --frozen"), ["uv.lock"]);
  assert.deepEqual(files("uv sync", { UV_FROZEN: "1" }), ["uv.lock"]);
  assert.deepEqual(files("uv sync", { UV_FROZEN: "false" }), []);
  assert.deepEqual(files("uv pip sync sub/pylock.toml"), ["sub/pylock.toml"]);
  assert.ok(files("uv run -q s.py").includes("s.py.lock"));
  assert.ok(files("uv sync --script=sub/s").includes("sub/s.lock"));
  assert.ok(!files("uv run s.py t.py").includes("t.py.lock"));
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

test("locksFirst() takes locks of PDM and pipenv where they hold URLs", () => {
  const isOne = (text: string, lock: string) => locksFirst(command(text), {})[0]?.isOne?.(lock);
  assert.equal(isOne("pdm sync", '[metadata]\nstrategy = ["static_urls"]\n'), true);
  assert.equal(isOne("pdm sync", '[[package]]\nname = "a"\n"u\\u0072l" = "https://x.example/a.whl"\n'), true);
  assert.equal(isOne("pdm install", '[[package]]\nname = "a"\nversion = "1"\nfiles = []\n'), false);
  assert.equal(isOne("pdm install", "no lock"), true);
  assert.equal(
    isOne("pipenv sync", '{"_meta": {}, "default": {"a": {"fi\\u006ce": "https://x.example/a.whl"}}}'),
    true,
  );
  assert.equal(isOne("pipenv install --deploy", '{"default": {"a": {}}, "develop": {"b": {"git": "x"}}}'), true);
  assert.equal(isOne("pipenv sync", '{"_meta": {"url": "x"}, "default": {"git": {"version": "==1"}}}'), false);
  assert.equal(isOne("pipenv sync", "["), true);
  assert.equal(isOne("pipenv run x", "["), undefined);
  const files = (text: string, env = {}) => locksFirst(command(text), env).map(({ file }) => file);
  assert.deepEqual(files("pdm sync -L a.lock --lockfile=b.lock", { PDM_LOCKFILE: "c" }), [
    "a.lock",
    "b.lock",
    "c",
    "pdm.lock",
  ]);
  assert.deepEqual(files("pipenv sync", { PIPENV_PIPFILE: "/x/Pipfile" }), ["/x/Pipfile.lock"]);
});

test("namedPythons(), otherFiles() and withPython() read for which Python a command installs", () => {
  for (const [text, names] of [
    ["uv sync -p 3.12", ["3.12"]],
    ["uv -qp 3.12 sync", ["3.12"]],
    ["uv run --python=/x/python -- prog -p y", ["/x/python"]],
    ["uv pip sync -p3.12 --python env lock", ["3.12", "env"]],
    ["uv sync -rp x", []],
    ["pip --python env install x", ["env"]],
    ["pdm sync -p project", []],
  ] as const)
    assert.deepEqual(namedPythons(command(text)), names, text);
  for (const [text, options] of [
    ["uv pip sync --python-version 3.12 x", ["--python-version"]],
    ["uv sync --python-platform=windows", ["--python-platform"]],
    ["pip install --platform x --abi=y z", ["--platform", "--abi"]],
    ["uv sync --python-preference system", []],
    ["uv sync --no-binary-package=x --no-binary", ["--no-binary-package", "--no-binary"]],
  ] as const)
    assert.deepEqual(otherFiles(command(text), {}), options, text);
  const env = { UV_NO_BINARY_PACKAGE: "x", PIP_NO_BINARY: ":all:", POETRY_INSTALLER_NO_BINARY: "" };
  assert.deepEqual(otherFiles(command("uv sync"), env), ["UV_NO_BINARY_PACKAGE"]);
  assert.deepEqual(otherFiles(command("poetry install"), env), []);
  const text = "timeout 60 uv -qp 3.12 run --python=3.12 -- prog -p 3.12";
  assert.deepEqual(
    withPython(text.split(" "), command(text), "/x/python").join(" "),
    "timeout 60 uv -qp /x/python run --python=/x/python -- prog -p 3.12",
  );
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
      "PIP_EXTRA-INDEX-URL": "https://x.example",
      "PIP_--find_links": "/w",
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
