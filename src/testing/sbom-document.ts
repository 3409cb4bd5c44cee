import assert from "node:assert/strict";

/** What `tspip ext sbom` writes, as far as tests ask for it. */
export interface Component {
  readonly name: string;
  readonly version?: string;
  readonly hashes?: readonly { readonly content: string }[];
  readonly properties: readonly { readonly name: string; readonly value: string }[];
  readonly components?: readonly Component[];
  readonly externalReferences?: readonly { readonly type: string; readonly url: string; readonly hashes: unknown[] }[];
  readonly evidence: { readonly licenses?: readonly { readonly license: { readonly name: string } }[] };
}

type Tspip = (...argv: string[]) => Promise<{ readonly exitCode: number; readonly stdout: string }>;

/** Writes a CycloneDX document that its schema accepts. */
export function sbomBy(tspip: Tspip) {
  return async (...argv: string[]) => {
    const { exitCode, stdout } = await tspip("ext", "sbom", "--validate", ...argv);
    assert.equal(exitCode, 0, argv.join(" "));
    const document = JSON.parse(stdout);
    const components: readonly Component[] = document.components;
    return { document, components, names: components.map(({ name, version }) => `${name} ${version}`) };
  };
}

interface Dependencies {
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

/** Which component needs which, by name; without those that need nothing. */
export function edgesIn({ dependencies }: Dependencies): Record<string, string[]> {
  const nameOf = (ref: string) => /pypi\/([^@]+)/.exec(ref)?.[1] ?? ref;
  return Object.fromEntries(
    dependencies.flatMap(({ ref, dependsOn = [] }) =>
      dependsOn.length === 0 ? [] : [[nameOf(ref), dependsOn.map(nameOf).sort()]],
    ),
  );
}
