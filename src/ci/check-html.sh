#!/usr/bin/env bash
# Opens HTML reports in headless Chromium: nothing may reach its console, neither an error of ours nor something that the
# page's own policy has to block. Says so and passes where there is no Chromium.
set -euo pipefail
if ! command -v chromium >/dev/null; then
  echo "skipped: there is no chromium"
  exit 0
fi
profile="$(mktemp -d)"
trap 'rm -rf "$profile"' EXIT
for report in "$@"; do
  dom="$(timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$profile" --enable-logging=stderr \
    --dump-dom "file://$(realpath "$report")" 2>"$profile/log")"
  if grep -F ":CONSOLE" "$profile/log"; then
    echo "error: $report writes to the console" >&2
    exit 1
  fi
  # The last element that a report writes: the page was read to its end.
  grep -qF "Made by tspip" <<<"$dom"
  echo "$report: nothing on the console"
done
