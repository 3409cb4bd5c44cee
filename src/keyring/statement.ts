import type { JsonObject } from "../encoding/json.ts";
import { formatTime, type Members } from "./members.ts";

/** "This list is current": what the fresh keys sign, often, for a short time. */
export interface CurrentStatement {
  /** Of the keyring. */
  readonly name: string;
  readonly keysVersion: number;
  /** Of the bytes of keys.jws, lower-case hex. */
  readonly keysSha256: string;
  readonly issued: Date;
  readonly expires: Date;
}

const statementType = "tspip-current";
/** The `typ` of its signatures. */
export const statementTyp = "tspip-current+json";
export const statementLimit = 16 << 10;

/** @throws TrustError `keyring-refused` */
export function parseStatement(members: Members): CurrentStatement {
  members.constant("type", statementType);
  members.constant("spec", 1);
  const statement = {
    name: members.text("name"),
    keysVersion: members.integer("keys_version"),
    keysSha256: members.text("keys_sha256"),
    issued: members.time("iat"),
    expires: members.time("exp"),
  };
  members.finish();
  return statement;
}

export function formatStatement({ name, keysVersion, keysSha256, issued, expires }: CurrentStatement): JsonObject {
  return {
    type: statementType,
    spec: 1,
    name,
    keys_version: keysVersion,
    keys_sha256: keysSha256,
    iat: formatTime(issued),
    exp: formatTime(expires),
  };
}
