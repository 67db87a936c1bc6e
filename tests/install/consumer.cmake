# A project of its own finds the package, builds against cinescribe::cinescribe and runs.
cmake_minimum_required(VERSION 3.25)
set(build "${PACKAGE}.consumer")
file(REMOVE_RECURSE "${build}")
set(ENV{LD_LIBRARY_PATH} "")
execute_process(COMMAND "${CMAKE_COMMAND}" -S "${CONSUMER}" -B "${build}" -G Ninja "-DCMAKE_PREFIX_PATH=${PACKAGE}"
  "-DCMAKE_CXX_COMPILER=${CXX}" -DCMAKE_BUILD_TYPE=Release COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${build}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${build}/consumer" "${MEDIA}/cuts_23976.mp4" OUTPUT_VARIABLE words COMMAND_ERROR_IS_FATAL ANY)
if(NOT words MATCHES "00:01:02.500" OR NOT words MATCHES "frames")
  message(FATAL_ERROR "unexpected output of the consumer:\n${words}")
endif()
message(STATUS "${words}")
