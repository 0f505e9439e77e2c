# Writes OUTPUT, a C++ source that holds the files of LIST (lines "NAME|FILE") as they are.
# cmake -DLIST=... -DOUTPUT=... -P embed.cmake
file(STRINGS ${LIST} lines)
set(symbols "")
set(table "")
set(count 0)
foreach(line IN LISTS lines)
  string(REPLACE "|" ";" parts "${line}")
  list(GET parts 0 name)
  list(GET parts 1 path)
  # The digest makes the compiler run again when only the file's bytes changed.
  file(SHA256 ${path} digest)
  string(APPEND symbols "// ${name} ${digest}\n"
    "asm(\".pushsection .rodata\\n.balign 16\\nclaimlake_file_${count}: .incbin \\\"${path}\\\"\\n"
    "claimlake_file_${count}_end: .byte 0\\n.popsection\\n\");\n"
    "extern \"C\" const char claimlake_file_${count}[], claimlake_file_${count}_end[];\n")
  string(APPEND table "    {\"${name}\", {claimlake_file_${count}, claimlake_file_${count}_end}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE ${OUTPUT}.new "#include \"serve/embedded.h\"\n\n${symbols}\n"
  "namespace claimlake::serve {\n\nconst std::vector<EmbeddedFile>& embedded_files() {\n"
  "  static const std::vector<EmbeddedFile> files{\n${table}  };\n  return files;\n}\n\n"
  "}  // namespace claimlake::serve\n")
file(COPY_FILE ${OUTPUT}.new ${OUTPUT} ONLY_IF_DIFFERENT)
