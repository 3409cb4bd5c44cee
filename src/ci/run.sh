#!/usr/bin/env bash
# Runs tspip out of this clone with the arguments given; builds it first where nobody has. For CI, where it is fetched by
# its commit and nothing else is there.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
if [ ! -f "$root/dist/main.cjs" ]; then
  (cd "$root" && npm ci --ignore-scripts --no-audit --no-fund && npm -s run build) >&2
fi
# npm ci brings the Node.js that tspip is tested with on Linux x64; elsewhere the machine's own has to do.
node="$root/node_modules/.bin/node"
[ -x "$node" ] || node=node
exec "$node" "$root/src/launcher.cjs" "$@"
