import tufRoot from "./sigstore-tuf-root.json" with { type: "json" };

/** Where Sigstore's public instance serves its trusted root by TUF. */
export const sigstoreMirror = "https://tuf-repo-cdn.sigstore.dev";

/** Version 16 of that repository's root, from seeds.json of @sigstore/tuf 5.0.1. Later versions are reached by rotation. */
export const sigstoreTufRoot: string = JSON.stringify(tufRoot);
