#!/usr/bin/env bash
# sanitizer.sh ROOT BUILD PRESET PROGRAM: builds a planted program with a preset's sanitizers and runs it with the
# options of the preset's tests. Its exit status is the program's.
set -euo pipefail
root=$1 build=$2 preset=$3 program=$4
read -r sanitize options < <(python3 - "$root/CMakePresets.json" "$preset" <<'PY'
import json, sys
presets = json.load(open(sys.argv[1]))
configure = next(p for p in presets["configurePresets"] if p["name"] == sys.argv[2])
base = next(p for p in presets["testPresets"] if p["name"] == "base")
print(configure["cacheVariables"]["CINESCRIBE_SANITIZE"],
      *(k + "=" + v for k, v in base["environment"].items() if "sourceDir" not in v))
PY
)
mkdir -p "$build"
exec 9>"$build/lock"
flock 9
cmake -S "$root/tests/gates/planted/sanitizers" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug "-DCINESCRIBE_SANITIZE=$sanitize" >"$build/log" 2>&1 &&
  cmake --build "$build" --target "$program" >>"$build/log" 2>&1 || { cat "$build/log"; exit 0; }
exec 9>&-
env $options "LSAN_OPTIONS=suppressions=$root/tests/lsan.supp" "$build/$program"
