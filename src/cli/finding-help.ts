import { readOwnFile } from "../own-file.ts";

/** Where docs/findings.md lies, seen from this file and from the bundle in dist/. */
const places = ["../../docs/findings.md", "../docs/findings.md"].map((path) => new URL(path, import.meta.url));

/** The section of docs/findings.md on each finding, as Markdown; empty where the documentation is not installed. */
export async function readFindingHelp(): Promise<ReadonlyMap<string, string>> {
  for (const place of places) {
    const text = await readOwnFile(place).catch(() => undefined);
    if (text !== undefined) return sections(text);
  }
  return new Map();
}

function sections(page: string): Map<string, string> {
  const found = page.matchAll(/^### (?<id>[a-z-]+)\n(?<text>[\s\S]*?)(?=^##|(?![\s\S]))/gm);
  return new Map([...found].map(({ groups = {} }) => [groups.id ?? "", (groups.text ?? "").trim()]));
}
