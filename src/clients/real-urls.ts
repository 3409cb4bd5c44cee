import { isProjectName, normalizeProjectName, type ProjectName } from "../distribution/project-name.ts";

/** Where what the loopback index served really is. */
export interface RealPlaces {
  /** The index that a project's files were found on; the main one where nobody knows better. */
  index(name: ProjectName | undefined): Promise<URL>;
  file(name: ProjectName, filename: string): Promise<URL | undefined>;
}

/**
 * Puts the real URLs in the place of those of a loopback index: in lock files that an installer wrote behind it. In
 * TOML each package's own index is put there, which its `name` tells.
 * @param loopback `http://127.0.0.1:PORT/TOKEN/simple/`
 */
export async function withRealUrls(text: string, loopback: URL, places: RealPlaces): Promise<string> {
  const blocks = text.split(/^(?=\[\[package)/m);
  return (await Promise.all(blocks.map((block) => realBlock(block, loopback, places)))).join("");
}

async function realBlock(block: string, loopback: URL, places: RealPlaces): Promise<string> {
  const root = loopback.href.replace(/simple\/$/, "");
  if (!block.includes(root)) return block;
  const name = projectIn(block);
  const index = (await places.index(name)).href;
  const pattern = new RegExp(`${RegExp.escape(root)}(?:files/([^/\\s"']+)/([^#\\s"']+)|simple(/?)(?=["'\\s]|$))`, "gm");
  const pieces: string[] = [];
  let end = 0;
  for (const match of block.matchAll(pattern)) {
    const [whole, project, filename, slash] = match;
    const real =
      project !== undefined && filename !== undefined && isProjectName(project)
        ? (await places.file(normalizeProjectName(project), decodeURIComponent(filename)))?.href
        : `${index.replace(/\/$/, "")}${slash ?? ""}`;
    pieces.push(block.slice(end, match.index), real ?? whole);
    end = match.index + whole.length;
  }
  return [...pieces, block.slice(end)].join("");
}

function projectIn(block: string): ProjectName | undefined {
  const name = /^name = "([^"]+)"$/m.exec(block)?.[1];
  return name !== undefined && isProjectName(name) ? normalizeProjectName(name) : undefined;
}
