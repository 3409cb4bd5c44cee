import { Property } from "@cyclonedx/cyclonedx-library/Models";
import type { DirectUrl } from "../environment/installed.ts";
import type { ReceiptAttestation } from "../verdict/receipt.ts";
import type { Entry } from "./inventory.ts";
import { clipped } from "./text.ts";

/**
 * The properties of one component, in the order of docs/sbom.md. `cdx:` names are from CycloneDX's property taxonomy;
 * all others are ours and begin with `tspip:`.
 */
export function propertiesOf({ distribution, archive, dependencies, nested }: Entry): Property[] {
  const { receipt } = archive;
  const { from, directUrl } = distribution;
  return [
    ...dependencies.extras.map((extra) => new Property("cdx:python:package:required-extra", extra)),
    ...(directUrl === undefined ? [] : sourceProperties(directUrl)),
    ...(from === undefined ? [] : [new Property("tspip:from", from)]),
    new Property("tspip:verdict", receipt === undefined ? "unverified" : "allow"),
    ...(receipt === undefined
      ? []
      : [
          new Property("tspip:policy:rule", clipped(receipt.verdict.rule)),
          new Property("tspip:policy:digest", `sha256:${clipped(receipt.verdict.policy)}`),
          ...receipt.attestations.flatMap(attestationProperties),
        ]),
    ...(from === undefined
      ? [new Property("tspip:receipt", receiptState(distribution.receipt !== undefined, receipt !== undefined))]
      : []),
    ...(receipt === undefined ? [] : [new Property("tspip:receipt:tool", clipped(receipt.tool))]),
    ...(from === undefined ? [new Property("tspip:requested", String(distribution.requested))] : []),
    ...(distribution.installer === undefined ? [] : [new Property("tspip:installer", clipped(distribution.installer))]),
    ...[...dependencies.unmet].map((requirement) => new Property("tspip:requirement:unmet", clipped(requirement))),
    ...nested.problems.map((problem) => new Property("tspip:nested:problem", clipped(problem))),
  ];
}

/** direct_url.json in the words of CycloneDX's property taxonomy. */
function sourceProperties({ vcs_info: vcs, dir_info: folder, subdirectory }: DirectUrl): Property[] {
  const values = {
    "local:editable": folder && String(folder.editable),
    subdirectory,
    "vcs:requested_revision": vcs?.requested_revision,
    "vcs:commit_id": vcs?.commit_id,
  };
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [new Property(`cdx:python:package:source:${name}`, clipped(value))],
  );
}

function receiptState(isThere: boolean, isOurs: boolean): string {
  if (!isThere) return "absent";
  return isOurs ? "present" : "of-another-archive";
}

/** A component with several attestations has these once for each; `predicate` begins each group. */
function attestationProperties({ predicateType, signer, logIndex, signedAt }: ReceiptAttestation): Property[] {
  const { kind, ...fields } = signer;
  const values: [string, string][] = [
    ["predicate", predicateType],
    ["publisher-kind", kind],
    ...Object.entries(fields).map(([name, value]): [string, string] => [name.replaceAll("_", "-"), value]),
    ...(logIndex === undefined ? [] : [["log-index", logIndex] satisfies [string, string]]),
    ["integrated-time", signedAt],
  ];
  return values.map(([name, value]) => new Property(`tspip:attestation:${clipped(name)}`, clipped(value)));
}
