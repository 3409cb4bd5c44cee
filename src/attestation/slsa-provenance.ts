import type { JsonObject, JsonValue } from "../encoding/json.ts";

/**
 * What a SLSA provenance says of a build (slsa.dev/spec/v1.0/provenance): who built, by which recipe, from which
 * parameters that somebody outside of the builder chose. It is as true as whoever signed it is honest.
 */
export interface BuildProvenance {
  /** `runDetails.builder.id` */
  readonly builderId?: string;
  /** `buildDefinition.buildType` */
  readonly buildType?: string;
  /** The values in `buildDefinition.externalParameters` by their path, such as `workflow.ref`; lists have none. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

const maxParameters = 1000;
const maxDepth = 16;

/** Reads what is there: a field that is missing, or is of another type, is one that no policy finds. */
export function readBuildProvenance(predicate: JsonValue): BuildProvenance {
  const definition = memberOf(predicate, "buildDefinition");
  const builderId = memberOf(memberOf(memberOf(predicate, "runDetails"), "builder"), "id");
  const buildType = memberOf(definition, "buildType");
  return {
    ...(typeof builderId === "string" && { builderId }),
    ...(typeof buildType === "string" && { buildType }),
    parameters: flattened(memberOf(definition, "externalParameters")),
  };
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** `{ "a": { "b": 1 } }` and `{ "a.b": 1 }` have one path: where both are there, neither is what was meant. */
function flattened(parameters: JsonValue | undefined): BuildProvenance["parameters"] {
  const found: (readonly [path: string, value: string | number | boolean])[] = [];
  collect(parameters, "", 0, found);
  const byPath = Map.groupBy(found.slice(0, maxParameters), ([path]) => path);
  const single = [...byPath].flatMap(([path, values]) =>
    (values.length === 1 ? values : []).map(([, value]) => [path, value]),
  );
  return Object.fromEntries(single);
}

function collect(
  value: JsonValue | undefined,
  path: string,
  depth: number,
  found: (readonly [string, string | number | boolean])[],
): void {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") found.push([path, value]);
  if (!isObject(value) || depth >= maxDepth) return;
  for (const [name, inner] of Object.entries(value))
    collect(inner, path === "" ? name : `${path}.${name}`, depth + 1, found);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
