import { satisfies } from "../../distribution/specifier.ts";
import { kebabCase } from "../../encoding/kebab-case.ts";
import type { Condition } from "../condition.ts";
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
      return words("it comes from where the rule says", ...condition.sources.map(sourceWords));
    case "not-sdist":
      return words("it is no source distribution", "a wheel of the release");
    case "hash":
      return hashWords(condition.demand);
    case "locked-identities":
      return words("it is attested by a signer whom the lock file names");
    case "old-enough":
      return ageWords(condition.minAge.text, condition.missingTime);
    case "continuous":
      return continuityWords(condition.demand, condition.pins?.get(known.name)?.size ?? 0);
    case "attestations-valid":
      return words("no attestation of it fails to verify");
    case "attested":
      return condition.demand === "require"
        ? words("an attestation that verifies", "a publish attestation or SLSA provenance, by anyone")
        : words("an attestation, if there is one, by anyone");
    case "not-downgraded":
      return words(
        "an attestation, if the index has an attested earlier release",
        "a publish attestation or SLSA provenance, by anyone",
      );
    case "signed": {
      const attestation = `a ${condition.predicate} attestation${whenWords(condition)}`;
      const { asks, satisfiedBy } = quorumWords(attestation, condition.signers, "attestation");
      return words(asks, ...satisfiedBy, ...buildWords(condition.signers));
    }
    case "key-signed":
      return quorumWords("a signature of the wheel", condition.signers, "signature");
    case "vouched":
      return quorumWords("a signature or an attestation", condition.signers, "signature or attestation");
    case "summarized":
      return summaryWords(condition.summary);
  }
}

function whenWords({ demand, earlier }: Extract<Condition, { kind: "signed" }>): string {
  if (earlier !== undefined) return ", if there is one or an earlier release is attested,";
  return demand === "require" ? "" : ", if there is one,";
}

function words(asks: string, ...satisfiedBy: readonly string[]): ConditionWords {
  return { asks, satisfiedBy };
}

function statusWordsOf(demands: StatusConditions): ConditionWords | undefined {
  const asked = (["deny", "warn"] as const).flatMap((demand) => {
    const states = statusWords.filter((word) => demands[word] === demand);
    if (states.length === 0) return [];
    return [`it is not ${states.join(", ")}${demand === "warn" ? " (a warning, no more)" : ""}`];
  });
  return asked.length === 0 ? undefined : words(asked.join("; "));
}

function sourceWords(source: string): string {
  return source === "local" ? "a file of this machine" : `the index ${source}`;
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

function ageWords(minAge: string, missingTime: MissingTime): ConditionWords {
  return words(`it was uploaded ${minAge} ago or earlier`, missingTimeWords[missingTime]);
}

function continuityWords({ pins, onNew, onChange, onLoss }: ContinuityDemand, releases: number): ConditionWords {
  const pinned =
    releases === 0
      ? `nothing is pinned of the project: on-new = "${onNew}"`
      : `pinned ${releases === 1 ? "is 1 release" : `are ${releases} releases`} of the project`;
  return words(
    `it is attested as ${pins} has it of earlier releases (on-change = "${onChange}", on-loss = "${onLoss}")`,
    pinned,
  );
}

function summaryWords(condition: SummaryCondition): ConditionWords {
  const { verifier, maxAge } = condition;
  const age = maxAge === undefined ? "" : ` of the last ${maxAge.text}`;
  return quorumWords(`a verification summary as "${verifier}"${age}`, condition, "summary");
}

function quorumWords(what: string, { name, members, threshold, distinctBy }: SignerCondition, by: string) {
  const isGroup = members.length > 1;
  const asks = isGroup ? `${what} by ${threshold} of ${name}, who differ by ${distinctBy}` : `${what} by ${name}`;
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
