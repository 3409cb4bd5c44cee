import { UsageError } from "../../errors.ts";
import type { Host } from "../host.ts";
import type { BundleAnswer, BundleOptions } from "./given-bundle.ts";

/**
 * What `--bundle` names, opened; nothing without it. The code for it is loaded where one is given.
 * @throws UsageError, TrustError, ArtifactError, EnvironmentError
 */
export async function bundleOption(options: BundleOptions, host: Host): Promise<BundleAnswer | undefined> {
  const { bundle, bundleKey, untrustedBundle } = options;
  if (bundle !== undefined) return (await import("./given-bundle.ts")).givenBundle(bundle, options, host);
  if (bundleKey === undefined && untrustedBundle !== true) return undefined;
  throw new UsageError("wrong-argument", "--bundle-key and --untrusted-bundle go with --bundle FILE");
}
