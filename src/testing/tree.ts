import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf } from "../distribution/digest.ts";

/** A folder that goes when the test ends. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "tspip-test-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Everything below `folder`: path → mode and contents. Two equal snapshots are equal to the byte. */
export function snapshot(folder: string, prefix = ""): Record<string, string> {
  const seen: Record<string, string> = {};
  for (const name of readdirSync(folder).sort()) {
    const [path, shown] = [join(folder, name), join(prefix, name)];
    const stat = lstatSync(path);
    const mode = (stat.mode & 0o777).toString(8);
    if (stat.isSymbolicLink()) seen[shown] = `link ${readlinkSync(path)}`;
    else if (stat.isDirectory()) Object.assign(seen, { [shown]: `folder ${mode}` }, snapshot(path, shown));
    else seen[shown] = `file ${mode} ${digestOf(readFileSync(path))}`;
  }
  return seen;
}
