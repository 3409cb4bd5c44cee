import { writeFileSync } from "node:fs";
import { isPrerelease, parseVersion } from "../distribution/version.ts";

/**
 * `npm run known-releases`: writes the digests of pip's and uv's releases anew, as the index has them today. The diff is
 * the review: lines may be added, and none may change.
 */

/** What the JSON API has of a file (docs.pypi.org, "JSON API"). */
interface ListedFile {
  readonly filename: string;
  readonly packagetype: string;
  readonly yanked: boolean;
  readonly digests: { readonly sha256: string };
  readonly requires_python: string | null;
}

interface Project {
  readonly info: { readonly version: string };
  readonly releases: Readonly<Record<string, readonly ListedFile[]>>;
}

const [index = "https://pypi.org/"] = process.argv.slice(2);
const taken = new Date().toISOString().slice(0, 10);

// The oldest pip that an interpreter of today's brings along; of uv, whose files are many, the newest release.
const oldestPip = parseVersion("19.0").release[0] ?? 0n;
await update("pip", (version) => (parseVersion(version).release[0] ?? 0n) >= oldestPip);
await update("uv", (version, newest) => version === newest);

async function update(name: string, isWanted: (version: string, newest: string) => boolean): Promise<void> {
  const response = await fetch(new URL(`pypi/${name}/json`, index));
  const { info, releases } = (await response.json()) as Project;
  const wheels = Object.entries(releases)
    .filter(([version]) => !isPrerelease(parseVersion(version)) && isWanted(version, info.version))
    .flatMap(([, files]) => files.filter(({ packagetype, yanked }) => packagetype === "bdist_wheel" && !yanked))
    .map(({ filename, digests, requires_python }) => ({
      filename,
      sha256: digests.sha256,
      ...(requires_python !== null && { requiresPython: requires_python }),
    }))
    .sort((a, b) => a.filename.localeCompare(b.filename, "en", { numeric: true }));
  const file = new URL(`../bootstrap/known-${name}.json`, import.meta.url);
  const rows = wheels.map((wheel) => `    ${JSON.stringify(wheel)}`).join(",\n");
  writeFileSync(file, `{\n  "taken": "${taken}",\n  "wheels": [\n${rows}\n  ]\n}\n`);
}
