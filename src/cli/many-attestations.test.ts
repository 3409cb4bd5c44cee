import assert from "node:assert/strict";
import { test } from "node:test";
import { provenanceBy, setScene } from "../testing/command-scene.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { typeCommand } from "../testing/type-command.ts";

test("verify: many attestations get the verdicts that each gets alone, whether a thread helps or not", async () => {
  await using scene = await setScene();
  const files = Array.from({ length: 40 }, (_, at) => {
    const wheel = makeWheel({ name: `demo-${at}`, version: "1.0" });
    const provenance = provenanceBy("acme/demo", wheel);
    scene.write(wheel.filename, wheel.bytes);
    scene.write(`${wheel.filename}.provenance`, at % 8 === 5 ? bent(provenance) : provenance);
    return wheel.filename;
  });
  const verify = (processors: number) =>
    typeCommand(
      scene.folder,
      ["verify", ...files, "--offline", "--trusted-root", "root.json", "--explain", "--format", "json"],
      { processors },
    );
  const [alone, helped] = [await verify(1), await verify(2)];
  assert.equal(helped.exitCode, 1, helped.stderr);
  const { artifacts } = JSON.parse(helped.stdout) as { artifacts: { filename: string; decision: string }[] };
  assert.deepEqual(
    artifacts.map(({ decision }) => decision),
    files.map((_, at) => (at % 8 === 5 ? "deny" : "allow")),
  );
  assert.deepEqual(artifacts, JSON.parse(alone.stdout).artifacts);
});

/** With another first byte in each signature; DER's is always the same. */
function bent(provenance: string): string {
  return provenance.replace(/"signature":\s*"M/g, '"signature":"N');
}
