import type { BundleAnswer, BundleOptions } from "./given-bundle.ts";
import type { Host } from "./host.ts";

/** What `--bundle` names, opened; the code for it is loaded where one is given. See `givenBundle`. */
export async function givenBundleOf(options: BundleOptions, host: Host): Promise<BundleAnswer | undefined> {
  const { bundle, bundleKey, untrustedBundle } = options;
  if (bundle === undefined && bundleKey === undefined && untrustedBundle !== true) return undefined;
  return (await import("./given-bundle.ts")).givenBundle(options, host);
}
