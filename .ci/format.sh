#!/usr/bin/env bash
# Fails when a source is not laid out as .clang-format says.  .ci/format.sh [FILE...]   (default: every source)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if (($#)); then
  clang-format-14 --dry-run --Werror "$@"
else
  git ls-files -z '*.h' '*.cpp' '*.inc' ':!third_party' ':!tests/gates/planted/format' | xargs -0 clang-format-14 --dry-run --Werror
fi
