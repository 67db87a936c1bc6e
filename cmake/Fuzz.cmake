# Parsers of foreign bytes. With the preset `fuzz` (clang) every target is a libFuzzer program, and its test fuzzes for
# CINESCRIBE_FUZZ_SECONDS from the seeds. In every other build the same target is a plain program that replays its
# seeds, cut and damaged (tests/fuzz/support/replay.cpp), so no build can break a target unseen.
add_custom_target(fuzz_targets)
set(CINESCRIBE_FUZZ_SECONDS 10 CACHE STRING "How long each fuzz target runs as a test")
# One seed, so that a gate says the same of the same code; 0 draws a new one each time, to look for what it missed.
set(CINESCRIBE_FUZZ_SEED 1 CACHE STRING "Seed of libFuzzer's random numbers in tests (0: another one each time)")

# cinescribe_fuzz(<name> SOURCES ... ROOMS ... [LINK ...] [SEEDS <folder>])
# SOURCES hold LLVMFuzzerTestOneInput; SEEDS (default: seeds/<name> beside the list) is a folder of inputs.
function(cinescribe_fuzz name)
  cmake_parse_arguments(arg "" "SEEDS" "SOURCES;ROOMS;LINK" ${ARGN})
  if(NOT arg_SEEDS)
    set(arg_SEEDS "${CMAKE_CURRENT_SOURCE_DIR}/seeds/${name}")
  endif()
  if(NOT IS_DIRECTORY "${arg_SEEDS}")
    message(FATAL_ERROR "fuzz target ${name}: there is no folder of seeds ${arg_SEEDS}")
  endif()
  list(TRANSFORM arg_ROOMS PREPEND cinescribe_)
  add_executable(fuzz_${name} ${arg_SOURCES})
  add_dependencies(fuzz_targets fuzz_${name})
  target_link_libraries(fuzz_${name} PRIVATE ${arg_ROOMS} ${arg_LINK} cinescribe_warnings)
  target_include_directories(fuzz_${name} PRIVATE "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../tests")
  if(CINESCRIBE_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    set(corpus "${CMAKE_CURRENT_BINARY_DIR}/corpus/${name}")  # what a run finds is kept for the next one
    file(MAKE_DIRECTORY "${corpus}")
    add_test(NAME fuzz_${name} COMMAND fuzz_${name} -seed=${CINESCRIBE_FUZZ_SEED} -max_total_time=${CINESCRIBE_FUZZ_SECONDS}
      -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=1024 -print_final_stats=1
      "-artifact_prefix=${CMAKE_CURRENT_BINARY_DIR}/${name}-"
      "${corpus}" "${arg_SEEDS}")
  else()
    target_sources(fuzz_${name} PRIVATE "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../tests/fuzz/support/replay.cpp")
    add_test(NAME fuzz_${name} COMMAND fuzz_${name} "${arg_SEEDS}")
  endif()
  set_tests_properties(fuzz_${name} PROPERTIES LABELS fuzz TIMEOUT 300)
endfunction()
