import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "./fake-index.ts";

/** What a web server answers that has a folder's files below `path`, such as "/keyring/". */
export function serveFolder(folder: string, path: string): Fault {
  return ({ url = "" }, response) => {
    if (!url.startsWith(path)) return false;
    const file = join(folder, url.slice(path.length));
    if (existsSync(file)) response.writeHead(200).end(readFileSync(file));
    else response.writeHead(404).end();
    return true;
  };
}
