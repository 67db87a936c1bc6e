# The rooms of the project and who may include whom. This table is the single source: it creates the targets'
# link lines and feeds the include check (cmake/check_includes.cmake), which fails the build on a forbidden edge.
#
# room: rooms it may include directly. Arrows point downwards only.
set(CINESCRIBE_ROOMS
  core image media http text tensor ort language models scenes speech sounds objects captions results pipeline bench cli)
set(CINESCRIBE_ROOM_core "")
set(CINESCRIBE_ROOM_image core)
set(CINESCRIBE_ROOM_media core)
set(CINESCRIBE_ROOM_http core)
set(CINESCRIBE_ROOM_text core)
set(CINESCRIBE_ROOM_tensor core)
set(CINESCRIBE_ROOM_ort core)
set(CINESCRIBE_ROOM_language core text tensor)
set(CINESCRIBE_ROOM_models core http text tensor)
set(CINESCRIBE_ROOM_scenes core image)
set(CINESCRIBE_ROOM_speech core http tensor ort)
set(CINESCRIBE_ROOM_sounds core tensor ort)
set(CINESCRIBE_ROOM_objects core image ort)
set(CINESCRIBE_ROOM_captions core image http text tensor language)
set(CINESCRIBE_ROOM_results core)
set(CINESCRIBE_ROOM_pipeline core image media http text tensor ort language models scenes speech sounds objects captions results)
set(CINESCRIBE_ROOM_bench core pipeline results)
set(CINESCRIBE_ROOM_cli core image media http text tensor ort language models scenes speech sounds objects captions results pipeline bench)

# cinescribe_room(<name> SOURCES ... [LINK ...])
# One room = one static library, linked to exactly the rooms the table allows (those that exist so far) and to the
# third-party targets in LINK, which stay private to the room.
function(cinescribe_room name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  if(NOT name IN_LIST CINESCRIBE_ROOMS)
    message(FATAL_ERROR "room '${name}' is not in the table of cmake/Rooms.cmake")
  endif()
  add_library(cinescribe_${name} STATIC ${arg_SOURCES})
  target_include_directories(cinescribe_${name} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>")
  target_compile_features(cinescribe_${name} PUBLIC cxx_std_20)
  foreach(below IN LISTS CINESCRIBE_ROOM_${name})
    if(TARGET cinescribe_${below})
      target_link_libraries(cinescribe_${name} PUBLIC cinescribe_${below})
    endif()
  endforeach()
  target_link_libraries(cinescribe_${name} PRIVATE cinescribe_warnings ${arg_LINK})
  set_property(GLOBAL APPEND PROPERTY CINESCRIBE_BUILT_ROOMS ${name})
  set_property(GLOBAL APPEND PROPERTY CINESCRIBE_THIRD_PARTY ${arg_LINK})
endfunction()

# cinescribe_add_rooms(): every room of the table whose folder has a CMakeLists.txt, in table order.
macro(cinescribe_add_rooms)
  foreach(room IN LISTS CINESCRIBE_ROOMS)
    if(EXISTS "${PROJECT_SOURCE_DIR}/src/cinescribe/${room}/CMakeLists.txt")
      add_subdirectory("src/cinescribe/${room}")
    endif()
  endforeach()
endmacro()
