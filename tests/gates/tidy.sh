#!/usr/bin/env bash
# tidy.sh ROOT BUILD SOURCE: the lint gate over one planted source.
set -euo pipefail
root=$1 build=$2 source=$3
mkdir -p "$build"
printf '[{"directory": "%s", "file": "%s", "command": "clang++-14 -std=c++20 -c %s"}]\n' "$build" "$source" "$source" \
  >"$build/compile_commands.json"
CINESCRIBE_DEPS_CACHE=$build "$root/.ci/tidy.py" "$build" "$source"
