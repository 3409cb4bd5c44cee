import schema from "../../../docs/policy.schema.json" with { type: "json" };
import type { PolicySchemaOptions } from "../command-line/policy.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";

/** `tspip policy schema`: the JSON Schema of policy files, which the built program carries. */
export function policySchema(_options: PolicySchemaOptions, host: Host): number {
  host.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
  return exitCodes.done;
}
