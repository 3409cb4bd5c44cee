// biome-ignore lint/style/noRestrictedImports: this is the one place that configures it.
import fc from "fast-check";

/**
 * Properties are tried with the same values in every run, so that a failure belongs to a change. TSPIP_SEED=random, or a
 * number, tries others.
 */
const { TSPIP_SEED: given } = process.env;
if (given !== "random") fc.configureGlobal({ seed: Number(given ?? 20_261_121) });

export default fc;
