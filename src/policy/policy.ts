import type { ProjectStatus } from "../distribution/artifact.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import type { SpecifierSet } from "../distribution/specifier.ts";
import type { Version } from "../distribution/version.ts";
import type { KeyId } from "../trust/key-id.ts";
import type { Publisher } from "../trust/publisher.ts";
import type { PublisherTable } from "../trust/publisher-table.ts";
import type { Duration } from "./duration.ts";
import type { Pins } from "./pins.ts";

/**
 * A policy file, read and found free of mistakes: who may vouch for which distribution, how many must, and what
 * absence means. Names of signers and groups are resolved, and every rule is complete: what it did not say is filled
 * in from `[default]`.
 */
export interface Policy {
  /** The first moment at which the policy refuses everything: the end, in UTC, of the day in `expires`. */
  readonly expires?: Date;
  /** Whether the user takes the policy as good beyond `expires` (`--allow-expired-policy`). */
  readonly allowsExpired?: boolean;
  readonly trust: TrustSettings;
  /** Every `[signers.NAME]` that is a key, whether a rule asks for it or not. */
  readonly keys: readonly KeySigner[];
  readonly floor: Floor;
  /** In the order of the file: the first that matches applies. */
  readonly rules: readonly PolicyRule[];
  /** What holds for distributions that no rule matches. Its `match` is empty. */
  readonly default: PolicyRule;
  readonly exceptions: readonly PolicyException[];
  /** What the pins files hold that rules name, by path; a file that does not exist holds nothing. */
  readonly pins?: ReadonlyMap<string, Pins>;
}

/** Paths are as the file has them; they are relative to the folder of the policy file. */
export interface TrustSettings {
  readonly sigstore: TrustedRootPlace;
  /** Where it is written which keys are current, for signers that are named by it. */
  readonly keyring?: FilePlace | TufPlace;
  /** Authorities of which one must have signed the certificate of a host; for others, those of the system will do. */
  readonly tls?: readonly PinnedAuthority[];
  /** Where attestations are looked for. All places are asked, and what they have is combined. */
  readonly attestations: readonly AttestationPlace[];
  /** Files with verification summaries, besides those that the user names. */
  readonly summaries?: readonly string[];
}

/** Where the Sigstore trusted root is, and how long ago it may have been written. */
export type TrustedRootPlace =
  | { readonly kind: "embedded" }
  | ((FilePlace | TufPlace) & { readonly maxAge?: Duration });

/** A certificate authority that is good for one host. */
export interface PinnedAuthority {
  /** A name or an address, in lower case. */
  readonly host: string;
  /** Of its certificate, DER; lower-case hex. */
  readonly sha256: string;
}

export interface FilePlace {
  readonly kind: "file";
  readonly path: string;
}

/** A repository of The Update Framework. */
export interface TufPlace {
  readonly kind: "tuf";
  readonly url: string;
  /** The path of the root that it began with. */
  readonly root: string;
}

export type AttestationPlace =
  | { readonly kind: "index" }
  /** Files beside a local artifact. */
  | { readonly kind: "sidecar" }
  | { readonly kind: "directory"; readonly path: string }
  /** An address in which `{sha256}` stands for the artifact's digest. */
  | { readonly kind: "url"; readonly template: string };

/** What holds whatever a rule says. That a wheel has one reading and matches RECORD always holds, so it has no field. */
export interface Floor {
  readonly deny: readonly DeniedArtifacts[];
  readonly status: StatusConditions;
}

/** Artifacts that are never admitted. */
export type DeniedArtifacts =
  | { readonly kind: "digest" /** Lower-case hex. */; readonly sha256: string }
  | ({ readonly kind: "release" } & DeniedReleases)
  | {
      readonly kind: "signer";
      readonly signer: PolicySigner;
      /** When it was signed, by the trusted time of the signature; both ends are inside. Absent: whenever. */
      readonly from?: Date;
      readonly until?: Date;
      /** Of which releases; all when absent. */
      readonly releases?: DeniedReleases;
    };

