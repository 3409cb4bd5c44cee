import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseFilename } from "../distribution/filename.ts";
import type { Environment } from "../environment/environment.ts";
import { admit } from "../inspect/admit.ts";
import type { ChangeOptions } from "../install/change.ts";
import type { InstallItem } from "../install/install-item.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { type Disk, realDisk } from "../unpack/disk.ts";
import { unpackWheel } from "../unpack/unpack-wheel.ts";
import { readDistInfo } from "../wheel/dist-info.ts";
import { planLayout } from "../wheel/layout.ts";
import { openArchive } from "../wheel/open-archive.ts";
import { linuxMarkers, makeInstalledReceipt } from "./make-installed.ts";
import { type MadeWheel, makeWheel, type WheelDescription } from "./make-wheel.ts";

/** A virtual environment as far as installing looks at one: no interpreter is needed, and none is started. */
export function makeEnvironment(root: string): Environment {
  const site = join(root, "lib", "python3.13", "site-packages");
  const schemes = {
    purelib: site,
    platlib: site,
    scripts: join(root, "bin"),
    headers: join(root, "include", "site", "python3.13"),
    data: root,
  };
  writeTree(root, { "pyvenv.cfg": "home = /usr/bin\n", "bin/python": "", "bin/activate": "" });
  mkdirSync(site, { recursive: true });
  const interpreter = {
    executable: join(root, "bin", "python"),
    version: [3, 13],
    prefix: root,
    basePrefix: "/usr",
    schemes,
    standardLibrary: "/usr/lib/python3.13",
    tags: { implementation: "cpython", version: [3, 13], platforms: [] },
    markers: linuxMarkers,
  } as unknown as Environment["interpreter"];
  return { kind: "venv", label: root, interpreter, schemes, root };
}

/** Writes files below `root`: path → contents. */
export function writeTree(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** Makes a wheel that the gate let through, unpacked into `quarantine`. */
export async function makeItem(description: WheelDescription, quarantine: string): Promise<InstallItem> {
  const { filename: text, bytes, sha256 }: MadeWheel = makeWheel(description);
  const shared = { kind: "memory", bytes } as const;
  const filename = parseFilename(text);
  if (filename.kind !== "wheel") throw new Error("a wheel was made");
  mkdirSync(quarantine, { recursive: true });
  const folder = join(mkdtempSync(join(quarantine, "wheel-")), text);
  const archive = openArchive(openShared(shared));
  const distInfo = readDistInfo(archive, filename);
  const layout = planLayout(distInfo, archive.entries);
  const { unpacked } = await unpackWheel({ archive, distInfo, layout }, folder, realDisk);
  const artifact = {
    ref: { filename, url: pathToFileURL(join("/", text)), digests: {}, source: { kind: "direct" }, provenance: "none" },
    bytes: openShared(shared),
    shared,
    path: text,
    digests: { sha256 },
    size: bytes.length,
    close: async () => {},
  } as const;
  const verdict = { decision: "allow", rule: "default", evidence: [], findings: [] } as const;
  return { artifact: admit(artifact, verdict), unpacked, requested: true, receipt: makeInstalledReceipt(text) };
}

/** Options of a change whose notices can be read afterwards. */
export function quietly(disk: Disk = realDisk): ChangeOptions & { readonly notices: string[] } {
  const notices: string[] = [];
  return { processes: { pid: 1, isAlive: () => false }, onNotice: (text) => notices.push(text), disk, notices };
}
