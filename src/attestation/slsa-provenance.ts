import { isJsonObject, type JsonValue } from "../encoding/json.ts";

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
/** Characters. Each path repeats the names above it: a megabyte of JSON could become gigabytes. */
const maxPathLength = 1024;

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
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

type Found = (readonly [path: string, value: string | number | boolean])[];

/** `{ "a": { "b": 1 } }` and `{ "a.b": 1 }` have one path: where both are there, neither is what was meant. */
function flattened(parameters: JsonValue | undefined): BuildProvenance["parameters"] {
  const found: Found = [];
  collect(parameters, "", 0, found);
  const byPath = Map.groupBy(found, ([path]) => path);
  const single = [...byPath.values()].flatMap((same) => (same.length === 1 ? same : []));
  return Object.fromEntries(single.slice(0, maxParameters));
}

/** What lies too deep, or under too long a path, is what no policy finds. */
function collect(value: JsonValue | undefined, prefix: string, depth: number, found: Found): void {
  if (!isJsonObject(value) || depth === maxDepth) return;
  for (const [name, inner] of Object.entries(value)) {
    const path = prefix + name;
    if (path.length > maxPathLength) continue;
    if (typeof inner === "string" || typeof inner === "number" || typeof inner === "boolean") found.push([path, inner]);
    else collect(inner, `${path}.`, depth + 1, found);
  }
}
