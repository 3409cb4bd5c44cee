import { satisfies } from "../../distribution/specifier.ts";
import { kebabCase } from "../../encoding/kebab-case.ts";
import type { Condition } from "../condition.ts";
import type { Duration } from "../duration.ts";
import {
  type BuildCondition,
  type ContinuityDemand,
  type DeniedArtifacts,
  type DeniedReleases,
  type HashDemand,
  type MissingTime,
  type PolicySigner,
  type SignerCondition,
  type StatusConditions,
  type SummaryCondition,
  statusWords,
} from "../policy.ts";
import { lastDay } from "../shortfall.ts";
import type { KnownSubject } from "./match-outcome.ts";

/** A condition for people: what it asks of an artifact, and what would satisfy it where that is not the same. */
export interface ConditionWords {
  readonly asks: string;
  readonly satisfiedBy: readonly string[];
}

/** What `condition` asks of the file that `known` is about; nothing when it asks nothing. */
export function conditionWords(condition: Condition, known: KnownSubject): ConditionWords | undefined {
  switch (condition.kind) {
    case "not-expired":
      return words(`the policy holds until ${lastDay(condition.expires)}`);
    case "not-denied":
      return denyWords(condition.deny, known);
    case "digests-match":
      return words("its bytes have every hash that the index promised or you pinned");
    case "archive":
      return words("its archive has exactly one reading, and the wheel is what its name says");
    case "record":
      return words("each of its files matches RECORD");
    case "inspectors-agree":
      return words("no inspector refuses it or fails");
    case "not-quarantined":
      return words("its index has not quarantined the project");
    case "status":
      return statusWordsOf(condition.demands);
    case "from-source":
      return words("it comes from a place that the rule names", ...condition.sources.map(sourceWords));
    case "not-sdist":
      return words("it is no source distribution", "a wheel of the release");
    case "hash":
      return hashWords(condition.demand);
    case "locked-identities":
      return words("it is attested by a signer whom the lock file names");
    case "old-enough":
      return ageWords(condition.minAge, condition.missingTime);
    case "continuous":
      return continuityWords(condition.demand, condition.pins?.get(known.name)?.size ?? 0);
    case "attestations-valid":
      return words("no attestation of it fails to verify");
    case "attested":
      return condition.demand === "require"
        ? words("it has an attestation that verifies", "a publish attestation or SLSA provenance, by anyone")
        : words("an attestation that it has may be by anyone, and it need not have one");
    case "not-downgraded":
      return words(
        "it has an attestation, if the index has an attested earlier release",
        "a publish attestation or SLSA provenance, by anyone",
      );
    case "signed": {
      const { asks, satisfiedBy } = quorumWords(attestationWords(condition), condition.signers, "attestation");
      return words(asks, ...satisfiedBy, ...buildWords(condition.signers));
    }
    case "key-signed":
      return quorumWords("the wheel has a signature", condition.signers, "signature");
    case "vouched":
      return quorumWords("it has a signature or an attestation", condition.signers, "signature or attestation");
    case "summarized":
      return summaryWords(condition.summary);
  }
}

function attestationWords({ predicate, demand, earlier }: Extract<Condition, { kind: "signed" }>): string {
  const attestation = predicate === "slsa" ? "SLSA provenance" : "a publish attestation";
  if (earlier !== undefined) return `if it has ${attestation}, or an earlier release is attested, it has one`;
  return demand === "require" ? `it has ${attestation}` : `if it has ${attestation}, it has one`;
}

function words(asks: string, ...satisfiedBy: readonly string[]): ConditionWords {
  return { asks, satisfiedBy };
}

function statusWordsOf(demands: StatusConditions): ConditionWords | undefined {
  const asked = (["deny", "warn"] as const).flatMap((demand) => {
    const states = statusWords.filter((word) => demands[word] === demand);
    if (states.length === 0) return [];
    return [`it is not ${alternatives(states)}${demand === "warn" ? " (otherwise there is only a warning)" : ""}`];
  });
  return asked.length === 0 ? undefined : words(asked.join("; "));
}

/** `yanked, archived or deprecated` */
function alternatives(all: readonly string[]): string {
  return [all.slice(0, -1).join(", "), ...all.slice(-1)].filter((part) => part !== "").join(" or ");
}

function sourceWords(source: string): string {
  return source === "local" ? "a file on this machine" : `the index ${source}`;
}

function denyWords(deny: readonly DeniedArtifacts[], known: KnownSubject): ConditionWords {
  const entries = deny.flatMap((entry) => deniedWords(entry, known) ?? []);
  return words("it is not on the deny list", ...entries.map((entry) => `denied: ${entry}`));
}

