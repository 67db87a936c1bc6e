#!/usr/bin/env bash
# expect_failure.sh PATTERN COMMAND...: succeeds only when the command fails and says PATTERN (extended regex).
set -uo pipefail
pattern=$1
shift
output=$("$@" 2>&1 </dev/null)
status=$?
if ((status == 0)); then
  printf 'the planted defect went through unseen:\n%s\n' "$output"
  exit 1
fi
if ! grep -qE -- "$pattern" <<<"$output"; then
  printf 'failed with %d, but did not say "%s":\n%s\n' "$status" "$pattern" "$output"
  exit 1
fi
printf 'failed with %d as it must: %s\n' "$status" "$(grep -oEm1 -- "$pattern" <<<"$output")"
