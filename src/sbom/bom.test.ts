import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Version } from "@cyclonedx/cyclonedx-library/Spec";
import { JsonStrictValidator } from "@cyclonedx/cyclonedx-library/Validation";
import type { Installed } from "../environment/installed.ts";
import fc from "../testing/fast-check.ts";
import { assertGolden } from "../testing/golden.ts";
import { linuxMarkers, makeInstalled, makeInstalledReceipt } from "../testing/make-installed.ts";
import { createSbom, type SbomOptions } from "./bom.ts";

const options: SbomOptions = { toolVersion: "0.1.0", markers: linuxMarkers, environment: "demo-env" };
const validators = {
  "1.6": new JsonStrictValidator(Version.v1dot6),
  "1.7": new JsonStrictValidator(Version.v1dot7),
};
const specVersions = ["1.6", "1.7"] as const;

const attestation = {
  predicateType: "https://docs.pypi.org/attestations/publish/v1",
  signer: {
    kind: "github",
    repository: "example/signed",
    workflow: "release.yml",
    ref: "refs/tags/v2.0",
    environment: "pypi",
    repository_id: "1234",
    commit: "c0".repeat(20),
  },
  logIndex: "123456789",
  signedAt: "2026-01-02T03:04:05.000Z",
} as const;

/** One of each kind: attested, admitted without attestation, from a URL, by another installer, with something missing. */
const environment: readonly Installed[] = [
  makeInstalled(
    "Signed.Pkg",
    "2.0",
    {
      Summary: "Vouched for by its publisher",
      Author: "Ada Example",
      "Author-email": "ada@example.org",
      "License-Expression": "mit or Apache-2.0",
      "Project-URL": [
        "Source Code, https://user:secret@code.example/signed",
        "Bug Tracker, https://code.example/signed/issues",
        "X, javascript:alert(1)",
      ],
      "Requires-Dist": ["plain>=1", "windows-only; sys_platform == 'win32'", "tls-extra[fast]; extra == 'tls'"],
      "Provides-Extra": "tls",
    },
    {
      requested: true,
      installer: "tspip",
      receipt: makeInstalledReceipt("signed_pkg-2.0-py3-none-any.whl", [attestation]),
    },
  ),
  makeInstalled(
    "plain",
    "1.4+local.1",
    {
      Classifier: ["License :: OSI Approved :: MIT License", "License :: OSI Approved :: BSD License"],
      License: "BSD-3-Clause",
    },
    { installer: "tspip", receipt: makeInstalledReceipt("plain-1.4+local.1-py3-none-any.whl") },
  ),
  makeInstalled(
    "by-url",
    "3",
    {
      License: "Permission is hereby granted\n        to everybody",
      "Requires-Dist": ["signed-pkg[tls]", "nowhere", "plain<1"],
    },
    {
      requested: true,
      installer: "pip",
      directUrl: {
        url: "https://u:p@dl.example/by_url-3-py3-none-any.whl",
        archive_info: { hashes: { sha256: "AB".repeat(32), md5: "00" } },
      },
    },
  ),
  makeInstalled("tls-extra", "1.0", { "Author-email": '"Doe, Jane" <jane@example.org>, Ünï <ü@exämple.org>' }),
];

test("createSbom() names the program that made the document by its digest", () => {
  const toolDigest = "5a".repeat(32);
  const [tool] = JSON.parse(createSbom([], { ...options, toolDigest })).metadata.tools.components;
  assert.deepEqual(tool.hashes, [{ alg: "SHA-256", content: toolDigest }]);
});

test("createSbom() writes the document of docs/sbom.md", async (t) => {
  for (const specVersion of specVersions) {
    await t.test(specVersion, () => {
      assertGolden(
        createSbom(environment, { ...options, specVersion }),
        new URL(`../../testdata/sbom/one-of-each-${specVersion}.cdx.json`, import.meta.url),
      );
    });
  }
});

test("docs/sbom.md names every property of ours", () => {
  const page = readFileSync(new URL("../../docs/sbom.md", import.meta.url), "utf8");
  const written = createSbom(environment, options).matchAll(/"name": "(?<name>tspip:[^"]+)"/g);
  for (const { groups } of written) assert.ok(page.includes(`| \`${groups?.name}\``), groups?.name);
});

test("createSbom() is valid by the official strict schemas", async () => {
  await assertValid(environment);
  await assertValid([]);
});

test("createSbom() gives the same bytes for the same distributions in another order", () => {
  assert.equal(createSbom(environment.toReversed(), options), createSbom(environment, options));
});

