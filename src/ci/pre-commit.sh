#!/usr/bin/env bash
# The pre-commit hook: verifies each lock or requirements file that is committed. Arguments before `--` go to tspip.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

options=()
for argument in "$@"; do
  if [ "$argument" = -- ]; then
    while [ "$1" != -- ]; do
      options+=("$1")
      shift
    done
    shift
    break
  fi
done

worst=0
for file in "$@"; do
  case "$file" in
    *.txt) input=--requirement ;;
    *) input=--lock ;;
  esac
  status=0
  "$here/run.sh" verify --no-progress ${options[@]+"${options[@]}"} "$input" "$file" || status=$?
  if [ "$status" -gt "$worst" ]; then worst=$status; fi
done
exit "$worst"
