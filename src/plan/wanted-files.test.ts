import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArtifactRef } from "../distribution/artifact.ts";
import { parseFilename } from "../distribution/filename.ts";
import { normalizeProjectName } from "../distribution/project-name.ts";
import { parseSpecifierSet } from "../distribution/specifier.ts";
import { parseVersion } from "../distribution/version.ts";
import { attestedBefore } from "../package-index/attested-before.ts";
import type { WantedFiles } from "../package-index/page.ts";
import { parseSimpleHtml } from "../package-index/simple-html.ts";
import { parseSimpleJson } from "../package-index/simple-json.ts";
import fc from "../testing/fast-check.ts";
import { filesOfVersion, fittingWheels } from "./wanted-files.ts";

const tags = ["cp311-cp311-manylinux_2_17_x86_64", "cp39-abi3-manylinux2014_x86_64", "py3-none-any"];
const target = { tags, pythonVersion: parseVersion("3.11") };

/** Which of the files are wanted; a star behind a name says that the index has provenance of it. */
function wantedBy(areWanted: WantedFiles, ...files: readonly string[]): string[] {
  const names = files.map((file) => (file === "?" ? undefined : file.replace("*", "")));
  const wanted = areWanted(names, (at) => files[at]?.endsWith("*") === true);
  return files.filter((_, at) => wanted[at]);
}

test("fittingWheels() wants what a tag of the target fits, however many stand in the name", () => {
  const fitting = [
    "a-1.0-py3-none-any.whl",
    "a-1.0-py2.py3-none-any.whl",
    "a-1.0-1build-py3-none-any.whl",
    "a-1.0-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "a-1.0-CP311-cp311-manylinux_2_17_x86_64.whl",
    `a-1.0-${"b.c.".repeat(15)}py3-${"d.".repeat(15)}none-${"e.".repeat(15)}any.whl`,
  ];
  const others = [
    "a-1.0.tar.gz",
    "a-1.0.zip",
    "a-1.0-cp312-cp312-manylinux_2_17_x86_64.whl",
    "a-1.0-cp311-cp311-win_amd64.whl",
    "a-1.0-cp311-cp311-win_amd64.whl",
  ];
  assert.deepEqual(wantedBy(fittingWheels(target), ...fitting, ...others), fitting);
});

test("fittingWheels() leaves it to others to say what is wrong with a name", () => {
  const malformed = ["a.whl", "-.whl", "a-1-py3-none-.whl", "a-1-py3--any.whl"];
  assert.deepEqual(wantedBy(fittingWheels(target), ...malformed), malformed);
});

test("fittingWheels() wants a file of each release and an attested one, so that it is known which are attested", () => {
  assert.deepEqual(
    wantedBy(
      fittingWheels(target),
      "a-1.0-cp311-cp311-win_amd64.whl",
      "a-1.0-cp312-cp312-win_amd64.whl*",
      "a-1.0-cp313-cp313-win_amd64.whl*",
      "a-1.0.tar.gz*",
      "a-1.1.tar.gz*",
      "?",
      "a-1.1-cp312-cp312-win_amd64.whl*",
      "a-1.2.zip",
      "a-1.2-py3-none-any.whl",
      "a-1.2-cp312-cp312-win_amd64.whl",
      "a-1.2.tar.gz*",
    ),
    [
      "a-1.0-cp311-cp311-win_amd64.whl",
      "a-1.0-cp312-cp312-win_amd64.whl*",
      "a-1.1.tar.gz*",
      "?",
      "a-1.2-py3-none-any.whl",
      "a-1.2.tar.gz*",
    ],
  );
});

/** Versions of which some are in one series, with kinds of files that fit and that do not. */
const version = fc.constantFrom("1.0", "1.1", "2.0", "2.1", "2.1.post1", "3.0");
const kind = fc.constantFrom("-py3-none-any.whl", "-cp27-cp27m-win32.whl", "-1-cp27-cp27m-win32.whl", ".tar.gz");
const listed = fc.record({ version, kind, isAttested: fc.boolean() });

