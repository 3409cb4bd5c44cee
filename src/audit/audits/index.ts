import type { Audit } from "../audit.ts";
import { dependencies } from "./dependencies.ts";
import { directInstalls } from "./direct-installs.ts";
import { duplicates } from "./duplicates.ts";
import { links } from "./links.ts";
import { receipts } from "./receipts.ts";
import { recordedFiles } from "./recorded-files.ts";
import { records } from "./records.ts";
import { startup } from "./startup.ts";
import { unowned } from "./unowned.ts";
import { writable } from "./writable.ts";

/** In the order of the report. */
export const audits: readonly Audit[] = [
  records,
  duplicates,
  recordedFiles,
  startup,
  unowned,
  links,
  writable,
  receipts,
  directInstalls,
  dependencies,
];
