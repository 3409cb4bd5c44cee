import { parsePolicy } from "./parse.ts";
import type { Policy } from "./policy.ts";

/** The policy that judges when no other is named, as `tspip policy show` prints it. */
export const defaultPolicyText = `# The policy that tspip uses when no other is named.
# Copy it to a file, change it, and name it with --policy FILE or as "policy" in tspip.toml.
version = 1

[trust]
sigstore = "embedded"                 # the trusted root that comes with tspip
attestations = ["index", "sidecar"]   # the index's provenance, and files beside local artifacts

[floor]                               # holds for everything; no rule weakens it
record = "enforce"                    # every file in a wheel matches its RECORD
archive = "enforce"                   # the archive has exactly one reading
deny = []                             # { sha256 = "…" } or { name = "…", version = "…" }

[default]                             # holds for what no [[rule]] matches
mode = "enforce"                      # enforce | warn | off
attestation = "if-present"            # one that is there must verify; none is needed
hashes = "index"                      # the index promised a hash, or you pinned one
sdist = "deny"                        # building a source distribution runs its code
status = { yanked = "warn" }          # a yanked release is installed with a warning
`;

/** `defaultPolicyText`, parsed. */
export function defaultPolicy(): Policy {
  return parsePolicy(defaultPolicyText, "built-in default");
}
