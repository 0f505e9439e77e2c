# cmake --install build/release --prefix DIR makes a folder that can be moved and copied:
# bin/claimlake finds lib/claimlake/libduckdb.so, share/claimlake/packs and share/claimlake/ui from
# its own place. In the build folder it finds the library in the cache and the rest in the checkout.
set_target_properties(claimlake PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/claimlake")
install(TARGETS claimlake RUNTIME DESTINATION bin)
install(FILES ${DUCKDB_HOME}/lib/libduckdb.so DESTINATION lib/claimlake)
install(DIRECTORY packs DESTINATION share/claimlake)
install(DIRECTORY ui/dist/ DESTINATION share/claimlake/ui OPTIONAL)
