import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import type { AccessConfig } from "./config.ts";

/** A new token, 256 bits, and what the configuration holds of it. It is random, so that its plain hash gives nothing away. */
export function makeToken(): { readonly token: string; readonly sha256: string } {
  const token = `tspip-${randomBytes(32).toString("base64url")}`;
  return { token, sha256: hashOf(token).toString("hex") };
}

/** Whether the value of an Authorization header holds a token that is let in. */
export function isLetIn({ isOpen, tokens }: AccessConfig, authorization: string | undefined): boolean {
  if (isOpen) return true;
  const token = tokenIn(authorization ?? "");
  if (token === undefined) return false;
  const hash = hashOf(token);
  return tokens.some((allowed) => timingSafeEqual(Buffer.from(allowed, "hex"), hash));
}

/** A bearer token (RFC 6750), or the password of Basic (RFC 7617): installers send what stands in a URL or a netrc file. */
function tokenIn(authorization: string): string | undefined {
  const [, scheme = "", value = ""] = /^(basic|bearer) +([\w+/=.~-]+)$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme === "") return undefined;
  const pair = Buffer.from(value, "base64").toString("utf8");
  return pair.includes(":") ? pair.slice(pair.indexOf(":") + 1) : undefined;
}

function hashOf(token: string): Buffer {
  return hash("sha256", token, "buffer");
}
