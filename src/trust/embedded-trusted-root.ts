import trustedRoot from "./embedded-trusted-root.json" with { type: "json" };

/**
 * The trusted root of the public Sigstore instance, as text for `parseTrustedRoot`. The JSON file is the one that
 * @sigstore/tuf 5.0.1 carries in its seeds.json, verified there against version 16 of Sigstore's TUF root. Sigstore's
 * staging instance is not in it, on purpose: its attestations prove nothing about a release.
 */
export const embeddedTrustedRoot: string = JSON.stringify(trustedRoot);
