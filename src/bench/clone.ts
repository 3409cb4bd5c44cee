import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this clone. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The built program. */
export const tspip = [process.execPath, join(root, "src/launcher.cjs")] as const;
