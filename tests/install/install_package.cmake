# Installs the build and moves the result, so that no path of the first place can help.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${PACKAGE}" "${PACKAGE}.first")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${PACKAGE}.first" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(RENAME "${PACKAGE}.first" "${PACKAGE}")
foreach(file bin/cinescribe ${LIBDIR}/libcinescribe.so ${LIBDIR}/cmake/cinescribe/cinescribeConfig.cmake
        ${LIBDIR}/cinescribe/libonnxruntime.so.1 share/cinescribe/LICENSE share/cinescribe/licenses/llama.cpp
        share/cinescribe/licenses/whisper.cpp share/cinescribe/licenses/onnxruntime)
  if(NOT EXISTS "${PACKAGE}/${file}")
    message(SEND_ERROR "the installed package lacks ${file}")
  endif()
endforeach()
