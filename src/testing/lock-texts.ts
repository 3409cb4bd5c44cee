import { parseFilename } from "../distribution/filename.ts";
import type { FakeIndex } from "./fake-index.ts";
import type { MadeWheel } from "./make-wheel.ts";

/** Lock files of wheels that an index offers, as tools write them. */

type Offering = Pick<FakeIndex, "url" | "origin">;

/** A pylock.toml (PEP 751). */
export function pylockOf({ url, origin }: Offering, ...wheels: readonly MadeWheel[]): string {
  const packages = wheels.map(({ filename, sha256 }) => {
    const { name, version } = parseFilename(filename);
    return `[[packages]]
name = "${name}"
version = "${version.text}"
index = "${url}"
wheels = [{ url = "${origin}/files/${filename}", hashes = { sha256 = "${sha256}" } }]
`;
  });
  return `lock-version = "1.0"\ncreated-by = "test"\n${packages.join("")}`;
}

/** A uv.lock of the project `app`, which needs all of them. */
export function uvLockOf({ url, origin }: Offering, ...wheels: readonly MadeWheel[]): string {
  const locked = wheels.map((wheel) => ({ ...wheel, ...parseFilename(wheel.filename), file: wheel.filename }));
  const dependencies = locked.map(({ name }) => `{ name = "${name}" }`).join(", ");
  const packages = locked.map(
    ({ name, version, file, sha256, bytes }) => `
[[package]]
name = "${name}"
version = "${version.text}"
source = { registry = "${url}" }
wheels = [{ url = "${origin}/files/${file}", hash = "sha256:${sha256}", size = ${bytes.length} }]
`,
  );
  return `version = 1
revision = 3
requires-python = ">=3.9"

[[package]]
name = "app"
version = "1"
source = { virtual = "." }
dependencies = [${dependencies}]
${packages.join("")}`;
}
