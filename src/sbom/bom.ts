import { ComponentType, type LifecyclePhase } from "@cyclonedx/cyclonedx-library/Enums";
import {
  Bom,
  Component,
  ComponentRepository,
  LicenseRepository,
  LifecycleRepository,
  Metadata,
  Property,
  PropertyRepository,
  SpdxLicense,
  Tools,
} from "@cyclonedx/cyclonedx-library/Models";
import type { MarkerEnvironment } from "../distribution/marker.ts";
import { componentBeyondLibrary, componentOf } from "./component.ts";
import type { BeyondLibrary, Composition } from "./cyclonedx.ts";
import { declareVerdicts } from "./declarations.ts";
import { hashesOf } from "./hashes.ts";
import type { InstalledDistribution } from "./installed-distribution.ts";
import { type Entry, takeInventory } from "./inventory.ts";
import { type SerializeOptions, serialize } from "./serialize.ts";
import { type VexStatement, vulnerabilitiesOf } from "./vex.ts";

export interface SbomOptions extends SerializeOptions {
  readonly toolVersion: string;
  /** SHA-256 of the program that makes the document, in hexadecimal digits. */
  readonly toolDigest?: string | undefined;
  /** Of the interpreter whose environment it is. */
  readonly markers: MarkerEnvironment;
  /** The environment as people call it. */
  readonly environment: string;
  /** Left out: the document has no time in it, and says that it is reproducible. */
  readonly timestamp?: Date;
  /** What the environment is in: `operations` unless told. */
  readonly lifecycle?: `${LifecyclePhase}`;
  /** False when part of the environment could not be read; the document then calls itself incomplete. */
  readonly isComplete?: boolean;
  /** What VEX documents say, of whatever products. */
  readonly vex?: readonly VexStatement[];
  /** False where the list itself does not tell what needs what. */
  readonly hasDependencies?: boolean;
}

const environmentRef = "environment";
const toolRef = "tool:tspip";

/**
 * The CycloneDX JSON document of an environment. The same distributions and options give the same bytes, in whatever
 * order the distributions come; docs/sbom.md says what stands where.
 */
export function createSbom(installed: readonly InstalledDistribution[], options: SbomOptions): string {
  const entries = takeInventory(installed, options.markers);
  return serialize(bomOf(entries, options), beyondLibrary(entries, options), options);
}

function bomOf(entries: readonly Entry[], options: SbomOptions): Bom {
  const components = new Map(entries.map((entry) => [entry.distribution, componentOf(entry)]));
  const environment = environmentComponent(options);
  for (const { distribution, dependencies, isRoot } of entries) {
    const component = components.get(distribution);
    if (component === undefined) continue;
    if (isRoot) environment.dependencies.add(component.bomRef);
    for (const other of dependencies.on) {
      const needed = components.get(other);
      if (needed !== undefined) component.dependencies.add(needed.bomRef);
    }
  }
  return new Bom({
    metadata: metadataOf(environment, options),
    components: new ComponentRepository(components.values()),
  });
}

function metadataOf(
  environment: Component,
  { timestamp, lifecycle = "operations", toolVersion, toolDigest }: SbomOptions,
): Metadata {
  const tool = new Component(ComponentType.Application, "tspip", {
    bomRef: toolRef,
    version: toolVersion,
    description: "A verifying installer for Python packages",
    hashes: hashesOf(toolDigest === undefined ? {} : { sha256: toolDigest }),
    licenses: new LicenseRepository([new SpdxLicense("Apache-2.0")]),
  });
  return new Metadata({
    ...(timestamp !== undefined && { timestamp }),
    lifecycles: new LifecycleRepository([lifecycle as LifecyclePhase]),
    tools: new Tools({ components: new ComponentRepository([tool]) }),
    component: environment,
    properties: new PropertyRepository(timestamp === undefined ? [new Property("cdx:reproducible", "true")] : []),
  });
}

/** The environment has no version and no purl; what it is for is in its properties. */
function environmentComponent({ environment, markers, lifecycle }: SbomOptions): Component {
  return new Component(ComponentType.Application, environment, {
    bomRef: environmentRef,
    properties: new PropertyRepository(
      lifecycle === "pre-build"
        ? []
        : [
            new Property("tspip:python:implementation", markers.platform_python_implementation),
            new Property("tspip:python:version", markers.python_full_version),
            new Property("tspip:platform:system", markers.sys_platform),
            new Property("tspip:platform:machine", markers.platform_machine),
          ],
    ),
  });
}

function beyondLibrary(entries: readonly Entry[], options: SbomOptions): BeyondLibrary {
  const vulnerabilities = vulnerabilitiesOf(options.vex ?? [], entries);
  return {
    components: new Map(entries.map((entry) => [entry.ref, componentBeyondLibrary(entry, toolRef)])),
    dependencies: entries.flatMap(({ nested }) => nested.dependencies),
    compositions: compositionsOf(entries, options),
    ...(vulnerabilities.length > 0 && { vulnerabilities }),
    ...declareVerdicts(entries),
  };
}

/** What is known to be all there is: the list of distributions, and the dependencies of each. */
function compositionsOf(
  entries: readonly Entry[],
  { isComplete = true, hasDependencies = true }: SbomOptions,
): Composition[] {
  const assembly: Composition = { aggregate: isComplete ? "complete" : "incomplete", assemblies: [environmentRef] };
  if (!hasDependencies) return [assembly, { aggregate: "unknown", dependencies: entries.map(({ ref }) => ref) }];
  const refs = (isMet: boolean) =>
    entries.filter(({ dependencies }) => (dependencies.unmet.size === 0) === isMet).map(({ ref }) => ref);
  return [
    assembly,
    ...(["complete", "incomplete"] as const).flatMap((aggregate) => {
      const dependencies = refs(aggregate === "complete");
      return dependencies.length === 0 ? [] : [{ aggregate, dependencies }];
    }),
  ];
}
