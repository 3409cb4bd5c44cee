#!/bin/sh
# The client that sigstore-conformance starts: its arguments are those of conformance-client.ts.
here=$(dirname -- "$(readlink -f -- "$0")")
PATH="$here/../../node_modules/.bin:$PATH" exec node "$here/conformance-client.ts" "$@"
