import { ComponentScope, ComponentType } from "@cyclonedx/cyclonedx-library/Enums";
import {
  Component,
  ExternalReferenceRepository,
  LicenseRepository,
  PropertyRepository,
} from "@cyclonedx/cyclonedx-library/Models";
import { authorsOf } from "./authors.ts";
import type { ComponentBeyondLibrary } from "./cyclonedx.ts";
import { externalReferencesOf } from "./external-references.ts";
import { hashesOf } from "./hashes.ts";
import { identityOf } from "./identity.ts";
import type { Entry } from "./inventory.ts";
import { licensesOf } from "./licenses.ts";
import { propertiesOf } from "./properties.ts";
import { componentVersion } from "./purl.ts";
import { clipped } from "./text.ts";

/** The CycloneDX component of a distribution, without its dependencies. */
export function componentOf(entry: Entry): Component {
  const { distribution, purl, ref, archive } = entry;
  const { name, version, metadata } = distribution;
  const text = componentVersion(version);
  return new Component(ComponentType.Library, name, {
    bomRef: ref,
    purl,
    scope: ComponentScope.Required,
    ...(text !== undefined && { version: text }),
    ...(metadata.summary !== undefined && { description: clipped(metadata.summary) }),
    hashes: hashesOf(archive.digests),
    licenses: new LicenseRepository(licensesOf(distribution)),
    externalReferences: new ExternalReferenceRepository(externalReferencesOf(metadata, archive)),
    properties: new PropertyRepository(propertiesOf(entry)),
  });
}

/** What the library's component has no field for. */
export function componentBeyondLibrary(entry: Entry, tool: string): ComponentBeyondLibrary {
  const authors = authorsOf(entry.distribution.metadata);
  return {
    ...(authors.length > 0 && { authors }),
    evidence: {
      identity: identityOf(entry, tool),
      occurrences: [{ location: entry.distribution.distInfo }],
    },
  };
}
