import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { parseServiceConfig } from "./config.ts";

const page = readFileSync(new URL("../../docs/serve.md", import.meta.url), "utf8");
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "gm"))].map(([, text = ""]) => text);

test("docs/serve.md: the configuration is one that is read", () => {
  const [text = ""] = blocks("toml");
  assert.deepEqual(
    parseServiceConfig(text, "serve.toml").teams.map(({ name }) => name),
    ["payments", "playground"],
  );
});

test("docs/serve.md: the compose file and the manifests are YAML with what these tools require", () => {
  const documents = blocks("yaml").flatMap((text) => parseAllDocuments(text));
  for (const { errors, warnings } of documents) assert.deepEqual([errors, warnings], [[], []]);
  const [compose, ...manifests] = documents.map((document) => document.toJS());
  for (const volume of compose.services.tspip.volumes)
    assert.ok(volume.startsWith("./") || volume.split(":")[0] in compose.volumes, volume);
  for (const { apiVersion, kind, metadata, spec } of manifests) {
    assert.match(`${apiVersion} ${kind}`, /^(?:apps\/v1 Deployment|v1 Service|v1 PersistentVolumeClaim)$/);
    assert.equal(metadata.name, "tspip");
    assert.equal(typeof spec, "object");
  }
  const [{ template, selector }] = manifests.map(({ spec }) => spec);
  assert.deepEqual(template.metadata.labels, selector.matchLabels);
  const declared = template.spec.volumes.map(({ name }: { name: string }) => name);
  for (const { name } of template.spec.containers[0].volumeMounts) assert.ok(declared.includes(name), name);
});
