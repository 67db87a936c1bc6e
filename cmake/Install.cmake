# libcinescribe: all rooms below `cli` in one shared library, installed with its engines and a CMake package
# that exports cinescribe::cinescribe.
include(CMakePackageConfigHelpers)

get_property(built_rooms GLOBAL PROPERTY CINESCRIBE_BUILT_ROOMS)
list(REMOVE_ITEM built_rooms cli)
set(room_targets ${built_rooms})
list(TRANSFORM room_targets PREPEND cinescribe_)

file(WRITE "${PROJECT_BINARY_DIR}/libcinescribe.cpp" "// All code comes from the rooms.\n")
add_library(cinescribe SHARED "${PROJECT_BINARY_DIR}/libcinescribe.cpp")
add_library(cinescribe::cinescribe ALIAS cinescribe)
# The rooms' object files, not their archives: rooms name each other in their link lines, and an archive that is taken
# whole may appear only once.
get_property(third_party GLOBAL PROPERTY CINESCRIBE_THIRD_PARTY)
list(REMOVE_DUPLICATES third_party)
foreach(target IN LISTS room_targets)
  target_sources(cinescribe PRIVATE "$<TARGET_OBJECTS:${target}>")
endforeach()
target_link_libraries(cinescribe PRIVATE ${third_party})
target_include_directories(cinescribe INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_compile_features(cinescribe INTERFACE cxx_std_20)
set_target_properties(cinescribe PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0)

install(TARGETS cinescribe EXPORT cinescribeTargets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
if(TARGET cinescribe_program)
  target_link_libraries(cinescribe_program PRIVATE cinescribe)
  install(TARGETS cinescribe_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
install(CODE "set(SOURCES \"${PROJECT_SOURCE_DIR}/src/cinescribe\")
  set(DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}\")")
install(SCRIPT "${PROJECT_SOURCE_DIR}/cmake/install_headers.cmake")
# The engines, their CPU kernels and ONNX Runtime lie in a folder of their own, so that they meet no other copy.
install(DIRECTORY "${CINESCRIBE_ENGINES_DIR}/lib/" DESTINATION "${CMAKE_INSTALL_LIBDIR}/cinescribe" FILES_MATCHING PATTERN "*.so*" PATTERN cmake EXCLUDE PATTERN pkgconfig EXCLUDE)
install(DIRECTORY "${CINESCRIBE_ORT_DIR}/lib/" DESTINATION "${CMAKE_INSTALL_LIBDIR}/cinescribe")
install(DIRECTORY "${CINESCRIBE_ENGINES_DIR}/share/licenses" DESTINATION "${CMAKE_INSTALL_DATADIR}/cinescribe")
install(FILES "${CINESCRIBE_ORT_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/cinescribe/licenses" RENAME onnxruntime)
install(FILES "${CINESCRIBE_ORT_DIR}/ThirdPartyNotices.txt" DESTINATION "${CMAKE_INSTALL_DATADIR}/cinescribe/licenses" RENAME onnxruntime-notices)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/cinescribe")
install(EXPORT cinescribeTargets NAMESPACE cinescribe:: DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/cinescribe" FILE cinescribeConfig.cmake)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/cinescribeConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/cinescribeConfigVersion.cmake" DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/cinescribe")
