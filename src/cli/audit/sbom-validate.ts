import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Ajv, type AnySchemaObject } from "ajv";
import addFormats from "ajv-formats";
import { readOwnFile } from "../../own-file.ts";
import type { SpecVersion } from "../../sbom/cyclonedx.ts";

/** The schemas that those of CycloneDX refer to, by the names they use. */
const shared = ["spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json", "cryptography-defs.SNAPSHOT.schema.json"];

/**
 * Checks an SBOM by the official JSON schema, as cyclonedx-library's validator does.
 * @throws RangeError when it is not valid: a mistake of ours, whatever the input was
 */
export async function validateSbom(json: string, specVersion: SpecVersion): Promise<void> {
  const schemas = await Promise.all(
    shared.map(async (name) => [`http://cyclonedx.org/schema/${name}`, await readSchema(name)]),
  );
  const ajv = new Ajv({ strict: false, addUsedSchema: false, schemas: Object.fromEntries(schemas) });
  addFormats.default(ajv);
  // Looser than the standards, as checkers of these are: what is no address, and no reference, at all.
  ajv.addFormat("idn-email", /^[^\s@]+@[^\s@]+$/);
  ajv.addFormat("iri-reference", /^[^\s<>"{}|\\^`]*$/);
  const validate = ajv.compile(await readSchema(`bom-${specVersion}.SNAPSHOT.schema.json`));
  if (validate(JSON.parse(json))) return;
  const problems = JSON.stringify(validate.errors).slice(0, 500);
  throw new RangeError(`The SBOM is not valid by the schema: ${problems}`);
}

async function readSchema(name: string): Promise<AnySchemaObject> {
  return JSON.parse(await readOwnFile(new URL(name, schemaFolder())));
}

/** Beside the bundle, where src/build.mjs puts them; else in the library. */
function schemaFolder(): URL {
  if (!import.meta.url.endsWith(".ts")) return new URL("./schemas/", import.meta.url);
  const manifest = createRequire(import.meta.url).resolve("@cyclonedx/cyclonedx-library/package.json");
  return pathToFileURL(join(dirname(manifest), "res/schema/"));
}
