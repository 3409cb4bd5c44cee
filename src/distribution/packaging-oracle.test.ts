import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { evaluateMarker } from "./evaluate-marker.ts";
import { parseFilename } from "./filename.ts";
import { type MarkerEnvironment, parseMarker } from "./marker.ts";
import { parseRequirement } from "./requirement.ts";
import { parseSpecifierSet, satisfies } from "./specifier.ts";
import { compareVersions, isPrerelease, isVersion, parseVersion } from "./version.ts";

/**
 * What the Python library `packaging` says, and so what pip does (src/testing/packaging-oracle.py). Where we differ on
 * purpose, the case stands below with its reason.
 */
interface Oracle {
  /** The valid ones of the versions. */
  readonly valid: readonly string[];
  readonly versions: Readonly<Record<string, readonly [normal: string, isPrerelease: boolean] | null>>;
  /** For each version, how it compares with all valid ones in order: `<`, `=` or `>`. */
  readonly order: Readonly<Record<string, string>>;
  /** For each specifier set, which of the valid versions meet it. */
  readonly specifiers: Readonly<Record<string, string | null>>;
  readonly environment: MarkerEnvironment;
  /** `undefined`: `packaging` throws, since texts have no `~=`; to us such a marker does not hold. */
  readonly markers: Readonly<Record<string, boolean | "undefined" | null>>;
  readonly requirements: Readonly<Record<string, readonly [string, readonly string[], number, string, boolean] | null>>;
  readonly wheels: Readonly<Record<string, readonly [string, string, readonly string[], readonly string[]] | null>>;
}

const oracle: Oracle = JSON.parse(
  readFileSync(new URL("../../testdata/packaging/oracle.json", import.meta.url), "utf8"),
);
const { valid } = oracle;

test("versions: valid or not, normal form, pre-release", () => {
  for (const [text, said] of Object.entries(oracle.versions)) {
    assert.equal(isVersion(text), said !== null, `"${text}"`);
    if (said === null) continue;
    assert.deepEqual([parseVersion(text).text, isPrerelease(parseVersion(text))], said, `"${text}"`);
  }
});

test("versions: order", () => {
  for (const [text, signs] of Object.entries(oracle.order)) {
    const own = valid.map((other) => "<=>"[Math.sign(compareVersions(parseVersion(text), parseVersion(other))) + 1]);
    assert.equal(own.join(""), signs, `"${text}" against ${valid.join(" ")}`);
  }
});

test("specifiers: valid or not, and which versions meet them", () => {
  let cases = 0;
  for (const [text, said] of Object.entries(oracle.specifiers)) {
    const own = attempt(() => parseSpecifierSet(text));
    assert.equal(own === undefined, said === null, `"${text}"`);
    for (const [at, version] of own === undefined || said === null ? [] : valid.entries()) {
      assert.equal(
        satisfies(own ?? parseSpecifierSet(""), parseVersion(version)),
        said?.[at] === "1",
        `"${version}" meets "${text}"`,
      );
      cases++;
    }
  }
  assert.ok(cases > 5_000, `only ${cases} cases`);
});

test("markers", () => {
  for (const [text, said] of Object.entries(oracle.markers)) {
    const own = attempt(() => evaluateMarker(parseMarker(text), oracle.environment));
    assert.equal(own, said === "undefined" ? false : (said ?? undefined), text);
  }
});

test("requirements", () => {
  for (const [text, said] of Object.entries(oracle.requirements)) {
    const own = attempt(() => parseRequirement(text));
    const parts = own && [
      own.name,
      own.extras.toSorted(),
      own.specifiers.clauses.length,
      own.url ?? "",
      own.marker !== undefined,
    ];
    assert.deepEqual(parts, said ?? undefined, text);
  }
});

test("file names of wheels", () => {
  for (const [text, said] of Object.entries(oracle.wheels)) {
    const own = attempt(() => parseFilename(text));
    const wheel = own?.kind === "wheel" ? own : undefined;
    const build = wheel?.build === undefined ? [] : [String(wheel.build.number), wheel.build.rest];
    const parts = wheel && [wheel.name, wheel.version.text, build, wheel.tags.toSorted()];
    assert.deepEqual(parts, said ?? undefined, text);
  }
});

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
