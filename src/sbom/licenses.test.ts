import assert from "node:assert/strict";
import { test } from "node:test";
import { LicenseExpression, NamedLicense, SpdxLicense } from "@cyclonedx/cyclonedx-library/Models";
import { isSupportedSpdxId } from "@cyclonedx/cyclonedx-library/SPDX";
import { type MetadataHeaders, makeInstalled } from "../testing/make-installed.ts";
import { classifierIds } from "./license-classifiers.ts";
import { licensesOf } from "./licenses.ts";
import { spdxExpression, spdxId } from "./spdx.ts";

/** `expression: …`, `id: …` or `name: …` for each licence. */
function declared(headers: MetadataHeaders): string[] {
  return licensesOf(makeInstalled("demo", "1", headers)).map((license) => {
    assert.equal(license.acknowledgement, "declared");
    if (license instanceof LicenseExpression) return `expression: ${license.expression}`;
    if (license instanceof SpdxLicense) return `id: ${license.id}`;
    assert.ok(license instanceof NamedLicense);
    return `name: ${license.name}`;
  });
}

test("licensesOf() takes License-Expression alone", () => {
  assert.deepEqual(
    declared({ "License-Expression": "MIT", License: "other", Classifier: "License :: Public Domain" }),
    ["expression: MIT"],
  );
});

test("licensesOf() keeps an invalid License-Expression as a name", () => {
  assert.deepEqual(declared({ "License-Expression": "MIT AND whatever" }), ["name: MIT AND whatever"]);
});

test("licensesOf() maps classifiers that name one licence, and keeps others as they are", () => {
  const classifiers = [
    "License :: OSI Approved :: MIT License",
    "License :: OSI Approved :: BSD License",
    "License :: OSI Approved",
    "Topic :: Internet",
  ];
  assert.deepEqual(declared({ Classifier: classifiers }), ["id: MIT", "name: License :: OSI Approved :: BSD License"]);
});

test("licensesOf() reads License as an identifier, an expression or a name", () => {
  assert.deepEqual(declared({ License: "apache-2.0" }), ["id: Apache-2.0"]);
  assert.deepEqual(declared({ License: "MIT or Apache-2.0" }), ["expression: MIT OR Apache-2.0"]);
  assert.deepEqual(declared({ License: "BSD, mostly" }), ["name: BSD, mostly"]);
  assert.deepEqual(declared({ License: "constructor" }), ["name: constructor"]);
});

test("licensesOf() says a licence once", () => {
  assert.deepEqual(declared({ License: "MIT", Classifier: "License :: OSI Approved :: MIT License" }), ["id: MIT"]);
});

test("licensesOf() attaches a whole licence text", () => {
  const [license] = licensesOf(makeInstalled("demo", "1", { License: "Permission is\n  hereby granted" }));
  assert.ok(license instanceof NamedLicense);
  assert.equal(license.name, "License text of demo");
  assert.equal(Buffer.from(String(license.text?.content), "base64").toString(), "Permission is\nhereby granted");
});

test("licensesOf() finds nothing where nothing is declared", () => {
  assert.deepEqual(declared({}), []);
});

test("spdxExpression() spells identifiers and operators as SPDX does", () => {
  assert.equal(
    spdxExpression(" gpl-2.0-ONLY with\tclasspath-exception-2.0 "),
    "GPL-2.0-only WITH Classpath-exception-2.0",
  );
  assert.equal(
    spdxExpression("(mit and LicenseRef-Proprietary) or apache-2.0+"),
    "(MIT AND LicenseRef-Proprietary) OR Apache-2.0+",
  );
});

test("spdxExpression() gives nothing for what is none, however deep or long", () => {
  for (const text of ["", "MIT Apache-2.0", "(MIT", "__proto__", `${"(".repeat(900)}MIT`, "MIT OR ".repeat(10_000)])
    assert.equal(spdxExpression(text), undefined);
});

test("every identifier of the classifiers is on the SPDX list as it is spelt", () => {
  for (const id of classifierIds.values()) assert.equal(spdxId(id), id);
  for (const id of classifierIds.values()) assert.ok(isSupportedSpdxId(id), id);
});
