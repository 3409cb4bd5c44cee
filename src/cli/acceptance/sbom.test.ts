import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { makeAuditScene, site } from "../../testing/audit-scene.ts";
import { xmlProblems, xmlSkip } from "../../testing/check-xml.ts";
import { writeTree } from "../../testing/install-scene.ts";
import { sbomBy } from "../../testing/sbom-document.ts";

const scene = await makeAuditScene();
const { whole, tspip, path } = scene;
const sbom = sbomBy(tspip);
after(() => scene[Symbol.dispose]());

test("ext sbom: the same document each time, in both versions of CycloneDX, from a file or on stdout", async () => {
  const { exitCode, stdout } = await tspip("ext", "sbom", "--venv", whole);
  assert.equal(exitCode, 0);
  const bom = JSON.parse(stdout);
  assert.deepEqual([bom.specVersion, bom.components.length], ["1.6", 2]);
  await tspip("ext", "sbom", "--venv", whole, "-o", "out.json");
  assert.equal(readFileSync(join(path, "out.json"), "utf8"), stdout);
  assert.equal((await sbom("--venv", whole, "--spec-version", "1.7")).document.specVersion, "1.7");
  assert.match((await tspip("ext", "--list")).stdout, /^sbom {2}/m);
  assert.ok(existsSync(join(path, "out.json")));
});

test("ext sbom: SBOMs that distributions bring are merged, and marked (PEP 770)", async () => {
  const env = scene.copy("nested");
  const inner = {
    bomFormat: "CycloneDX",
    specVersion: "1.4",
    metadata: { component: { type: "application", "bom-ref": "top", name: "top", purl: "pkg:pypi/elsewhere@1" } },
    components: [
      { type: "library", "bom-ref": "zlib", name: "zlib", version: "1.3", licenses: [{ license: { id: "Zlib" } }] },
      { type: "nonsense", name: "bent\u0007", hashes: [{ alg: "SHA-256", content: "short" }] },
    ],
    dependencies: [{ ref: "top", dependsOn: ["zlib", "unknown"] }],
  };
  writeTree(env, {
    [`${site}/example-1.0.dist-info/sboms/inner.cdx.json`]: JSON.stringify(inner),
    [`${site}/example-1.0.dist-info/sboms/other.spdx`]: "SPDXVersion: SPDX-2.3",
    [`${site}/example-1.0.dist-info/sboms/broken.json`]: "{",
  });
  const { components, document } = await sbom("--venv", env);
  const [example] = components;
  assert.deepEqual(
    example?.components?.map(({ name }) => name),
    ["top", "zlib", "bent\u0007"],
  );
  assert.ok(example?.components?.every(({ properties }) => properties[0]?.name === "tspip:nested-from"));
  assert.equal(example?.externalReferences?.filter(({ type }) => type === "bom").length, 3);
  const problems = example?.properties.filter(({ name }) => name === "tspip:nested:problem").map(({ value }) => value);
  assert.deepEqual(problems, ["sboms/broken.json is no JSON", "sboms/inner.cdx.json is about pkg:pypi/elsewhere@1"]);
  const edge = document.dependencies.find(({ ref }: { ref: string }) => ref.endsWith(":top"));
  assert.match(edge.dependsOn.join(), /^pkg:pypi\/example@1\.0.*:zlib$/);
});

test("ext sbom: files and licence texts on demand", async () => {
  const env = scene.copy("detailed");
  writeTree(env, { [`${site}/example-1.0.dist-info/licenses/LICENSE`]: "Do as you like" });
  const plain = await sbom("--venv", env);
  assert.equal(plain.components[0]?.components, undefined);
  const { components } = await sbom("--venv", env, "--files", "--license-texts");
  const [example] = components;
  assert.equal(example?.evidence.licenses?.[0]?.license.name, "licenses/LICENSE");
  const module = example?.components?.find(({ name }) => name === "example/sub/mod.py");
  assert.match(module?.hashes?.[0]?.content ?? "", /^[0-9a-f]{64}$/);
});

