import type { ProjectName } from "../../distribution/project-name.ts";
import { compareText } from "../../encoding/compare-text.ts";
import type { Publisher } from "../../trust/publisher.ts";
import type { Evidence } from "../../verdict/evidence.ts";
import { type Predicate, predicateTypes } from "../condition.ts";
import type { HashDemand, PolicySubject, SdistDemand } from "../policy.ts";
import { signerMeaning } from "../principal.ts";
import { countingAttestations } from "../unmet-attestation.ts";
import { type NamedSigner, nameSigners } from "./name-signers.ts";
import { writtenPublisher } from "./written-publisher.ts";

/** A file, and what was seen of it. */
export interface ObservedFile {
  readonly subject: Pick<PolicySubject, "name" | "version" | "kind" | "attestedBefore">;
  readonly evidence: readonly Evidence[];
}

/** A policy that admits what was seen, and of what is attested nothing by others. */
export interface FittedPolicy {
  readonly signers: readonly NamedSigner[];
  readonly groups: readonly FittedGroup[];
  readonly rules: readonly FittedRule[];
  /** Projects for which `[default]` will do. */
  readonly unattested: readonly SeenProject[];
  readonly hashes: HashDemand;
}

export interface SeenProject {
  readonly name: ProjectName;
  readonly versions: readonly string[];
}

/** Several signers of whom one is enough. */
export interface FittedGroup {
  readonly name: string;
  readonly of: readonly string[];
}

export interface FittedRule extends SeenProject {
  readonly attestation: "require" | "if-present" | undefined;
  readonly signedBy: readonly SignedBy[];
  readonly sdist: SdistDemand | undefined;
  /** What whoever reviews the policy has to know. */
  readonly remarks: readonly string[];
}

export interface SignedBy {
  readonly predicate: Predicate;
  readonly kind: "signer" | "group";
  readonly name: string;
}

/** Fits a policy to `files`: projects in the order of their names, whatever the order of the files. */
export function fitPolicy(files: readonly ObservedFile[]): FittedPolicy {
  const isPlain = plainSigners(files);
  const projects = [...Map.groupBy(files, ({ subject }) => subject.name)]
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, files]) => seeProject(name, files, isPlain));
  const signers = nameSigners(projects.map(({ name, signers }) => ({ name, publishers: signers.flatMap(by) })));
  const fitted = projects.map((project) => fitRule(project, signers));
  return {
    signers,
    groups: fitted.flatMap(({ groups }) => groups),
    rules: fitted.flatMap(({ rule }) => rule ?? []),
    unattested: projects.filter(({ attested }) => attested === "none"),
    hashes: files.length > 0 && files.every(isPinned) ? "require" : "index",
  };
}

interface Project extends SeenProject {
  readonly files: readonly ObservedFile[];
  /** How many of the files have an attestation that counts. */
  readonly attested: "all" | "some" | "none";
  /** By predicate; nothing for one by which nobody whom a policy has words for attested every attested file. */
  readonly signers: readonly { readonly predicate: Predicate; readonly by: readonly Publisher[] }[];
}

function by({ by }: Project["signers"][number]): readonly Publisher[] {
  return by;
}

/** Certificates may spell one repository `Acme/tool` and `acme/tool`: a policy can name one of the spellings only. */
function plainSigners(files: readonly ObservedFile[]): (publisher: Publisher) => boolean {
  const all = files.flatMap((file) => [...publishersOf(file, "publish"), ...publishersOf(file, "slsa")]);
  const spellings = Map.groupBy(all, meaningOf);
  return (publisher) => new Set(spellings.get(meaningOf(publisher))?.map((one) => JSON.stringify(one))).size === 1;
}

function meaningOf(publisher: Publisher): string {
  return signerMeaning({ kind: "publisher", name: "", publisher });
}

function seeProject(
  name: ProjectName,
  files: readonly ObservedFile[],
  isPlain: (publisher: Publisher) => boolean,
): Project {
  const attested = files.filter((file) => countingAttestations(file).length > 0);
  const signers = (["publish", "slsa"] as const).flatMap((predicate) => {
    const each = attested.map((file) => publishersOf(file, predicate).filter(isPlain));
    const isSaid = each.length > 0 && each.every((publishers) => publishers.length > 0);
    return isSaid ? [{ predicate, by: enough(each) }] : [];
  });
  return {
    name,
    versions: [...new Set(files.map(({ subject }) => subject.version.text))].sort(),
    files,
    attested: attested.length === 0 ? "none" : attested.length === files.length ? "all" : "some",
    signers,
  };
}

/** Those that attested `file` with the predicate, in the words of a policy. */
function publishersOf(file: ObservedFile, predicate: Predicate): Publisher[] {
  return countingAttestations(file)
    .filter(({ predicateType }) => predicateType === predicateTypes[predicate])
    .flatMap(({ signer }) => writtenPublisher(signer) ?? []);
}

/** One who attested every file, if there is one; else all, of whom each file has one. */
function enough(each: readonly (readonly Publisher[])[]): Publisher[] {
  const distinct = new Map(each.flat().map((publisher) => [JSON.stringify(publisher), publisher]));
  const sorted = [...distinct].sort(([a], [b]) => compareText(a, b));
  const common = sorted.find(([key]) => each.every((some) => some.some((one) => JSON.stringify(one) === key)));
  return common === undefined ? sorted.map(([, publisher]) => publisher) : [common[1]];
}

function fitRule(project: Project, signers: readonly NamedSigner[]): { rule?: FittedRule; groups: FittedGroup[] } {
  const { name, versions, files, attested } = project;
  const lost = files.find(({ subject }) => subject.attestedBefore !== undefined && attested === "none");
  const hasSdist = files.some(({ subject }) => subject.kind === "sdist");
  if (attested === "none" && lost === undefined && !hasSdist) return { groups: [] };
  const named = project.signers.map(({ predicate, by }) => signedBy(name, predicate, by, signers));
  const rule: FittedRule = {
    name,
    versions,
    attestation: attested === "all" ? "require" : attested === "some" || lost ? "if-present" : undefined,
    signedBy: named.map(({ signed }) => signed),
    sdist: !hasSdist ? undefined : attested === "all" ? "require-attestation" : "allow",
    remarks: [
      ...(attested === "some" ? ["Not every file of it is attested."] : []),
      ...(attested === "all" && named.length === 0 ? ["A policy has no words for whoever attested it."] : []),
      ...(lost === undefined
        ? []
        : [`Release ${lost.subject.attestedBefore} is attested, and this one is not: find out why.`]),
      ...(hasSdist ? ["It comes as a source distribution: building that runs its code."] : []),
    ],
  };
  return { rule, groups: named.flatMap(({ group }) => group ?? []) };
}

function signedBy(
  project: ProjectName,
  predicate: Predicate,
  by: readonly Publisher[],
  signers: readonly NamedSigner[],
): { signed: SignedBy; group?: FittedGroup } {
  const names = by.flatMap((publisher) => {
    const key = JSON.stringify(publisher);
    return signers.find((signer) => JSON.stringify(signer.publisher) === key)?.name ?? [];
  });
  const [name = "", ...others] = names;
  if (others.length === 0) return { signed: { predicate, kind: "signer", name } };
  const group = { name: `${project}-${predicate}`.replaceAll(".", "-"), of: names };
  return { signed: { predicate, kind: "group", name: group.name }, group };
}

function isPinned({ evidence }: ObservedFile): boolean {
  return evidence.some(({ kind, outcome }) => kind === "user-hash" && outcome === "verified");
}
