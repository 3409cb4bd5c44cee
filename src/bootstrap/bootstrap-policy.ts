import type { Version } from "../distribution/version.ts";
import type { Vouching } from "./candidate.ts";
import type { Tool } from "./tool.ts";

/**
 * The policy that a tool has to pass before it is installed, as text: its publisher's identity (PEP 740), or the digest
 * that tspip came with. Absence of both is a refusal.
 */
export function bootstrapPolicyText(tool: Tool, version: Version, vouching: Vouching): string {
  return vouching === "digest" ? digestPolicy : attestationPolicy(tool, version);
}

/** The digest says all: these are the bytes that were published. */
const digestPolicy = `version = 1

[floor]
status = { yanked = "deny" }

[default]
attestation = "ignore"
hashes = "require"
`;

function attestationPolicy({ name, repository, workflow, hasVersionTags }: Tool, version: Version): string {
  return `version = 1

[signers.${name}]
kind = "github"
repository = "${repository}"
workflow = "${workflow}"
runner = "github-hosted"
${hasVersionTags ? `ref = "refs/tags/${version.text}"\n` : ""}
[floor]
status = { yanked = "deny" }

[default]
attestation = "require"
hashes = "any"
publish = { signer = "${name}" }
`;
}
