import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startFakeIndex } from "../../testing/fake-index.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { startTestService } from "../../testing/running-service.ts";
import { setScene } from "../../testing/scene.ts";
import { createTlsAuthority } from "../../testing/tls-authority.ts";

/** An upstream index whose certificate only the machine's own authority vouches for. */

const config = (url: string) => `listen = "127.0.0.1:0"
trusted-root = "root.json"
[storage]
artifacts = "state/artifacts"
database = "state/tspip.sqlite"
[[index]]
url = "${url}"
[[team]]
name = "all"
policy = "all.toml"
open = true
`;

const cases: Readonly<Record<string, readonly [env: Record<string, string>, status: number]>> = {
  "in a file of pip's": [{ PIP_CONFIG_FILE: "pip.conf" }, 200],
  "in a variable of pip's": [{ PIP_CONFIG_FILE: "/dev/null", PIP_CERT: "ca.pem" }, 200],
  "in its own variable, which goes first": [{ PIP_CONFIG_FILE: "pip.conf", TSPIP_CERT: "other.pem" }, 502],
  nowhere: [{ PIP_CONFIG_FILE: "/dev/null" }, 502],
};

for (const [where, [env, status]] of Object.entries(cases)) {
  test(`serve: certificate authorities that are named ${where}`, async () => {
    await using scene = await setScene();
    const [own, other] = await Promise.all([createTlsAuthority("Own"), createTlsAuthority("Other")]);
    await using index = await startFakeIndex(await own.issue("127.0.0.1"));
    index.add(makeWheel({ name: "demo" }));
    scene.write("ca.pem", own.certificate);
    scene.write("other.pem", other.certificate);
    scene.write("pip.conf", `[global]\ncert = ${join(scene.folder, "ca.pem")}\nindex-url = https://x.example/\n`);
    scene.write("all.toml", "version = 1\n[default]\n");
    scene.write("serve.toml", config(index.url));
    const inFolder = Object.entries(env).map(([name, file]) => [
      name,
      join(file === "/dev/null" ? "/" : scene.folder, file),
    ]);
    const named = { ...Object.fromEntries(inFolder), TSPIP_RETRIES: "0" };
    await using service = await startTestService(scene, "serve.toml", named);
    const answer = await fetch(new URL("all/simple/demo/", service.url));
    assert.equal(answer.status, status, await answer.text());
  });
}