test("ext sbom: what links lead to is nobody's licence", async () => {
  const env = scene.copy("linked");
  const info = join(env, site, "example-1.0.dist-info");
  writeTree(path, { "secrets/key": "a secret" });
  const texts = async () => (await tspip("ext", "sbom", "--venv", env, "--license-texts")).stdout;
  symlinkSync(join(path, "secrets"), join(info, "licenses"));
  symlinkSync(join(path, "secrets"), join(info, "sboms"));
  assert.doesNotMatch(await texts(), /a secret|YSBzZWNyZXQ|sboms\/key/);
  rmSync(join(info, "licenses"));
  const metadata = join(info, "METADATA");
  writeFileSync(metadata, readFileSync(metadata, "utf8").replace(/^(Version: .*)$/m, "$1\nLicense-File: LICENSE"));
  writeFileSync(join(info, "LICENSE"), "Do as you like");
  assert.match(await texts(), /Do as you like|RG8gYXMgeW91IGxpa2U/);
  rmSync(join(info, "LICENSE"));
  symlinkSync(join(path, "secrets/key"), join(info, "LICENSE"));
  assert.doesNotMatch(await texts(), /a secret|YSBzZWNyZXQ/);
});

test("ext sbom: VEX of both kinds is merged where it is about a component", async () => {
  const analysis = { state: "not_affected", justification: "code_not_reachable", response: ["update"], detail: "why" };
  writeTree(path, {
    "vex.cdx.json": JSON.stringify({
      bomFormat: "CycloneDX",
      components: [{ "bom-ref": "x", purl: "pkg:pypi/Example@1.0" }],
      vulnerabilities: [
        { id: "CVE-1", affects: [{ ref: "x" }], analysis },
        { id: "CVE-2", affects: [{ ref: "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg:pypi/other@1.0" }] },
        { id: "CVE-3", affects: [{ ref: "pkg:pypi/example@2.0" }] },
      ],
    }),
    "vex.json": JSON.stringify({
      "@context": "https://openvex.dev/ns/v0.2.0",
      statements: [
        { vulnerability: { name: "CVE-0" }, products: [{ "@id": "pkg:pypi/example@1.0" }], status: "fixed" },
        { vulnerability: "CVE-4", products: ["pkg:pypi/example@1.0"], status: "constructor" },
        {
          vulnerability: "CVE-5",
          products: ["pkg:pypi/example@1.0"],
          status: "not_affected",
          justification: "__proto__",
        },
      ],
    }),
    "broken.json": "{",
  });
  const { document } = await sbom("--venv", whole, "--vex", "vex.cdx.json", "--vex", "vex.json");
  const ids = document.vulnerabilities.map(({ id }: { id: string }) => id);
  assert.deepEqual(ids, ["CVE-0", "CVE-1", "CVE-2", "CVE-5"]);
  // What is no word of OpenVEX is left out.
  assert.deepEqual(document.vulnerabilities[3].analysis, { state: "not_affected" });
  assert.deepEqual(document.vulnerabilities[1].analysis, analysis);
  assert.equal((await tspip("ext", "sbom", "--venv", whole, "--vex", "broken.json")).exitCode, 2);
});

test("ext sbom: an environment or something else, not both", async () => {
  writeTree(path, { "requirements.txt": "pinned==1.2\n" });
  assert.equal((await tspip("ext", "sbom", "--venv", whole, "-r", "requirements.txt")).exitCode, 2);
  assert.equal((await tspip("ext", "sbom", "-r", "nowhere.txt")).exitCode, 2);
});

test("ext sbom: XML is valid by the official schemas", { skip: xmlSkip }, async () => {
  const env = scene.copy("xml");
  writeTree(env, {
    [`${site}/example-1.0.dist-info/licenses/LICENSE`]: "<&>\u0000",
    [`${site}/example-1.0.dist-info/sboms/inner.cdx.json`]: JSON.stringify({
      bomFormat: "CycloneDX",
      components: [{ name: "<zlib>\u0001\ud800", "bom-ref": "z", licenses: [{ expression: "MIT OR Zlib" }] }],
      dependencies: [{ ref: "z" }],
    }),
  });
  for (const version of ["1.6", "1.7"]) {
    const argv = ["--output-format", "xml", "--spec-version", version, "--files", "--license-texts", "-o", "out.xml"];
    const { exitCode } = await tspip("ext", "sbom", "--venv", env, "--validate", ...argv);
    assert.equal(exitCode, 0);
    assert.equal(xmlProblems(join(path, "out.xml"), version), "");
  }
});

test("ext sbom: XML has the serial number of the same document in JSON", async () => {
  const { document } = await sbom("--venv", whole);
  const { stdout } = await tspip("ext", "sbom", "--venv", whole, "--output-format", "xml");
  assert.ok(stdout.includes(`serialNumber="${document.serialNumber}"`));
  assert.equal(stdout.match(/<component type="library"/g)?.length, 2);
});
