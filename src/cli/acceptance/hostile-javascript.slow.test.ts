import assert from "node:assert/strict";
import { test } from "node:test";
import { setScene } from "../../testing/scene.ts";

/** What a JavaScript inspector can do wrong, and how each ends: bounded, and as docs/ext.md says. */

for (const [what, body, exitCode, says] of [
  ["never answers", "pre_extract = () => new Promise(() => setInterval(() => {}, 1000))", 3, /within 4 seconds/],
  ["loops", "pre_extract = () => { for (;;); }", 3, /within 4 seconds/],
  ["exits", "pre_extract = () => process.exit(0)", 3, /ended with exit code 0/],
  ["dies", "pre_extract = () => process.abort()", 3, /ended by SIGABRT/],
  ["throws", "pre_extract = () => { throw new TypeError('no') }", 3, /failed: TypeError: no/],
  ["answers", "pre_extract = () => false", 3, /returned boolean/],
  ["prints", "pre_extract = () => { console.log('{}'); console.error('{}') }", 0, /Allowed/],
  [
    "changes",
    "pre_extract = (path) => { fs.chmodSync(path, 0o600); fs.appendFileSync(path, 'x') }",
    1,
    /artifact-changed/,
  ],
  ["has no form", "something = 1", 2, /exports neither plugin_type\(\) nor provided_hooks\(\)/],
  ["does not parse", "pre_extract = ", 2, /SyntaxError/],
] as const) {
  test(`a JavaScript inspector that ${what}: exit code ${exitCode}`, async () => {
    await using scene = await setScene();
    const form = what === "has no form" ? "" : 'export const plugin_type = () => "dist-inspector";';
    scene.write("bad.mjs", `import * as fs from "node:fs";\n${form}\nexport const ${body};\n`);
    // Starting counts as well, and the machine may be busy; what does not end is waited for all that time.
    const timeout = what === "loops" || what === "never answers" ? 4 : 30;
    scene.write("tspip.toml", `[plugins]\ntimeout = ${timeout}\n[[inspector]]\nname = "bad"\nmodule = "./bad.mjs"\n`);
    scene.offer({ name: "good" });
    const answer = await scene.tspip("verify", "good==1.0");
    assert.equal(answer.exitCode, exitCode, answer.stdout + answer.stderr);
    assert.match(answer.stdout + answer.stderr, says);
  });
}
