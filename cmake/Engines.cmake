# llama.cpp, ggml and whisper.cpp: built once per pin, patch, compiler and option set into the dependency cache,
# uninstrumented, and imported from there by every preset. One ggml serves both.
include(Dependencies)
include(Fetch)

option(CINESCRIBE_CUDA "Build ggml's CUDA backend" OFF)
option(CINESCRIBE_VULKAN "Build ggml's Vulkan backend" OFF)
option(CINESCRIBE_METAL "Build ggml's Metal backend" OFF)

set(engines_kernels
  "${PROJECT_SOURCE_DIR}/third_party/engines/k_quants_vnni.h"
  "${PROJECT_SOURCE_DIR}/third_party/engines/q8_0_vnni.h"
  "${PROJECT_SOURCE_DIR}/third_party/engines/weight_stream.h")
set(engines_inputs
  "${PROJECT_SOURCE_DIR}/third_party/engines/CMakeLists.txt"
  ${engines_kernels}
  "${PROJECT_SOURCE_DIR}/third_party/patches/ggml-vnni.patch"
  "${PROJECT_SOURCE_DIR}/third_party/patches/whisper-flash-encoder-only.patch"
  "${PROJECT_SOURCE_DIR}/third_party/patches/whisper-beams-and-alignment.patch")
set(engines_key "${CINESCRIBE_LLAMA_NPM_SHA256} ${CINESCRIBE_WHISPER_NPM_SHA256} ${CMAKE_SYSTEM_PROCESSOR}")
string(APPEND engines_key " cuda=${CINESCRIBE_CUDA} vulkan=${CINESCRIBE_VULKAN} metal=${CINESCRIBE_METAL}")
# The engines have C interfaces and are always built by the system's default compiler, whatever compiles cinescribe.
find_program(CINESCRIBE_ENGINES_CC NAMES gcc cc REQUIRED)
find_program(CINESCRIBE_ENGINES_CXX NAMES g++ c++ REQUIRED)
execute_process(COMMAND "${CINESCRIBE_ENGINES_CXX}" -dumpfullversion -dumpversion OUTPUT_VARIABLE engines_compiler OUTPUT_STRIP_TRAILING_WHITESPACE)
string(APPEND engines_key " ${engines_compiler}")
foreach(input IN LISTS engines_inputs)
  file(SHA256 "${input}" digest)
  string(APPEND engines_key " ${digest}")
  set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${input}")
endforeach()
string(SHA256 engines_key "${engines_key}")
string(SUBSTRING "${engines_key}" 0 16 engines_key)
set(CINESCRIBE_ENGINES_DIR "${CINESCRIBE_DEPS_CACHE}/engines-${engines_key}")

function(cinescribe_apply_patch patch folder)
  execute_process(COMMAND patch -p1 --forward --batch -i "${patch}" WORKING_DIRECTORY "${folder}"
    RESULT_VARIABLE failed OUTPUT_VARIABLE words ERROR_VARIABLE words)
  if(failed)
    message(FATAL_ERROR "cannot apply ${patch}:\n${words}")
  endif()
endfunction()

