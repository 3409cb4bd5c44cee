import type { Host } from "../host.ts";
import { painter, printable } from "../terminal.ts";

/** Why a tool could not be installed: what was tried, why it failed, and how it is done by hand. */
export interface BootstrapFailure {
  readonly tool: string;
  readonly operation: string;
  /** One for each place that was tried, in order; a reason may have several lines. */
  readonly reasons: readonly string[];
  readonly steps: readonly string[];
}

/** Says it on stderr. Servers and files have a part in it, so everything is escaped. */
export function renderBootstrapFailure(
  { tool, operation, reasons, steps }: BootstrapFailure,
  { stderr, env }: Pick<Host, "stderr" | "env">,
): void {
  const paint = painter(stderr, "auto", env);
  const indented = (text: string) => printable(text).replaceAll("\n", "\n    ");
  const lines = [
    `${paint("red", "error:")} ${tool} could not be installed, and nothing was changed`,
    `${paint("bold", "operation:")} ${indented(operation)}`,
    ...reasons.map((reason) => `${paint("bold", "reason:")} ${indented(reason)}`),
    `${paint("bold", "by hand:")}`,
    ...steps.map((step, at) => `  ${at + 1}. ${indented(step)}`),
  ];
  stderr.write(`${lines.join("\n")}\n`);
}
