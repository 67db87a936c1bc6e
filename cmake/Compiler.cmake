# Warnings, sanitizers and the compiler cache of our own code (third-party engines are never touched by these).
option(CINESCRIBE_WERROR "Treat warnings as errors" ON)
set(CINESCRIBE_SANITIZE "" CACHE STRING "Sanitizers for our code, e.g. address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
find_package(Threads REQUIRED)

# ccache sees paths relative to the checkout, so that a second clone elsewhere finds what the first one compiled.
find_program(CCACHE_EXECUTABLE ccache)
if(CCACHE_EXECUTABLE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${CCACHE_EXECUTABLE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_C_COMPILER_LAUNCHER}")
endif()

add_library(cinescribe_warnings INTERFACE)
target_compile_options(cinescribe_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Wcast-align -Woverloaded-virtual -Wnull-dereference $<$<BOOL:${CINESCRIBE_WERROR}>:-Werror>)
# GCC 12 reports impossible overflows inside its own <string> and <regex> at -O2; clang and the sanitizers cover these.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(cinescribe_warnings INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds
    -Wno-maybe-uninitialized -Wno-null-dereference -Wno-dangling-pointer)
endif()

if(CINESCRIBE_SANITIZE)
  add_compile_options(-fsanitize=${CINESCRIBE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CINESCRIBE_SANITIZE})
endif()
if(CINESCRIBE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # the fuzzer steers by the coverage of all our code
endif()
