import type { Flaw } from "./flaw.ts";
import { certificateFlaws } from "./flaws/certificate.ts";
import { envelopeFlaws } from "./flaws/envelope.ts";
import { logFlaws } from "./flaws/log.ts";
import { provenanceFlaws } from "./flaws/provenance.ts";
import { statementFlaws } from "./flaws/statement.ts";
import { timestampFlaws } from "./flaws/timestamp.ts";
import { trustedRootFlaws } from "./flaws/trusted-root.ts";

/** Everything that can be wrong, by name. */
export const flaws = {
  ...statementFlaws,
  ...envelopeFlaws,
  ...certificateFlaws,
  ...logFlaws,
  ...timestampFlaws,
  ...provenanceFlaws,
  ...trustedRootFlaws,
} as const satisfies Record<string, Flaw>;

export type FlawName = keyof typeof flaws;
