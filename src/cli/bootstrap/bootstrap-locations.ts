import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Tool } from "../../bootstrap/tool.ts";
import type { ArtifactRef } from "../../distribution/artifact.ts";
import { normalizeProjectName } from "../../distribution/project-name.ts";
import type { Interpreter } from "../../environment/interpreter.ts";
import { createIndexClient } from "../../package-index/client.ts";
import { indexesFor } from "../../package-index/index-map.ts";
import { defaultIndex } from "../../package-index/settings.ts";
import { shown } from "../../package-index/url.ts";
import type { OpenIndexes } from "../gate/index-client.ts";
import type { Talk } from "../terminal.ts";

/** A place that may offer a tool. */
export interface Location {
  /** As messages name it. */
  readonly name: string;
  /** @throws IndexError when it cannot be asked */
  files(): Promise<readonly ArtifactRef[]>;
}

/**
 * The places that are asked for a tool, in order: those that the user names, then the default index; without a connection
 * also the wheel that the interpreter has for ensurepip. With `--no-index` no index is asked, and where the project's
 * settings say which index the tool belongs to, only that one.
 */
export function bootstrapLocations(
  { name }: Tool,
  { client, transport, indexes, findLinks, mapped }: OpenIndexes,
  { standardLibrary }: Interpreter,
  isOffline: boolean,
  { warn }: Talk,
): Location[] {
  const project = normalizeProjectName(name);
  const own = isOffline ? [pathToFileURL(join(standardLibrary, "ensurepip", "_bundled"))] : [];
  const linked = (place: URL): Location => ({
    name: place.protocol === "file:" ? fileURLToPath(place) : shown(place),
    async files() {
      const pages = await createIndexClient({ transport, indexes: [], findLinks: [place], warn }).files(project);
      return pages.flatMap((page) => page.files);
    },
  });
  const asked = indexes.length === 0 ? [] : indexesFor(project, mapped, withDefault(indexes));
  const indexed = asked.map(
    (index): Location => ({
      name: shown(index),
      files: async () => (await client.files(project, index)).flatMap((page) => page.files),
    }),
  );
  return [...findLinks.map(linked), ...indexed, ...own.map(linked)];
}

function withDefault(indexes: readonly URL[]): URL[] {
  return indexes.some(({ href }) => href === defaultIndex) ? [...indexes] : [...indexes, new URL(defaultIndex)];
}
