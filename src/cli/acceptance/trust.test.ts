import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { authority } from "../../testing/scene.ts";
import { temporaryFolder } from "../../testing/tree.ts";
import { typeCommand } from "../../testing/type-command.ts";

test("trust show says which root is in use, and a stored one goes before the embedded one", async () => {
  using folder = temporaryFolder();
  assert.match(
    (await typeCommand(folder.path, ["trust", "show"])).stdout,
    /^Trusted root: embedded\n[\s\S]*rekor\.sigstore\.dev/,
  );
  mkdirSync(join(folder.path, ".local/share/tspip"), { recursive: true });
  writeFileSync(join(folder.path, ".local/share/tspip/trusted_root.json"), authority.trustedRootJson);
  assert.match((await typeCommand(folder.path, ["trust", "show"])).stdout, /^Trusted root: tspip trust update \(/);
  const { exitCode, stderr } = await typeCommand(folder.path, ["trust", "update", "--mirror", "https://example.org/"]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /--mirror needs --root/);
});
