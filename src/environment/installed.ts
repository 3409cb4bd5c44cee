import type { ProjectName } from "../distribution/project-name.ts";
import type { Receipt } from "../verdict/receipt.ts";
import type { CoreMetadata } from "../wheel/metadata.ts";
import type { RecordRow } from "../wheel/record.ts";

/** A distribution as it lies on disk (PyPA: recording installed projects). */
export interface Installed {
  readonly name: ProjectName;
  readonly version: string;
  /** The folder that its RECORD's paths start from. */
  readonly site: string;
  /** Name of the `.dist-info` folder in `site`. */
  readonly distInfo: string;
  readonly metadata: CoreMetadata;
  /** Absent when there is no RECORD, as where a distributor installed it: then nobody knows which files are its own. */
  readonly record?: readonly RecordRow[];
  readonly installer?: string;
  readonly requested: boolean;
  readonly directUrl?: DirectUrl;
  /** Absent beside direct_url.json, where PEP 710 forbids it. */
  readonly provenanceUrl?: ProvenanceUrl;
  readonly receipt?: Receipt;
}

/** provenance_url.json (PEP 710, a draft): the archive that an index gave. */
export interface ProvenanceUrl {
  readonly url: string;
  /** Never empty. */
  readonly archive_info: { readonly hashes: Readonly<Record<string, string>> };
}

/** direct_url.json (PyPA: direct URL data structure, formerly PEP 610). */
export interface DirectUrl {
  readonly url: string;
  /** Empty where it is no archive. */
  readonly archive_info: { readonly hashes: Readonly<Record<string, string>> };
  readonly vcs_info?: { readonly vcs: string; readonly commit_id: string; readonly requested_revision?: string };
  readonly dir_info?: { readonly editable: boolean };
  readonly subdirectory?: string;
}
