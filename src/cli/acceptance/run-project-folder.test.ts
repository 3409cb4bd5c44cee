import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setScene } from "../../testing/scene.ts";

/** uv goes upwards to a pyproject.toml, pipenv to a Pipfile; what lies between and is the other's is passed over. */

const cases = [
  { words: ["pipenv", "sync"], above: "Pipfile", lock: "Pipfile.lock", between: "pyproject.toml" },
  { words: ["uv", "sync", "--frozen"], above: "pyproject.toml", lock: "uv.lock", between: "Pipfile" },
] as const;

for (const { words, above, lock, between } of cases) {
  test(`run: ${words.join(" ")} goes by the lock beside the ${above} above, and so it is judged`, async () => {
    await using scene = await setScene();
    scene.write(above, "");
    scene.write(lock, "no lock file");
    scene.write(`sub/${between}`, "");
    const { exitCode, stderr } = await scene.tspipOn({ cwd: join(scene.folder, "sub") }, "run", "--", ...words);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, new RegExp(`${lock}:1:4: Invalid`));
  });
}
