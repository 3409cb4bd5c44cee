import type { PinnedAuthorities } from "./pinned-authorities.ts";

export interface TransportOptions {
  /** Without it no connection is opened. */
  readonly online: boolean;
  /** For connecting, for the headers, and for each silence in a body. */
  readonly timeoutMs: number;
  readonly retries: number;
  /** Certificate authorities besides Node's own, as PEM. */
  readonly ca?: string;
  /** Authorities of which one must have signed a host's certificate. */
  readonly authorities?: PinnedAuthorities;
  /** Our own certificate and its key, as PEM. */
  readonly clientCert?: string;
  /** `Authorization` by origin; sent nowhere else. */
  readonly credentials?: ReadonlyMap<string, string>;
  readonly proxies?: { readonly http?: string; readonly https?: string; readonly none?: string };
  readonly userAgent: string;
  readonly signal?: AbortSignal;
}
