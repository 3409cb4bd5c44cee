import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Scene, setScene } from "../../testing/scene.ts";

/** Files of variables that an installer puts into the environment after tspip has led it to the gate. */

/** In the place of an installer a program that only says that it ran. */
function tell(scene: Scene, ...names: string[]): void {
  for (const name of names) {
    scene.write(`bin/${name}`, "#!/bin/sh\necho ran\n");
    chmodSync(join(scene.folder, "bin", name), 0o755);
  }
}

type Case = readonly [
  what: string,
  files: Readonly<Record<string, string>>,
  env: Record<string, string>,
  words: string,
];

const pdmProject = (script: string) =>
  `[project]\nname = "x"\nversion = "1"\n[tool.pdm.scripts]\nx = { cmd = "pip install a", ${script} }\n`;

const refused: readonly Case[] = [
  ["of uv run", { "own.env": "\nexport PIP_FIND_LINKS=./wheels\n" }, {}, "uv run --env-file own.env pip install a"],
  ["of uvx", { "own.env": "UV_INDEX=https://x.example/\n" }, {}, "uvx --env-file=own.env a"],
  ["of UV_ENV_FILE", { a: "A=1", b: "PIP_EXTRA_INDEX_URL = x" }, { UV_ENV_FILE: "a b" }, "uv run pip install a"],
  ["that make uv go by a lock", { ".env": "UV_FROZEN=1" }, {}, "uv run --env-file .env uv sync"],
  ["below uv --directory", { "sub/e": "UV_INDEX=x" }, {}, "uv --directory sub run --env-file e uv sync"],
  ["that name a URL", { ".env": "UV_CONSTRAINT='https://x.example/c'" }, {}, "uv run --env-file .env uv pip install a"],
  ["of pipenv", { Pipfile: "", ".env": "PIP_INDEX_URL=https://x.example/\n" }, {}, "pipenv install"],
  ["of pipenv, with a quoted name", { ".env": "x=1\r'PIPENV_PYPI_MIRROR'=x" }, {}, "pipenv run pip install a"],
  ["of pipenv that undo ours", { ".env": "no_proxy=x" }, {}, "pipenv sync"],
  ["that pipenv is told of", { "sub/e": "PIP_NO_INDEX=1" }, { PIPENV_DOTENV_LOCATION: "sub/e" }, "pipenv sync"],
  [
    "beside the Pipfile that pipenv is told of",
    { "pyproject.toml": "", "sub/.env": "PIP_NO_INDEX=1" },
    { PIPENV_PIPFILE: "sub/Pipfile" },
    "pipenv sync",
  ],
  ["of a script of PDM's", { "pyproject.toml": pdmProject('env_file = "e"'), e: "UV_INDEX=x" }, {}, "pdm run x"],
  ["that PDM is told of in short", { e: "UV_INDEX=x" }, {}, "pdm run --env-fi e pip install a"],
  [
    "of a script of PDM's that go first",
    { "pyproject.toml": pdmProject('env_file.override = "e"'), e: "PIP_INDEX_URL=x" },
    {},
    "pdm run x",
  ],
  ["in a script of PDM's", { "pyproject.toml": pdmProject('env = { PIP_INDEX_URL = "x" }') }, {}, "pdm run x"],
];

for (const [what, files, env, words] of refused) {
  test(`run: variables ${what}, that lead around the gate, are refused`, async () => {
    await using scene = await setScene();
    for (const [name, text] of Object.entries(files)) scene.write(name, text);
    tell(scene, "uv", "uvx", "pipenv", "pdm");
    const path = { PATH: `${join(scene.folder, "bin")}:${process.env.PATH}` };
    const { exitCode, stdout, stderr } = await scene.tspipWith({ ...path, ...env }, "run", "--", ...words.split(" "));
    assert.equal(exitCode, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /leads around the gate: it is put into the environment behind tspip/);
  });
}

const allowed: readonly Case[] = [
  [
    "of uv's that do not go before ours",
    { ".env": "PIP_INDEX_URL=x\nUV_INDEX_URL=x\nTOKEN=1" },
    {},
    "uv run --env-file .env a",
  ],
  ["that uv is told not to read", { ".env": "UV_INDEX=x" }, { UV_NO_ENV_FILE: "1" }, "uv run --env-file .env a"],
  ["that pipenv is told not to read", { ".env": "PIP_INDEX_URL=x" }, { PIPENV_DONT_LOAD_ENV: "1" }, "pipenv sync"],
  ["of a program's own", { ".env": "UV_INDEX=x" }, {}, "uv run a --env-file .env"],
  ["that nobody reads", { ".env": "UV_INDEX=x" }, {}, "uv sync"],
];

for (const [what, files, env, words] of allowed) {
  test(`run: variables ${what} are no matter`, async () => {
    await using scene = await setScene();
    for (const [name, text] of Object.entries(files)) scene.write(name, text);
    tell(scene, "uv", "pipenv");
    const path = { PATH: `${join(scene.folder, "bin")}:${process.env.PATH}` };
    const { exitCode, stdout, stderr } = await scene.tspipWith({ ...path, ...env }, "run", "--", ...words.split(" "));
    assert.deepEqual([exitCode, stdout], [0, "ran\n"], stderr);
  });
}
