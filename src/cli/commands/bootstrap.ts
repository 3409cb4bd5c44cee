import { toolNamed } from "../../bootstrap/tool.ts";
import { bootstrap as makeAvailable } from "../bootstrap/bootstrap.ts";
import type { BootstrapOptions } from "../command-line/artifacts.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { withLog } from "../talk-log.ts";
import { createTalk } from "../terminal.ts";
import { writeStub } from "../write-stub.ts";

/** `tspip bootstrap`: a verified pip, or another tool, in an environment that has none. */
export async function bootstrap(options: BootstrapOptions, host: Host): Promise<number> {
  const tool = toolNamed(options.tool);
  const talk = withLog(createTalk(options, host), options.log, host);
  if (options.writeStub !== undefined) {
    const path = await writeStub(options.writeStub, options, host);
    talk.info(`Wrote "${path}": it makes pip available when it is first called`);
    return exitCodes.done;
  }
  const result = await makeAvailable({
    tool,
    options,
    policyInForce: options,
    keepsPresent: options.wheel === undefined,
    talk,
    host,
  });
  if (result.outcome === "failed") return result.exitCode;
  if (result.outcome === "present") talk.info(`${tool.name} ${result.version} is there already`);
  return exitCodes.done;
}