function(cinescribe_llama_source out work)
  cinescribe_fetch_npm(tgz ${CINESCRIBE_LLAMA_NPM} ${CINESCRIBE_LLAMA_NPM_VERSION} ${CINESCRIBE_LLAMA_NPM_SHA256} "${work}")
  find_package(Git REQUIRED)
  if(tgz)
    file(ARCHIVE_EXTRACT INPUT "${tgz}" DESTINATION "${work}" PATTERNS "*/gitRelease.bundle")
    set(from "${work}/package/llama/gitRelease.bundle")
    set(ref ${CINESCRIBE_LLAMA_BUNDLE_COMMIT})
    set(depth)
  else()
    set(from ${CINESCRIBE_LLAMA_UPSTREAM})
    set(ref ${CINESCRIBE_LLAMA_VERSION})
    set(depth --depth 1 --branch ${CINESCRIBE_LLAMA_VERSION})
  endif()
  execute_process(COMMAND "${GIT_EXECUTABLE}" clone -q --no-checkout ${depth} "${from}" "${work}/llama.cpp" COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${GIT_EXECUTABLE}" -C "${work}/llama.cpp" rev-parse "${ref}^{tree}" OUTPUT_VARIABLE tree
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  if(NOT tree STREQUAL CINESCRIBE_LLAMA_TREE)
    message(FATAL_ERROR "llama.cpp ${ref}: tree ${tree}, pinned is ${CINESCRIBE_LLAMA_TREE}")
  endif()
  execute_process(COMMAND "${GIT_EXECUTABLE}" -C "${work}/llama.cpp" checkout -q ${ref} COMMAND_ERROR_IS_FATAL ANY)
  file(REMOVE_RECURSE "${work}/llama.cpp/.git")  # else its build stamps our git state into its version
  set(${out} "${work}/llama.cpp" PARENT_SCOPE)
endfunction()

function(cinescribe_whisper_source out work)
  cinescribe_fetch_npm(tgz ${CINESCRIBE_WHISPER_NPM} ${CINESCRIBE_WHISPER_NPM_VERSION} ${CINESCRIBE_WHISPER_NPM_SHA256} "${work}")
  if(tgz)
    file(ARCHIVE_EXTRACT INPUT "${tgz}" DESTINATION "${work}/w")
    set(source "${work}/w/package/cpp/whisper.cpp")
  else()
    find_package(Git REQUIRED)
    set(source "${work}/whisper.cpp")
    execute_process(COMMAND "${GIT_EXECUTABLE}" clone -q --depth 1 --branch v${CINESCRIBE_WHISPER_VERSION}
      "${CINESCRIBE_WHISPER_UPSTREAM}" "${source}" COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE_RECURSE "${source}/.git")
  endif()
  set(${out} "${source}" PARENT_SCOPE)
endfunction()

function(cinescribe_build_engines)
  set(work "${CINESCRIBE_ENGINES_DIR}.work")
  file(REMOVE_RECURSE "${work}")
  file(MAKE_DIRECTORY "${work}")
  cinescribe_llama_source(llama "${work}")
  cinescribe_whisper_source(whisper "${work}")
  cinescribe_apply_patch("${PROJECT_SOURCE_DIR}/third_party/patches/ggml-vnni.patch" "${llama}")
  file(COPY ${engines_kernels} DESTINATION "${llama}/ggml/src/ggml-cpu/arch/x86")
  cinescribe_apply_patch("${PROJECT_SOURCE_DIR}/third_party/patches/whisper-flash-encoder-only.patch" "${whisper}")
  cinescribe_apply_patch("${PROJECT_SOURCE_DIR}/third_party/patches/whisper-beams-and-alignment.patch" "${whisper}")
  message(STATUS "Building llama.cpp, ggml and whisper.cpp once (about 5 minutes on two cores); log: ${work}/build.log")
  find_program(CCACHE_EXECUTABLE ccache)
  set(launcher)
  if(CCACHE_EXECUTABLE)
    set(ENV{CCACHE_BASEDIR} "${work}")  # a changed patch changes the folder's name, and should cost what it touches only
    set(ENV{CCACHE_NOHASHDIR} 1)
    set(launcher "-DCMAKE_C_COMPILER_LAUNCHER=${CCACHE_EXECUTABLE}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${CCACHE_EXECUTABLE}")
  endif()
  foreach(step configure build install)
    if(step STREQUAL configure)
      set(command "${CMAKE_COMMAND}" -S "${PROJECT_SOURCE_DIR}/third_party/engines" -B "${work}/build" -G Ninja
        -DCMAKE_BUILD_TYPE=Release "-DCMAKE_INSTALL_PREFIX=${work}/install" "-DLLAMA_SRC=${llama}" "-DWHISPER_SRC=${whisper}"
        "-DCMAKE_C_COMPILER=${CINESCRIBE_ENGINES_CC}" "-DCMAKE_CXX_COMPILER=${CINESCRIBE_ENGINES_CXX}" ${launcher}
        -DGGML_CUDA=${CINESCRIBE_CUDA} -DGGML_VULKAN=${CINESCRIBE_VULKAN} -DGGML_METAL=${CINESCRIBE_METAL})
    elseif(step STREQUAL build)
      set(command "${CMAKE_COMMAND}" --build "${work}/build")
    else()
      set(command "${CMAKE_COMMAND}" --install "${work}/build" --strip)
    endif()
    execute_process(COMMAND ${command} RESULT_VARIABLE failed OUTPUT_FILE "${work}/${step}.log" ERROR_FILE "${work}/${step}.err")
    if(failed)
      message(FATAL_ERROR "engines: ${step} failed; see ${work}/${step}.log and ${work}/${step}.err")
    endif()
  endforeach()
  file(REMOVE_RECURSE "${CINESCRIBE_ENGINES_DIR}")
  file(RENAME "${work}/install" "${CINESCRIBE_ENGINES_DIR}")
  file(REMOVE_RECURSE "${work}")
endfunction()

file(MAKE_DIRECTORY "${CINESCRIBE_DEPS_CACHE}")
file(LOCK "${CINESCRIBE_DEPS_CACHE}/engines.lock" GUARD FILE)  # two configures at once: the second waits and finds it built
if(NOT EXISTS "${CINESCRIBE_ENGINES_DIR}/lib/libllama.so")
  cinescribe_build_engines()
endif()

# Headers lie in a folder named by what they say: engines built anew with the same interface cost no compilation of ours.
file(GLOB headers "${CINESCRIBE_ENGINES_DIR}/include/*.h")
set(headers_key)
foreach(header IN LISTS headers)
  file(SHA256 "${header}" digest)
  get_filename_component(name "${header}" NAME)
  string(APPEND headers_key "${name} ${digest} ")
endforeach()
string(SHA256 headers_key "${headers_key}")
string(SUBSTRING "${headers_key}" 0 16 headers_key)
set(engines_include "${CINESCRIBE_DEPS_CACHE}/engines-headers-${headers_key}")
if(NOT EXISTS "${engines_include}")
  file(COPY ${headers} DESTINATION "${engines_include}.part")
  file(RENAME "${engines_include}.part" "${engines_include}")
endif()
file(LOCK "${CINESCRIBE_DEPS_CACHE}/engines.lock" RELEASE)

foreach(engine ggml-base ggml llama mtmd whisper)
  add_library(engines::${engine} SHARED IMPORTED GLOBAL)
  set_target_properties(engines::${engine} PROPERTIES
    IMPORTED_LOCATION "${CINESCRIBE_ENGINES_DIR}/lib/lib${engine}.so"
    INTERFACE_INCLUDE_DIRECTORIES "${engines_include}")
endforeach()
target_link_libraries(engines::ggml INTERFACE engines::ggml-base)
target_link_libraries(engines::llama INTERFACE engines::ggml)
target_link_libraries(engines::mtmd INTERFACE engines::llama)
target_link_libraries(engines::whisper INTERFACE engines::ggml)
