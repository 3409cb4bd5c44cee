import { newestKnown } from "../../bootstrap/candidate.ts";
import type { Interpreter } from "../../environment/interpreter.ts";
import { planTarget } from "../gate/target.ts";
import type { Failure } from "./bootstrap-attempt.ts";
import type { BootstrapParts } from "./bootstrap-parts.ts";

/** What a user can do without us, by what went wrong last. */
export function stepsByHand(
  failures: readonly Failure[],
  parts: BootstrapParts,
  interpreter: Interpreter | undefined,
): readonly string[] {
  const kind = failures.at(-1)?.kind;
  const again = `tspip bootstrap ${placeWords(parts)}`.trim();
  if (interpreter === undefined || kind === "no-place")
    return ["Make a virtual environment: python3 -m venv --without-pip .venv", "tspip bootstrap --venv .venv"];
  if (kind === "environment")
    return [
      "See to it that there is room on the disk and that the folder may be written to, or choose another: --venv DIR",
      again,
    ];
  if (kind === "other-authority")
    return [
      "Ask whoever runs the index which authority signs its certificate now; put its SHA-256 into [trust] tls of the policy",
      again,
    ];
  if (parts.options.wheel !== undefined) return stepsForWheel(parts.options.wheel, again, parts);
  const known = newestKnown(parts.tool, planTarget(interpreter));
  if (known === undefined) return [`Ask the publisher of ${parts.tool.name} for a wheel that fits`, again];
  const { filename, digests } = known;
  return [
    `Download ${filename.text} from https://pypi.org/project/${filename.name}/${filename.version.text}/#files`,
    `Compare its SHA-256 with ${digests.sha256}`,
    `${again} --wheel ./${filename.text}`,
  ];
}

function stepsForWheel(wheel: string, again: string, { tool, options }: BootstrapParts): readonly string[] {
  const filename = wheel.split("/").at(-1) ?? wheel;
  if (options.policy !== undefined)
    return [
      `Get from whom the policy names what they vouch by, and put it beside the wheel: ${filename}.provenance, ${filename}.jws`,
      `${again} --wheel ${wheel}`,
    ];
  const [, version = "VERSION"] = filename.split("-");
  return [
    `Download the attestations of the wheel and put them beside it as ${filename}.provenance:\nhttps://pypi.org/integrity/${tool.name}/${version}/${filename}/provenance`,
    `${again} --wheel ${wheel}`,
  ];
}

/** The options that name environment and policy, as the user gave them. */
function placeWords({ tool, options }: BootstrapParts): string {
  const { venv, python, user, policy } = options;
  return [
    ...(tool.name === "pip" ? [] : ["--tool", tool.name]),
    ...(venv === undefined ? [] : ["--venv", venv]),
    ...(python === undefined ? [] : ["--python", python]),
    ...(user === true ? ["--user"] : []),
    ...(policy === undefined ? [] : ["--policy", policy]),
  ].join(" ");
}
