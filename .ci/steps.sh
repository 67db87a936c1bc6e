# Steps of a run, counted. Sourced by .ci/run.
passed=0
failed=0
broken=()

# step NAME COMMAND...: runs the command with its output in build/ci/NAME.log. A step made of tests counts its tests,
# any other counts as one; the log of a failed step is shown.
step() {
  local name=$1 log=build/ci/$1.log started=$SECONDS status=0 tests bad all
  shift
  mkdir -p build/ci
  printf '== %s\n' "$name"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  tests=$(sed -n 's/^[0-9]*% tests passed, \([0-9]*\) tests\{0,1\} failed out of \([0-9]*\)$/\1 \2/p' "$log" | tail -n 1)
  read -r bad all <<<"${tests:-$((status != 0)) 1}"
  ((status != 0 && bad == 0)) && { bad=1; all=$((all + 1)); }
  passed=$((passed + all - bad))
  failed=$((failed + bad))
  if ((bad)); then
    broken+=("$name")
    tail -n 150 "$log"
  fi
  grep -E '^([0-9]+: )?parity ' "$log" | sed 's/^[0-9]*: //' | sort -u
  grep -E '^[0-9]+% tests passed' "$log"
  printf '   %s: %s, %d s\n' "$name" "$( ((bad)) && echo FAILED || echo ok)" $((SECONDS - started))
}

# closing: the last line, and the exit status of the whole run.
closing() {
  ((${#broken[@]})) && printf '\nfailed steps: %s (logs in build/ci)\n' "${broken[*]}"
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  return $((failed > 0))
}
