import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Host } from "../cli/host.ts";
import { type FakeIndex, startFakeIndex } from "./fake-index.ts";
import type { MadeWheel } from "./make-wheel.ts";
import { authority, provenanceOf, requireAlice } from "./scene.ts";
import { temporaryFolder } from "./tree.ts";
import type { TestPublisher } from "./trusted-publishers.ts";
import { type Answer, typeCommand } from "./type-command.ts";

export { authority, requireAlice };

/** For tests of commands: a folder, an index on loopback and a Sigstore of the test's own. */

export interface Scene extends AsyncDisposable {
  readonly folder: string;
  readonly index: FakeIndex;
  write(name: string, content: string | Uint8Array): string;
  read(name: string): string;
  /** `tspip COMMAND`, or `tspip policy init`, with the scene's index and trusted root; the folder is also the home. */
  tspip(command: string, ...argv: string[]): Promise<Answer>;
}

export function publisher(repository: string): TestPublisher {
  return { kind: "github", repository, workflow: "release.yml", ref: "refs/tags/v1" };
}

/** A provenance object for `wheel`, signed by the repository's workflow. */
export function provenanceBy(repository: string, wheel: MadeWheel): string {
  return provenanceOf(wheel, publisher(repository));
}

export async function setScene(env: Host["env"] = {}): Promise<Scene> {
  const folder = temporaryFolder();
  const index = await startFakeIndex();
  const write = (name: string, content: string | Uint8Array) => {
    const path = join(folder.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  write("root.json", authority.trustedRootJson);
  const own = ["-i", index.url, "--trusted-root", "root.json", "--retries", "0"];
  return {
    folder: folder.path,
    index,
    write,
    read: (name) => readFileSync(join(folder.path, name), "utf8"),
    tspip: (command, ...argv) => typeCommand(folder.path, [...command.split(" "), ...own, ...argv], { env }),
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}