test("createSbom() derives the serial number from the content", () => {
  const serial = (installed: readonly Installed[]) => JSON.parse(createSbom(installed, options)).serialNumber;
  assert.match(serial(environment), /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(serial(environment), serial(environment.slice(1)));
});

test("createSbom() has a time only when one is given", () => {
  const { metadata } = JSON.parse(createSbom(environment, options));
  assert.equal(metadata.timestamp, undefined);
  assert.deepEqual(metadata.properties, [{ name: "cdx:reproducible", value: "true" }]);
  const timed = JSON.parse(createSbom(environment, { ...options, timestamp: new Date(0) }));
  assert.equal(timed.metadata.timestamp, "1970-01-01T00:00:00.000Z");
  assert.equal(timed.metadata.properties, undefined);
});

test("createSbom() gives two copies of a distribution two references", async () => {
  const twice = [makeInstalled("a", "1"), makeInstalled("a", "1")];
  const { components } = JSON.parse(createSbom(twice, options));
  assert.deepEqual(
    components.map((component: { "bom-ref": string }) => component["bom-ref"]),
    ["pkg:pypi/a@1", "pkg:pypi/a@1#2"],
  );
  await assertValid(twice);
});

test("createSbom() calls itself incomplete when part of the environment could not be read", () => {
  const { compositions } = JSON.parse(createSbom(environment, { ...options, isComplete: false }));
  assert.deepEqual(compositions[0], { aggregate: "incomplete", assemblies: ["environment"] });
});

test("createSbom() takes no receipt that is about another archive", () => {
  const stale = makeInstalled(
    "plain",
    "2.0",
    {},
    { receipt: makeInstalledReceipt("plain-1.4-py3-none-any.whl", [attestation]) },
  );
  const [component] = JSON.parse(createSbom([stale], options)).components;
  assert.equal(component.hashes, undefined);
  assert.deepEqual(component.properties.slice(0, 2), [
    { name: "tspip:verdict", value: "unverified" },
    { name: "tspip:receipt", value: "of-another-archive" },
  ]);
});

test("createSbom() shows no character that acts on a terminal, and loses none", () => {
  const summary = "\u202eevil\u009b31m\u200b\u{e0041}\u007fe\u0301 ##[error]no ##vso[task]";
  const text = createSbom([makeInstalled("a", "1", { Summary: summary })], options);
  assert.doesNotMatch(text, /(?!\n)[\p{Cc}\p{Cf}]|##/u);
  assert.equal(JSON.parse(text).components[0].description, summary);
});

test("createSbom() makes a valid document of whatever METADATA says", async () => {
  const hostile = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "constructor",
      "__proto__",
      "x".repeat(100_000),
      "(".repeat(900),
      "\u0000\u001b[2J",
      "\ud800",
      'a@b, <c@d>, "',
      "https://[::1",
      "MIT\u2028",
    ),
    fc.emailAddress({ size: "large" }),
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
  );
  const value = hostile.map((text) => text.replace(/[\r\n]/g, " "));
  const headers = fc.record({
    Summary: value,
    Author: value,
    "Author-email": value,
    "Home-page": value,
    "Download-URL": value,
    "Project-URL": fc.array(value, { maxLength: 3 }),
    Classifier: fc.array(
      value.map((text) => `License :: ${text}`),
      { maxLength: 3 },
    ),
    License: value,
  });
  const distributions = fc.array(
    fc.record({ headers, expression: fc.option(value), installer: value, url: value, version: value, filename: value }),
    { maxLength: 3 },
  );
  await fc.assert(
    fc.asyncProperty(distributions, async (parts) => {
      const installed = parts.map(({ headers, expression, installer, url, version, filename }, at) => ({
        ...makeInstalled(
          "hostile",
          String(at),
          { ...headers, ...(expression !== null && { "License-Expression": expression }) },
          {
            installer,
            directUrl: { url, archive_info: { hashes: { sha256: url } } },
            receipt: makeInstalledReceipt(filename),
          },
        ),
        version,
      }));
      await assertValid(installed);
    }),
    { numRuns: 60 },
  );
});

test("createSbom() makes a valid document of whatever a receipt says", async () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("", "__proto__", "https://x"));
  const signer = fc.dictionary(text, text).chain((fields) => text.map((kind) => ({ ...fields, kind })));
  const attested = fc.record({ predicateType: text, signer, signedAt: text, logIndex: text });
  await fc.assert(
    fc.asyncProperty(fc.array(attested, { maxLength: 2 }), text, text, async (attestations, rule, policy) => {
      const receipt = makeInstalledReceipt("a-1-py3-none-any.whl", attestations as unknown as (typeof attestation)[]);
      await assertValid([makeInstalled("a", "1", {}, { receipt: { ...receipt, verdict: { rule, policy } } })]);
    }),
    { numRuns: 30 },
  );
});

test("createSbom() does not grow with the square of the distributions", () => {
  const many = Array.from({ length: 400 }, (_, at) =>
    makeInstalled(
      `package-${at}`,
      `1.${at}`,
      {
        Summary: "One of many",
        "License-Expression": "MIT OR Apache-2.0",
        "Author-email": "Somebody <somebody@example.org>",
        "Project-URL": ["Homepage, https://example.org", "Source, https://code.example"],
        "Requires-Dist": Array.from(
          { length: 5 },
          (_, other) => `package-${(at + other) % 400}>=1; python_version >= "3.9"`,
        ),
      },
      { receipt: makeInstalledReceipt(`package_${at}-1.${at}-py3-none-any.whl`, [attestation]) },
    ),
  );
  // The quickest of some runs, as other work on the machine only ever adds to it.
  const quickest = (count: number) =>
    Math.min(
      ...Array.from({ length: 5 }, () => {
        const start = performance.now();
        createSbom(many.slice(0, count), options);
        return performance.now() - start;
      }),
    );
  const ratio = quickest(400) / quickest(50);
  assert.ok(ratio < 32, `8 times the distributions took ${ratio} times as long`);
});

async function assertValid(installed: readonly Installed[]): Promise<void> {
  for (const specVersion of specVersions) {
    const text = createSbom(installed, { ...options, specVersion, timestamp: new Date(0) });
    const errors = await validators[specVersion].validate(text);
    assert.equal(errors, null, `${JSON.stringify(errors, null, 1)}\n${text.slice(0, 5000)}`);
    assertReferences(JSON.parse(text));
  }
}

interface References {
  readonly components: readonly { readonly "bom-ref": string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

/** The schema cannot say it: every reference is there once, and each component is in the graph. */
function assertReferences({ components, dependencies }: References): void {
  const refs = components.map((component) => component["bom-ref"]);
  assert.equal(new Set(refs).size, refs.length);
  assert.deepEqual(dependencies.map(({ ref }) => ref).sort(), ["environment", ...refs].sort());
  for (const { dependsOn = [] } of dependencies) for (const ref of dependsOn) assert.ok(refs.includes(ref), ref);
}
