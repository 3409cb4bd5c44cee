import type { Audit } from "../audit-finding.ts";
import { claims } from "./claims.ts";
import { compiled } from "./compiled.ts";
import { dependencies } from "./dependencies.ts";
import { directInstalls } from "./direct-installs.ts";
import { duplicates } from "./duplicates.ts";
import { foreignUser } from "./foreign-user.ts";
import { identity } from "./identity.ts";
import { interpreter } from "./interpreter.ts";
import { irregular } from "./irregular.ts";
import { legacy } from "./legacy.ts";
import { links } from "./links.ts";
import { pythonVersion } from "./python-version.ts";
import { receipts } from "./receipts.ts";
import { recordedFiles } from "./recorded-files.ts";
import { records } from "./records.ts";
import { searchPath } from "./search-path.ts";
import { shadowing } from "./shadowing.ts";
import { standardLibrary } from "./standard-library.ts";
import { startup } from "./startup.ts";
import { unhashed } from "./unhashed.ts";
import { unowned } from "./unowned.ts";
import { vulnerabilities } from "./vulnerabilities.ts";
import { writable } from "./writable.ts";

/** In the order of the report. */
export const audits: readonly Audit[] = [
  records,
  legacy,
  identity,
  duplicates,
  recordedFiles,
  claims,
  unhashed,
  interpreter,
  startup,
  searchPath,
  compiled,
  shadowing,
  standardLibrary,
  unowned,
  irregular,
  links,
  writable,
  foreignUser,
  receipts,
  directInstalls,
  pythonVersion,
  dependencies,
  vulnerabilities,
];
