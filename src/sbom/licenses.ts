import { AttachmentEncoding, LicenseAcknowledgement } from "@cyclonedx/cyclonedx-library/Enums";
import {
  Attachment,
  type License,
  LicenseExpression,
  NamedLicense,
  SpdxLicense,
} from "@cyclonedx/cyclonedx-library/Models";
import type { InstalledDistribution } from "./installed-distribution.ts";
import { classifierIds } from "./license-classifiers.ts";
import { spdxExpression, spdxId } from "./spdx.ts";
import { clipped } from "./text.ts";

/** Whatever METADATA says is declared, never concluded. */
const acknowledgement = LicenseAcknowledgement.Declared;

/**
 * The licences that METADATA declares. `License-Expression` stands alone (PEP 639: it must not be mixed with the older
 * fields, and 1.6 takes one expression or a list); without it, the licence classifiers and the text of `License`.
 */
export function licensesOf({ name, metadata }: Pick<InstalledDistribution, "name" | "metadata">): License[] {
  const { licenseExpression, license, classifiers } = metadata;
  if (licenseExpression !== undefined) return [byExpression(licenseExpression)];
  const classified = unique(classifiers.flatMap(byClassifier));
  if (license === undefined) return classified;
  if (classified.length === 0 && spdxId(license) === undefined && spdxExpression(license) !== undefined)
    return [byExpression(license)];
  return unique([...classified, byText(license, name)]);
}

/** What claims to be an expression and is none is still what was declared. */
function byExpression(text: string): License {
  const expression = spdxExpression(text);
  if (expression === undefined) return named(text);
  return Object.assign(new LicenseExpression(expression), { acknowledgement });
}

function byClassifier(classifier: string): License[] {
  // "License :: OSI Approved" on its own names no licence.
  if (!classifier.startsWith("License :: ") || classifier === "License :: OSI Approved") return [];
  const id = classifierIds.get(classifier);
  return [id === undefined ? named(classifier) : new SpdxLicense(id, { acknowledgement })];
}

/** `License` holds a name, an identifier, or the whole text of a licence. */
function byText(text: string, project: string): License {
  const id = spdxId(text.trim());
  if (id !== undefined) return new SpdxLicense(id, { acknowledgement });
  if (!text.includes("\n") && text.length <= 200) return named(text);
  return new NamedLicense(`License text of ${project}`, {
    acknowledgement,
    text: new Attachment(Buffer.from(text.slice(0, maxTextLength)).toString("base64"), {
      contentType: "text/plain",
      encoding: AttachmentEncoding.Base64,
    }),
  });
}

/** The longest licences have some 35,000 characters. */
const maxTextLength = 100_000;

function named(text: string): License {
  return new NamedLicense(clipped(text), { acknowledgement });
}

function unique(licenses: readonly License[]): License[] {
  return [...Map.groupBy(licenses, labelOf).values()].flatMap(([first]) => first ?? []);
}

function labelOf(license: License): string {
  if (license instanceof LicenseExpression) return license.expression;
  return license instanceof SpdxLicense ? license.id : license.name;
}
