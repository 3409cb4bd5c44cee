import { ComponentScope, ComponentType } from "@cyclonedx/cyclonedx-library/Enums";
import {
  Component,
  ExternalReferenceRepository,
  LicenseRepository,
  PropertyRepository,
} from "@cyclonedx/cyclonedx-library/Models";
import { type HashAlgorithm, isHashAlgorithm, isHexDigest } from "../distribution/digest.ts";
import type { RecordRow } from "../wheel/record.ts";
import { authorsOf } from "./authors.ts";
import type { ComponentBeyondLibrary, InnerComponent, LicenseText } from "./cyclonedx.ts";
import { externalReferencesOf } from "./external-references.ts";
import { hashesOf } from "./hashes.ts";
import { identityOf } from "./identity.ts";
import type { TextFile } from "./installed-distribution.ts";
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
    externalReferences: new ExternalReferenceRepository(externalReferencesOf(distribution, archive)),
    properties: new PropertyRepository(propertiesOf(entry)),
  });
}

/** What the library's component has no field for. */
export function componentBeyondLibrary(entry: Entry, tool: string): ComponentBeyondLibrary {
  const { metadata, distInfo, licenseTexts = [], files = [] } = entry.distribution;
  const authors = authorsOf(metadata);
  const components = [...files.map(fileComponent), ...entry.nested.components];
  return {
    ...(authors.length > 0 && { authors }),
    ...(components.length > 0 && { components }),
    evidence: {
      identity: identityOf(entry, tool),
      occurrences: [{ location: distInfo }],
      ...(licenseTexts.length > 0 && { licenses: licenseTexts.map((file) => ({ license: licenseText(file) })) }),
    },
  };
}

/** A file by its path among the packages, as RECORD has it. */
function fileComponent({ path, hash }: RecordRow): InnerComponent {
  const isKnown = hash !== undefined && isHashAlgorithm(hash.algorithm);
  const hex = isKnown ? Buffer.from(hash.digest, "base64url").toString("hex") : "";
  const isDigest = isKnown && isHexDigest(hash.algorithm as HashAlgorithm, hex);
  return {
    type: "file",
    name: clipped(path),
    ...(isDigest && { hashes: [{ alg: hash.algorithm.replace("sha", "SHA-"), content: hex }] }),
  };
}

function licenseText({ path, text }: TextFile): LicenseText {
  const content = Buffer.from(text).toString("base64");
  return { name: clipped(path), text: { contentType: "text/plain", encoding: "base64", content } };
}
