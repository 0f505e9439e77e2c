# Warnings are errors for our code; foreign headers come in as system headers.
add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wno-missing-field-initializers -fno-omit-frame-pointer)
add_compile_options(-fvisibility=hidden -fvisibility-inlines-hidden)  # docs/decisions/0001: keeps our templates out of libduckdb's way
add_compile_definitions(_FORTIFY_SOURCE=2)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-restrict)  # g++ 12 reports false positives in std::string
  # And, with -O2, in the error of a Result that is looked at twice. The checked builds keep it.
  add_compile_options($<$<CONFIG:Release>:-Wno-maybe-uninitialized>)
endif()

if(CLAIMLAKE_SANITIZE)
  add_compile_options(-fsanitize=${CLAIMLAKE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CLAIMLAKE_SANITIZE})
endif()

# Coverage for libFuzzer; only the fuzz targets link its main function (fuzz/CMakeLists.txt).
if(CLAIMLAKE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Debug information beside the objects keeps links short.
if(CMAKE_BUILD_TYPE MATCHES "Debug|RelWithDebInfo")
  add_compile_options(-gsplit-dwarf)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # What was compiled in one checkout is found again in another.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
find_program(LLD ld.lld)
if(LLD)
  add_link_options(-fuse-ld=lld)
endif()