test("what is known of earlier releases is the same as if all files were read, though some are of no use", () => {
  const source = { kind: "index", url: new URL("https://index.example/simple/") } as const;
  const url = new URL("https://index.example/simple/a/");
  const chosen = refOf("a-2.1-py3-none-any.whl", false);
  const entry = fc.record({
    file: listed,
    scheme: fc.constantFrom("https:", "https:", "ftp:", "http:"),
    isBroken: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
      const files = entries.map(({ file: { version, kind, isAttested }, scheme, isBroken }) => ({
        filename: `a-${version}${isBroken ? kind.replace("none-any", "-any") : kind}`,
        url: `${scheme}//files.example/x`,
        hashes: {},
        provenance: isAttested ? "https://index.example/provenance" : null,
      }));
      const body = JSON.stringify({ meta: { "api-version": "1.4" }, files });
      const html = files.map(
        (file) => `<a href="${file.url.slice(0, -1)}${file.filename}" data-provenance="${file.provenance ?? ""}">x</a>`,
      );
      for (const make of [() => fittingWheels(target), () => filesOfVersion(parseSpecifierSet("==2.1"))]) {
        const json = (areWanted?: WantedFiles) =>
          parseSimpleJson(body, url, source, normalizeProjectName("a"), areWanted);
        assert.equal(attestedBefore(chosen, json(make()).files), attestedBefore(chosen, json().files));
        const page = (areWanted?: WantedFiles) =>
          parseSimpleHtml(html.join("\n"), url, source, normalizeProjectName("a"), areWanted);
        assert.equal(attestedBefore(chosen, page(make()).files), attestedBefore(chosen, page().files));
      }
    }),
    { numRuns: 1000 },
  );
});

test("what is known of earlier releases is the same as if all files were read", () => {
  fc.assert(
    fc.property(fc.array(listed, { maxLength: 12 }), (files) => {
      const refs = files.map(({ version, kind, isAttested }) => refOf(`a-${version}${kind}`, isAttested));
      const chosen = refOf("a-2.1-py3-none-any.whl", false);
      for (const make of [() => fittingWheels(target), () => filesOfVersion(parseSpecifierSet("==2.1"))]) {
        const wanted = make()(
          refs.map(({ filename }) => filename.text),
          (at) => refs[at]?.provenance !== "none",
        );
        const read = refs.filter((_, at) => wanted[at]);
        assert.equal(attestedBefore(chosen, read), attestedBefore(chosen, refs));
      }
    }),
    { numRuns: 1000 },
  );
});

function refOf(filename: string, isAttested: boolean): ArtifactRef {
  const url = new URL(`https://index.example/files/${filename}`);
  const provenance = isAttested ? new URL("https://index.example/provenance") : "none";
  return { filename: parseFilename(filename), url, digests: {}, source: { kind: "index", url }, provenance };
}

test("filesOfVersion() wants every file of the version, however it is written, and one of each other", () => {
  const areWanted = filesOfVersion(parseSpecifierSet("==1.0"));
  const wanted = [
    "a-1.0.tar.gz",
    "a-1.0.0-py3-none-any.whl",
    "a-1-2build-cp27-cp27m-win32.whl",
    "a-b-1.0.zip",
    "a-v1.whl",
  ];
  const first = ["a-1.0.1-py3-none-any.whl", "a-1.0rc1-py3-none-any.whl", "a-1-1.1.zip"];
  const others = first.flatMap((file) => [file, file, `${file.replace("-py3-none-any.whl", ".tar.gz")}`]);
  assert.deepEqual(wantedBy(areWanted, ...wanted, ...others), [...wanted, ...first]);
});

test("filesOfVersion() tells a build tag of a wheel from the version of a source distribution", () => {
  const areWanted = filesOfVersion(parseSpecifierSet("==1"));
  assert.deepEqual(wantedBy(areWanted, "a-1-2-py3-none-any.whl", "a-1-2.tar.gz"), ["a-1-2-py3-none-any.whl"]);
});
