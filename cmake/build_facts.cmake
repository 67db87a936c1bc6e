# Writes OUTPUT, a header that says from which commit of ROOT and with which FLAGS the program is built; only where it
# changes. A "+" marks sources that differ from the commit.
set(commit unknown)
find_program(git git)
if(git AND EXISTS "${ROOT}/.git")
  execute_process(COMMAND "${git}" -C "${ROOT}" rev-parse --short=12 HEAD OUTPUT_VARIABLE head OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE failed ERROR_QUIET)
  execute_process(COMMAND "${git}" -C "${ROOT}" status --porcelain --untracked-files=no OUTPUT_VARIABLE changes ERROR_QUIET)
  if(NOT failed)
    set(commit "${head}")
    if(changes)
      string(APPEND commit "+")
    endif()
  endif()
endif()
string(REGEX REPLACE "[\\\\\"]" "" flags "${FLAGS}")
string(REGEX REPLACE " +" " " flags "${flags}")
string(STRIP "${flags}" flags)
string(CONCAT text "#pragma once\n\n// Written by cmake/build_facts.cmake.\nnamespace cinescribe {\n"
  "inline constexpr const char* kCommit = \"${commit}\";\ninline constexpr const char* kBuildFlags = \"${flags}\";\n"
  "}  // namespace cinescribe\n")
if(EXISTS "${OUTPUT}")
  file(READ "${OUTPUT}" before)
endif()
if(NOT "${before}" STREQUAL "${text}")
  file(WRITE "${OUTPUT}" "${text}")
endif()
