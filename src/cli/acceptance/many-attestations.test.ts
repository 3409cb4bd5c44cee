import assert from "node:assert/strict";
import { test } from "node:test";
import { provenanceBy, setScene } from "../../testing/command-scene.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { typeCommand } from "../../testing/type-command.ts";

test("verify: many attestations get the verdicts that each gets alone", async () => {
  await using scene = await setScene();
  const files = Array.from({ length: 40 }, (_, at) => {
    const wheel = makeWheel({ name: `demo-${at}`, version: "1.0" });
    const provenance = provenanceBy("acme/demo", wheel);
    scene.write(wheel.filename, wheel.bytes);
    scene.write(`${wheel.filename}.provenance`, at % 8 === 5 ? bent(provenance) : provenance);
    return wheel.filename;
  });
  const verify = async (...wheels: readonly string[]) => {
    const options = ["--offline", "--trusted-root", "root.json", "--explain", "--format", "json"];
    const { stdout } = await typeCommand(scene.folder, ["verify", ...wheels, ...options]);
    return (JSON.parse(stdout) as { artifacts: { filename: string; decision: string }[] }).artifacts;
  };
  const artifacts = await verify(...files);
  assert.deepEqual(
    artifacts.map(({ decision }) => decision),
    files.map((_, at) => (at % 8 === 5 ? "deny" : "allow")),
  );
  for (const at of [0, 5]) assert.deepEqual([artifacts[at]], await verify(files[at] ?? ""));
});

/** With another first byte in each signature; DER's is always the same. */
function bent(provenance: string): string {
  return provenance.replace(/"signature":\s*"M/g, '"signature":"N');
}
