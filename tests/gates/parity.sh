#!/usr/bin/env bash
# parity.sh ROOT WORK SUITE: runs the suite of scenes over one case whose stored cuts were tampered with.
set -euo pipefail
root=$1 work=$2 suite=$3
rm -rf "$work"
mkdir -p "$work/scenes"
cp "$root"/tests/data/parity/scenes/cuts_23976.* "$work/scenes"
python3 - "$work/scenes/cuts_23976.json" <<'PY'
import json, sys
case = json.load(open(sys.argv[1]))
cuts = case["results"]["content"]["cuts"]
cuts[cuts.index(79)] = 80
json.dump(case, open(sys.argv[1], "w"))
PY
CINESCRIBE_PARITY_DIR=$work "$suite"
