import manifest from "../../package.json" with { type: "json" };

/** The version of tspip itself. */
export const version: string = manifest.version;
