# cmake --install build/release --prefix DIR makes a folder that can be moved and copied:
# bin/claimlake, which has the page in it, finds lib/claimlake/libduckdb.so and share/claimlake/packs
# from its own place. In the build folder it finds them in the cache and in the checkout.
set_target_properties(claimlake PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/claimlake")
install(TARGETS claimlake RUNTIME DESTINATION bin)
install(FILES ${DUCKDB_HOME}/lib/libduckdb.so DESTINATION lib/claimlake)
install(DIRECTORY packs DESTINATION share/claimlake)
