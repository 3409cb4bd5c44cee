import type { SerializedBundle } from "@sigstore/bundle";
import { IndexError, messageOf } from "../errors.ts";
import { statementType } from "./publish-statement.ts";

/** A Sigstore instance to sign with; the public one where nothing is said. */
export interface SigningInstance {
  readonly fulcioUrl?: string | undefined;
  readonly rekorUrl?: string | undefined;
  readonly timeoutMs: number;
}

/**
 * Signs an in-toto statement with a key that lives for this one signature, certified for the identity of the token and
 * logged in public. Package sigstore opens the connections.
 * @param what the statement is about, for messages
 * @param identityToken a JSON Web Token with the audience `sigstore`
 * @throws IndexError `signing-failed`
 */
export async function signStatement(
  statement: Buffer,
  what: string,
  identityToken: string,
  { fulcioUrl, rekorUrl, timeoutMs }: SigningInstance,
): Promise<SerializedBundle> {
  // Larger than all the rest of the command, and rarely needed.
  const { attest } = await import("sigstore");
  try {
    return await attest(statement, statementType, {
      identityToken,
      timeout: timeoutMs,
      ...(fulcioUrl !== undefined && { fulcioURL: fulcioUrl }),
      ...(rekorUrl !== undefined && { rekorURL: rekorUrl }),
    });
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    const why = cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
    throw new IndexError("signing-failed", `Cannot attest "${what}": ${why}`, { cause: error });
  }
}
