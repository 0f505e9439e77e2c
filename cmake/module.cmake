# All programs of unit tests: what the sanitizer builds need, and no more.
add_custom_target(unit_tests)

# claimlake_module(NAME SOURCES a.cc ... [USES module ...] [LIBRARIES lib ...] [TESTS a_test.cc ...])
# Makes the library claimlake_NAME and, where there are tests, the program NAME_test.
# Sources are listed, never globbed: tools/ has a test that every file in src/ is listed.
function(claimlake_module NAME)
  cmake_parse_arguments(M "" "" "SOURCES;USES;LIBRARIES;TESTS;TEST_LIBRARIES" ${ARGN})
  add_library(claimlake_${NAME} STATIC ${M_SOURCES})
  target_include_directories(claimlake_${NAME} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  list(TRANSFORM M_USES PREPEND claimlake_)
  target_link_libraries(claimlake_${NAME} PUBLIC ${M_USES} PRIVATE ${M_LIBRARIES})
  if(M_TESTS AND BUILD_TESTING)
    add_executable(${NAME}_test ${M_TESTS})
    target_link_libraries(${NAME}_test PRIVATE claimlake_${NAME} ${M_LIBRARIES} ${M_TEST_LIBRARIES} GTest::gmock_main)
    add_dependencies(unit_tests ${NAME}_test)
    add_test(NAME ${NAME} COMMAND ${NAME}_test)
    set_tests_properties(${NAME} PROPERTIES LABELS fast)
  endif()
endfunction()

# claimlake_allocator(PROGRAM): malloc and new are jemalloc's. Planning a query of few rows is mostly
# allocation: one claim takes an eighth less processor time with it than with that of glibc (bench/README.md).
# The sanitizers bring an allocator of their own.
function(claimlake_allocator PROGRAM)
  if(CLAIMLAKE_SANITIZE)
    return()
  endif()
  find_library(JEMALLOC jemalloc REQUIRED)
  target_link_options(${PROGRAM} PRIVATE -Wl,--no-as-needed)
  target_link_libraries(${PROGRAM} PRIVATE ${JEMALLOC})
endfunction()
