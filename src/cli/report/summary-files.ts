import { resolve } from "node:path";
import { TrustError } from "../../errors.ts";
import type { SummaryFile } from "../../inspect/inspectors/summary.ts";
import type { SecondOpinion } from "../../inspect/second-opinion.ts";
import type { Keyring } from "../../keyring/keyring.ts";
import type { KeyId } from "../../trust/key-id.ts";
import type { TrustedRoot } from "../../trust/trusted-root.ts";
import type { Host } from "../host.ts";
import { once } from "../once.ts";
import { readBytes } from "../read-text.ts";
import { type PolicyInForce, shownPath } from "../settings/policy-in-force.ts";
import { besidePolicy } from "../settings/trusted-root.ts";

/** What summaries are checked against, loaded when one of them asks for it. */
export interface SummaryTrust {
  readonly trustedRoot: () => Promise<TrustedRoot>;
  /** Absent where no keyring is in use. @throws TrustError */
  readonly keyring?: (() => Promise<Keyring>) | undefined;
  /** Absent when none is asked. */
  readonly secondOpinion?: (() => Promise<SecondOpinion>) | undefined;
}

/** The files of verification summaries that the user and the policy name, read and verified once. */
export function summaryFiles(
  given: readonly string[],
  inForce: PolicyInForce,
  { trustedRoot, keyring, secondOpinion }: SummaryTrust,
  host: Host,
): SummaryFile[] {
  const { keys, trust } = inForce.policy;
  const known = keys.flatMap(({ key }) => (key.kind === "public-key" ? [key.id] : []));
  const named = [
    ...given.map((source) => ({ source, path: resolve(host.cwd, source) })),
    ...(trust.summaries ?? []).map((source) => ({
      source: shownPath(source, inForce),
      path: besidePolicy(source, inForce, host),
    })),
  ];
  return named.map(({ source, path }) => ({
    source,
    read: once(async () => {
      const bytes = await readBytes(path, `the summaries "${source}"`, host);
      const [{ parseSummaries }, { verifySummaries }] = await Promise.all([
        import("../../summary/envelope.ts"),
        import("../../summary/summaries.ts"),
      ]);
      return verifySummaries(parseSummaries(bytes, source), {
        keys: known,
        trustedRoot,
        now: host.now(),
        ...(keyring && { revocationOf: (key: KeyId) => revocationIn(keyring, key) }),
        ...(secondOpinion && { secondOpinion: async (...asked) => (await secondOpinion())(...asked) }),
      });
    }),
  }));
}

/** Loaded where there is a keyring. As for wheel signatures: what the policy writes out needs no keyring, and counts unless that shows that it was revoked. */
async function revocationIn(keyring: () => Promise<Keyring>, key: KeyId): Promise<string | undefined> {
  const [{ revocationOf }, { thumbprintOf }] = await Promise.all([
    import("../../keyring/keyring.ts"),
    import("../../signature/signing-keys.ts"),
  ]);
  try {
    return revocationOf(await keyring(), thumbprintOf(key));
  } catch (error) {
    if (error instanceof TrustError) return undefined;
    throw error;
  }
}
