import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../distribution/version.ts";
import { fittingWheels } from "./select.ts";

const tags = ["cp311-cp311-manylinux_2_17_x86_64", "cp39-abi3-manylinux2014_x86_64", "py3-none-any"];
const target = { tags, pythonVersion: parseVersion("3.11") };

/** Which of the files are wanted; a star behind a name says that the index has provenance of it. */
function wantedOf(...files: readonly string[]): string[] {
  const isWanted = fittingWheels(target);
  return files.filter((file) => isWanted(file.replace("*", ""), () => file.endsWith("*")));
}

test("fittingWheels() wants what a tag of the target fits, however many stand in the name", () => {
  const fitting = [
    "a-1.0-py3-none-any.whl",
    "a-1.0-py2.py3-none-any.whl",
    "a-1.0-1build-py3-none-any.whl",
    "a-1.0-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "a-1.0-CP311-cp311-manylinux_2_17_x86_64.whl",
  ];
  const others = [
    "a-1.0.tar.gz",
    "a-1.0.zip",
    "a-1.0-cp312-cp312-manylinux_2_17_x86_64.whl",
    "a-1.0-cp311-cp311-win_amd64.whl",
    "a-1.0-cp311-cp311-win_amd64.whl",
  ];
  assert.deepEqual(wantedOf(...fitting, ...others), fitting);
});

test("fittingWheels() leaves it to others to say what is wrong with a name", () => {
  const malformed = [
    "a.whl",
    "-.whl",
    "a-1-py3-none-.whl",
    "a-1-py3--any.whl",
    `a-1-${"a.".repeat(50)}b-${"c.".repeat(50)}d-e.whl`,
  ];
  assert.deepEqual(wantedOf(...malformed), malformed);
});

test("fittingWheels() wants one attested file of a release, so that it is known which releases are attested", () => {
  assert.deepEqual(
    wantedOf(
      "a-1.0-cp311-cp311-win_amd64.whl",
      "a-1.0-cp312-cp312-win_amd64.whl*",
      "a-1.0-cp313-cp313-win_amd64.whl*",
      "a-1.0.tar.gz*",
      "a-1.1.tar.gz*",
      "a-1.1-cp312-cp312-win_amd64.whl*",
      "a-1.2-py3-none-any.whl",
      "a-1.2.tar.gz*",
    ),
    ["a-1.0-cp312-cp312-win_amd64.whl*", "a-1.1.tar.gz*", "a-1.2-py3-none-any.whl", "a-1.2.tar.gz*"],
  );
});