export interface DeniedReleases {
  readonly name: ProjectName;
  /** All versions when absent. */
  readonly version?: SpecifierSet;
}

export interface PolicyRule {
  /** As messages and reports name it: `default`, or `rule 2` counted from 1. */
  readonly name: string;
  readonly match: RuleMatch;
  readonly mode: Mode;
  /** With `mode = "warn"`: the moment from which the mode is `enforce`. */
  readonly enforceAfter?: Date;
  readonly attestation: AttestationDemand;
  /** Who must have made a publish attestation; anyone when absent. */
  readonly publish?: SignerCondition;
  /** Who must have made a SLSA provenance attestation; none is asked for when absent. */
  readonly slsa?: BuildCondition;
  /** Whose keys must have signed the wheel; none is asked for when absent. */
  readonly signatures?: SignerCondition;
  /** Who must have signed or attested, by whichever means; nobody is asked for when absent. */
  readonly vouch?: SignerCondition;
  /** Whose verification summary the file must have; none is asked for when absent. */
  readonly summary?: SummaryCondition;
  /** Whether it has to be signed as earlier releases were; not compared when absent. */
  readonly continuity?: ContinuityDemand;
  readonly hashes: HashDemand;
  /** Where a file may come from: addresses of indexes, as `indexAddress` writes them, and `local`; anywhere when absent. */
  readonly sources?: readonly string[];
  readonly sdist: SdistDemand;
  /** How long ago a file must have been uploaded; any time when absent. */
  readonly minAge?: Duration;
  readonly missingTime: MissingTime;
  readonly status: StatusConditions;
}

/** Every field that is present must hold. */
export interface RuleMatch {
  /** A project's name in normal form, in which `*` stands for any run of characters. */
  readonly name?: string;
  readonly version?: SpecifierSet;
  /** The address of an index, as `indexAddress` writes it. */
  readonly index?: string;
  readonly kind?: ArtifactKind;
  readonly relation?: Relation;
}

/** Leave not to meet some conditions of a rule, for a time. It waives nothing of the floor. */
export interface PolicyException {
  readonly id: string;
  readonly match: RuleMatch;
  readonly waive: readonly Waivable[];
  readonly reason: string;
  readonly owner: string;
  /** The first moment at which it no longer holds: the end, in UTC, of the day in `expires`. */
  readonly expires: Date;
}

/** The keys of a rule whose conditions an exception can waive. */
export const waivables = [
  "attestation",
  "publish",
  "slsa",
  "signatures",
  "vouch",
  "summary",
  "continuity",
  "hashes",
  "sources",
  "sdist",
  "min-age",
  "status",
] as const;
export type Waivable = (typeof waivables)[number];

/** What becomes of a rule's unmet conditions. The floor takes no notice of it. */
export const modes = ["enforce", "warn", "off"] as const;
export type Mode = (typeof modes)[number];

/** `no-downgrade`: as `require` for projects of which an earlier release is attested, else as `if-present`. */
export const attestationDemands = ["require", "if-present", "no-downgrade", "ignore"] as const;
export type AttestationDemand = (typeof attestationDemands)[number];

/** `index`: one secure digest was promised, by the index or the user. `require`: the user pinned one. */
export const hashDemands = ["index", "require", "any"] as const;
export type HashDemand = (typeof hashDemands)[number];

export interface ContinuityDemand {
  /** The path of the pins file. */
  readonly pins: string;
  /** What becomes of projects of which nothing is pinned. `record`: admitted, and pinned when the whole run is. */
  readonly onNew: NewDemand;
  readonly onChange: ChangeDemand;
  readonly onLoss: ChangeDemand;
}
export const newDemands = ["record", "warn", "deny"] as const;
export type NewDemand = (typeof newDemands)[number];
export const changeDemands = ["warn", "deny"] as const;
export type ChangeDemand = (typeof changeDemands)[number];

export const sdistDemands = ["deny", "require-attestation", "allow"] as const;
export type SdistDemand = (typeof sdistDemands)[number];

