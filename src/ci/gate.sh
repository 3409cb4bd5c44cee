#!/usr/bin/env bash
# The gate of a CI job: `tspip verify` by what the environment says. Used by action.yml and the GitLab template; what their
# users set arrives in variables and is never put into a script's text.
#
#   TSPIP_LOCK           a lock file …
#   TSPIP_REQUIREMENTS   … or requirements files, one per line
#   TSPIP_BASE           a commit whose lock file is compared with this one; empty for none
#   TSPIP_POLICY TSPIP_PYTHON
#   TSPIP_SARIF TSPIP_JUNIT TSPIP_HTML TSPIP_JSON   files to write
#   TSPIP_STDOUT         the format for the log, `text` when empty
#   TSPIP_ARGUMENTS      further arguments, one per line
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

# A pull request may hold a folder that looks like a bare repository, whose settings name programs (git-config, safe.bareRepository).
at="${GIT_CONFIG_COUNT:-0}"
export "GIT_CONFIG_KEY_$at=safe.bareRepository" "GIT_CONFIG_VALUE_$at=explicit" GIT_CONFIG_COUNT=$((at + 1))

fail() {
  echo "error: $1" >&2
  exit 2
}

arguments=(verify --no-progress --format "${TSPIP_STDOUT:-text}")
add() { # OPTION VALUE: nothing where the value is empty
  if [ -n "$2" ]; then arguments+=("$1" "$2"); fi
}
add --policy "${TSPIP_POLICY:-}"
add --python "${TSPIP_PYTHON:-}"
write() { # FORMAT FILE
  if [ -n "$2" ]; then arguments+=(--format "$1=$2"); fi
}
write sarif "${TSPIP_SARIF:-}"
write junit "${TSPIP_JUNIT:-}"
write html "${TSPIP_HTML:-}"
write json "${TSPIP_JSON:-}"
while IFS= read -r line; do
  if [ -n "$line" ]; then arguments+=("$line"); fi
done <<<"${TSPIP_ARGUMENTS:-}"

# Writes the lock file as it was in the commit TSPIP_BASE. Fails when the commit cannot be had: a gate that compares with
# nothing would say that nothing changed.
old_lock() {
  [[ "$TSPIP_BASE" =~ ^[0-9A-Za-z][0-9A-Za-z._/-]*$ ]] || fail "\"$TSPIP_BASE\" is not a commit"
  if ! git cat-file -e "$TSPIP_BASE^{commit}" 2>/dev/null; then
    git fetch --quiet --depth=1 origin "$TSPIP_BASE" || fail "cannot fetch $TSPIP_BASE to compare with"
    git cat-file -e "$TSPIP_BASE^{commit}" 2>/dev/null || TSPIP_BASE=FETCH_HEAD
  fi
  # A lock file that was not there yet has nothing to be compared with.
  local listed
  listed="$(git ls-tree "$TSPIP_BASE" -- "$TSPIP_LOCK")" || fail "cannot read $TSPIP_BASE"
  [ -n "$listed" ] || return 1
  git show "$TSPIP_BASE:./$TSPIP_LOCK" >"$1" || fail "cannot read \"$TSPIP_LOCK\" of $TSPIP_BASE"
}

if [ -n "${TSPIP_LOCK:-}" ]; then
  [ -z "${TSPIP_REQUIREMENTS:-}" ] || fail "name a lock file or requirements files, not both"
  [ -f "$TSPIP_LOCK" ] || fail "there is no lock file \"$TSPIP_LOCK\""
  if [ -n "${TSPIP_BASE:-}" ]; then
    old="$(mktemp -d)/old-$(basename "$TSPIP_LOCK")"
    if old_lock "$old"; then arguments+=(--diff "$old"); fi
  fi
  arguments+=(--lock "$TSPIP_LOCK")
elif [ -n "${TSPIP_REQUIREMENTS:-}" ]; then
  while IFS= read -r file; do
    add --requirement "$file"
  done <<<"$TSPIP_REQUIREMENTS"
else
  fail "name a lock file or requirements files"
fi

exec "$here/run.sh" "${arguments[@]}"