/** An entry of the deny list; nothing where it is for another project. */
function deniedWords(entry: DeniedArtifacts, known: KnownSubject): string | undefined {
  switch (entry.kind) {
    case "digest":
      return `sha256 ${entry.sha256}`;
    case "release":
      return entry.name === known.name ? releaseWords(entry, known) : undefined;
    case "signer": {
      if (entry.releases !== undefined && entry.releases.name !== known.name) return undefined;
      const which = entry.releases === undefined ? "" : ` of ${releaseWords(entry.releases, known)}`;
      return `what "${entry.signer.name}" signed${which}${windowWords(entry)}`;
    }
  }
}

function releaseWords({ version: denied }: DeniedReleases, { version }: KnownSubject): string {
  if (denied === undefined) return "all versions";
  const isThis = version !== undefined && satisfies(denied, version);
  return `version ${denied.text}${isThis ? ", which is this one" : ""}`;
}

function windowWords({ from, until }: Extract<DeniedArtifacts, { kind: "signer" }>): string {
  const after = from === undefined ? "" : ` from ${from.toISOString()}`;
  return until === undefined ? after : `${after} until ${until.toISOString()}`;
}

function hashWords(demand: HashDemand): ConditionWords | undefined {
  switch (demand) {
    case "any":
      return undefined;
    case "index":
      return words(
        "the index or you named a secure hash beforehand",
        "a sha256, sha384 or sha512 in the index's listing, in --hash or in a lock file",
      );
    case "require":
      return words("you named a secure hash beforehand", "--hash=sha256:… in a requirements file, or a lock file");
  }
}

const missingTimeWords: Readonly<Record<MissingTime, string>> = {
  deny: "an upload time from the index; without one it is refused",
  ignore: "an upload time from the index; without one it is let through",
  log: "an upload time from the index, or the transparency log's time of an attestation",
};

function ageWords({ milliseconds }: Duration, missingTime: MissingTime): ConditionWords | undefined {
  if (milliseconds > 0)
    return words(`it was uploaded at least ${spanWords(milliseconds)} ago`, missingTimeWords[missingTime]);
  return missingTime === "ignore"
    ? undefined
    : words("it is known when it was uploaded", missingTimeWords[missingTime]);
}

/** `3 days`, `1 hour 30 minutes` */
function spanWords(milliseconds: number): string {
  const units = [
    ["day", 86_400_000, Number.POSITIVE_INFINITY],
    ["hour", 3_600_000, 24],
    ["minute", 60_000, 60],
    ["second", 1000, 60],
  ] as const;
  return units
    .map(([unit, length, wrap]) => ({ unit, count: Math.floor(milliseconds / length) % wrap }))
    .filter(({ count }) => count > 0)
    .map(({ unit, count }) => `${count} ${unit}${count === 1 ? "" : "s"}`)
    .join(" ");
}

function continuityWords({ pins, onNew, onChange, onLoss }: ContinuityDemand, releases: number): ConditionWords {
  const pinned =
    releases === 0
      ? `nothing is pinned of the project: on-new = "${onNew}"`
      : `${releases === 1 ? "1 release of the project is" : `${releases} releases of the project are`} pinned`;
  return words(
    `it is attested as earlier releases are, which ${pins} has written down (on-change = "${onChange}", on-loss = "${onLoss}")`,
    pinned,
  );
}

function summaryWords(condition: SummaryCondition): ConditionWords {
  const { verifier, maxAge } = condition;
  const age = maxAge === undefined ? "" : `, at most ${spanWords(maxAge.milliseconds)} old,`;
  return quorumWords(`it has a verification summary in the name of "${verifier}"${age}`, condition, "summary");
}

function quorumWords(what: string, { name, members, threshold, distinctBy }: SignerCondition, by: string) {
  const isGroup = members.length > 1;
  const asks = isGroup ? `${what} by ${threshold} of ${name}, each of another ${distinctBy}` : `${what} by ${name}`;
  return words(asks, ...members.map((member) => `${isGroup ? "" : `${by} by `}${signerWords(member)}`));
}

function buildWords({ builder, buildType, parameters = {} }: BuildCondition): string[] {
  return [
    ...(builder === undefined ? [] : [`built by ${builder.join(" or ")}`]),
    ...(buildType === undefined ? [] : [`of the build type ${buildType.join(" or ")}`]),
    ...Object.entries(parameters).map(
      ([path, value]) => `with the external parameter ${path} = ${JSON.stringify(value)}`,
    ),
  ];
}

/** A signer with all that the policy says of it, in the policy's spelling. */
function signerWords(signer: PolicySigner): string {
  if (signer.kind === "key") {
    const { kind, id } = signer.key;
    return `"${signer.name}": ${kind === "keyring" ? `key "${id}" of the keyring` : `key ${id}`}`;
  }
  const { kind, ...fields } = signer.publisher;
  const details = Object.entries(fields).map(([field, value]) => `${kebabCase(field)} "${value}"`);
  return `"${signer.name}": ${kind}, ${details.join(", ")}`;
}