/** What it means that nobody says when a file was uploaded. `log`: the time in the transparency log will do. */
export const missingTimes = ["deny", "ignore", "log"] as const;
export type MissingTime = (typeof missingTimes)[number];

/** What becomes of files that are yanked, and of those of projects that the index marks. */
export type StatusConditions = Readonly<Record<StatusWord, StatusDemand>>;
/** A yank is of a file (PEP 592), the other two of a project (PEP 792); a quarantine is refused under any policy. */
export const statusWords = ["yanked", "archived", "deprecated"] as const;
export type StatusWord = (typeof statusWords)[number];
/** The strictest first. */
export const statusDemands = ["deny", "warn", "allow"] as const;
export type StatusDemand = (typeof statusDemands)[number];

/** At least `threshold` different parties among `members` must have signed. A single signer is a group of one. */
export interface SignerCondition {
  /** As messages name it: `signer "NAME"`, `group "NAME"` or `"vouch"`. */
  readonly name: string;
  readonly members: readonly PolicySigner[];
  readonly threshold: number;
  readonly distinctBy: DistinctBy;
}

/** Who must have made a SLSA provenance, and what it must say of the build. */
export interface BuildCondition extends SignerCondition {
  /** One of these is the builder's id; `*` stands for any run of characters. */
  readonly builder?: readonly string[];
  /** One of these is the type of the build. */
  readonly buildType?: readonly string[];
  /** The external parameters, by their path; in a text, `*` stands for any run of characters. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
}

/** Who must have signed a SLSA verification summary of the file that says that it passed. */
export interface SummaryCondition extends SignerCondition {
  /** The URI of the verifier, exactly. */
  readonly verifier: string;
  /** How long ago it may have been verified; any time when absent. */
  readonly maxAge?: Duration;
}

/** Whom a policy has a name for: an identity, which certificates prove, or a key. */
export type PolicySigner = PublisherSigner | KeySigner;

export interface PublisherSigner {
  readonly kind: "publisher";
  readonly name: string;
  readonly publisher: Publisher;
}

export interface KeySigner {
  readonly kind: "key";
  readonly name: string;
  readonly key: KeyReference;
}

/** A key, written out or by what the keyring calls it. */
export type KeyReference =
  | { readonly kind: "public-key"; readonly id: KeyId }
  | { readonly kind: "keyring"; readonly id: string };

/** What makes two signers one party, so that they count once: see `principal.ts`. */
export const distinctBys = ["key", "identity", "owner"] as const;
export type DistinctBy = (typeof distinctBys)[number];

export const artifactKinds = ["wheel", "sdist"] as const;
export type ArtifactKind = (typeof artifactKinds)[number];

/** Whether the user named the project, or something the user named needs it. */
export const relations = ["direct", "transitive"] as const;
export type Relation = (typeof relations)[number];

/** What a policy can know of an artifact without evidence. */
export interface PolicySubject {
  readonly name: ProjectName;
  readonly version: Version;
  readonly kind: ArtifactKind;
  readonly origin: Origin;
  /** The index it comes from; absent for everything else. */
  readonly index?: string;
  readonly relation: Relation;
  readonly filename: string;
  /** Of the bytes we hold, lower-case hex; absent before the download. */
  readonly sha256?: string;
  /** The reason, possibly empty, when the file is yanked. */
  readonly yanked?: string;
  /** How the index marks the project, unless that is as active. */
  readonly projectStatus?: ProjectStatus;
  /** Who signed files of the release when it was locked (PEP 751), when the lock file says so; never empty. */
  readonly lockedIdentities?: readonly PublisherTable[];
  /** When the index took the file, as the index says; absent when it does not say. */
  readonly uploadTime?: Date;
  /** An earlier release of which the index has provenance, by its version; absent when none is known. */
  readonly attestedBefore?: string;
}

/** Who promises the file: an index, a page of links, a URL that the user named; or it lies on this machine. */
export const origins = ["index", "links", "url", "local"] as const;
export type Origin = (typeof origins)[number];
