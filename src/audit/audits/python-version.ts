import { join } from "node:path";
import { satisfies } from "../../distribution/specifier.ts";
import { parseVersion } from "../../distribution/version.ts";
import type { Installed } from "../../environment/installed.ts";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import type { Facts } from "../facts.ts";

/** A distribution is for the Python of its environment, by Requires-Python and by the tags in WHEEL (PEP 425). */
export function* pythonVersion({ installed, texts, environment: { markers } }: Facts): Generator<AuditFinding> {
  const { python_version: version, python_full_version: fullVersion } = markers;
  const minor = /^3\.(\d+)$/.exec(version)?.[1];
  if (minor === undefined) return;
  for (const each of installed) {
    const reason = unsupported(each, fullVersion) ?? unfitting(texts.get(wheelPath(each)) ?? "", Number(minor));
    if (reason === undefined) continue;
    const message = `"${each.name}" ${each.version} is not for Python ${fullVersion}: ${reason}`;
    yield { ...finding("python-unsupported", message, "warning"), installed: each };
  }
}

function wheelPath({ site, distInfo }: Installed): string {
  return join(site, distInfo, "WHEEL");
}

function unsupported({ metadata: { requiresPython } }: Installed, version: string): string | undefined {
  if (requiresPython === undefined) return undefined;
  // Where only `3.13` is known, any `3.13.x` will do.
  const candidates = version.split(".").length > 2 ? [version] : [version, `${version}.99`];
  if (candidates.some((text) => satisfies(requiresPython, parseVersion(text)))) return undefined;
  return `it requires ${requiresPython.text}`;
}

/** Platforms are not compared: the environment may lie on another machine than the one it is for. */
function unfitting(wheel: string, minor: number): string | undefined {
  const tags = [...wheel.matchAll(/^Tag: *(?<python>\w+)-(?<abi>\w+)-[\w.]+/gm)].map(({ groups }) => groups ?? {});
  if (tags.length === 0 || tags.some(({ python = "", abi = "" }) => fits(python, abi, minor))) return undefined;
  return `it is built for ${[...new Set(tags.map(({ python }) => python))].join(", ")}`;
}

function fits(python: string, abi: string, minor: number): boolean {
  const [, implementation, version = ""] = /^(py|cp|pp)3(\d*)$/.exec(python) ?? [];
  if (implementation === undefined) return false;
  if (implementation === "pp" || version === "") return true;
  const isForLater = implementation === "py" || abi === "abi3" || abi === "none";
  return isForLater ? Number(version) <= minor : Number(version) === minor;
}
