#!/usr/bin/env bash
# steps.sh ROOT BUILD: a run of steps of which one fails must say so in its last lines and fail as a whole.
source "$1/.ci/steps.sh"
mkdir -p "$2" && cd "$2"
step good true
step tests_failed bash -c 'echo "50% tests passed, 1 tests failed out of 2"; exit 8'
step crashed bash -c 'echo "100% tests passed, 0 tests failed out of 3"; exit 1'
closing
