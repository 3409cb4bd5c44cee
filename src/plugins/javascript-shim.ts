import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import {
  type HookAnswer,
  type HookArguments,
  type HookName,
  hookNames,
  type LoadAnswer,
  type PluginModule,
} from "./contract.ts";

/**
 * What calls JavaScript inspectors, in a process of its own; it speaks JSON lines on file descriptor 3, as the Python one
 * does. `serve` is called by the few words of `javascriptCommand`, whose `import()` resolves from the project's folder.
 */

/** Functions of an inspector's module, or of its default export; none is sure to be there. */
type Exports = Readonly<Record<string, unknown>>;

type Request = { readonly id: number } & (
  | ({ readonly method: "load" } & PluginModule)
  | ({ readonly method: HookName; readonly name: string } & HookArguments)
);

const pluginType = "dist-inspector";

/** Answers one request after the other, until the channel is closed. */
export async function serve(load: (module: string) => Promise<unknown>, channel: Duplex): Promise<void> {
  const inspectors = new Map<string, Exports>();
  for await (const line of createInterface({ input: channel })) {
    const request: Request = JSON.parse(line);
    const result =
      request.method === "load" ? await answerLoad(request, load, inspectors) : await answerHook(request, inspectors);
    channel.write(`${JSON.stringify({ id: request.id, result })}\n`);
  }
}

async function answerLoad(
  { name, module, options }: PluginModule,
  load: (module: string) => Promise<unknown>,
  inspectors: Map<string, Exports>,
): Promise<LoadAnswer> {
  try {
    const exports = exportsOf(await load(module));
    const answer = await inspect(exports);
    if (answer.state === "loaded" && options !== undefined) {
      if (!isFunction(exports.configure))
        return failed("it takes no options: it exports no function configure(options)");
      await exports.configure(options);
    }
    inspectors.set(name, exports);
    return answer;
  } catch (error) {
    return failed(failureOf(error));
  }
}

function exportsOf(module: unknown): Exports {
  const { default: main, ...named } = module as { default?: unknown } & Record<string, unknown>;
  return typeof main === "object" ? { ...main, ...named } : named;
}

/** The RFC's form says a type, the pull request's form says the hooks. */
async function inspect(exports: Exports): Promise<LoadAnswer> {
  const { plugin_type: typeOf, provided_hooks: hooksOf } = exports;
  if (isFunction(typeOf)) {
    const type = await typeOf();
    if (type !== pluginType)
      return { state: "ignored", reason: `its type is '${type}', and the only one known is '${pluginType}'` };
  } else if (!isFunction(hooksOf)) return failed("it exports neither plugin_type() nor provided_hooks()");
  if (!isFunction(hooksOf)) {
    const hooks = hookNames.filter((hook) => isFunction(exports[hook]));
    if (hooks.length === 0) return failed("it exports neither pre_download() nor pre_extract()");
    return { state: "loaded", hooks, warnings: [] };
  }
  const provided: unknown[] = [...((await hooksOf()) as Iterable<unknown>)];
  const hooks = hookNames.filter((hook) => provided.includes(hook));
  const unknown = provided.filter((name) => !hookNames.some((hook) => hook === name)).map(String);
  if (hooks.length === 0)
    return { state: "ignored", reason: `it provides no hook that is known: ${unknown.join(", ")}` };
  const missing = hooks.find((hook) => !isFunction(exports[hook]));
  if (missing !== undefined) return failed(`it exports no function ${missing}()`);
  return { state: "loaded", hooks, warnings: unknown.map((name) => `its hook ${name} is not known and never called`) };
}

async function answerHook(
  { method, name, ...given }: Extract<Request, { method: HookName }>,
  inspectors: ReadonlyMap<string, Exports>,
): Promise<HookAnswer> {
  try {
    const hook = inspectors.get(name)?.[method];
    if (!isFunction(hook)) throw new Error("it is not loaded");
    const result = await hook(method === "pre_extract" ? given.path : given.url, given.reference);
    if (result === undefined || result === null) return { outcome: "passed" };
    const message = `${method}() returned ${typeof result}; it returns nothing, and refuses by throwing InspectionRefused`;
    return { outcome: "failed", message };
  } catch (error) {
    if (isRefusal(error)) return { outcome: "refused", message: shortened(String(error.message)) };
    return { outcome: "failed", message: failureOf(error) };
  }
}

function isRefusal(error: unknown): error is Error {
  return error instanceof Error && (error.name === "InspectionRefused" || error.name === "ValueError");
}

function isFunction(value: unknown): value is (...given: unknown[]) => unknown {
  return typeof value === "function";
}

function failed(reason: string): LoadAnswer {
  return { state: "failed", reason };
}

function failureOf(error: unknown): string {
  console.error(error);
  return shortened(String(error));
}

function shortened(text: string): string {
  return text.slice(0, 10_000);
}
