#!/usr/bin/env bash
# fuzz.sh ROOT BUILD: builds the planted target as the preset `fuzz` does and runs its smoke test.
set -euo pipefail
root=$1 build=$2
cmake -S "$root/tests/gates/planted/fuzz" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER=clang++-14 \
  -DCMAKE_C_COMPILER=clang-14 -DCINESCRIBE_FUZZ=ON -DCINESCRIBE_SANITIZE=address,undefined >"$build.log" 2>&1 &&
  cmake --build "$build" >>"$build.log" 2>&1 || { cat "$build.log"; exit 0; }
rm -rf "$build/corpus"
mkdir -p "$build/corpus/planted"
ctest --test-dir "$build" --output-on-failure
