# Everything but DuckDB comes from Debian packages (tools/packages.txt).
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(pugixml REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(roaring REQUIRED)
if(BUILD_TESTING)
  find_package(GTest REQUIRED)
endif()

# DuckDB: prebuilt library and the headers of exactly its version, put here by tools/fetch_duckdb.sh.
set(CLAIMLAKE_CACHE "$ENV{CLAIMLAKE_CACHE}" CACHE PATH "Where fetched parts are kept")
if(NOT CLAIMLAKE_CACHE)
  set(CLAIMLAKE_CACHE "$ENV{HOME}/.cache/claimlake" CACHE PATH "Where fetched parts are kept" FORCE)
endif()
set(DUCKDB_HOME ${CLAIMLAKE_CACHE}/duckdb-1.5.6)
if(NOT EXISTS ${DUCKDB_HOME}/lib/libduckdb.so)
  message(FATAL_ERROR "DuckDB 1.5.6 is not in ${DUCKDB_HOME}. Run tools/fetch_duckdb.sh first.")
endif()
add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION ${DUCKDB_HOME}/lib/libduckdb.so
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${DUCKDB_HOME}/include;${DUCKDB_HOME}/utf8proc"
  INTERFACE_INCLUDE_DIRECTORIES "${DUCKDB_HOME}/include;${DUCKDB_HOME}/utf8proc")
