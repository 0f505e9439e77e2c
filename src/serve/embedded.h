#pragma once

#include <string_view>
#include <vector>

namespace claimlake::serve {

// A file that was built into the program; its bytes live as long as the program.
struct EmbeddedFile {
  std::string_view name;  // "ui/index.html", "openapi.json"
  std::string_view bytes;
};

// The API contract, the plain pages of web/, and under "ui/" the built page if there was one.
const std::vector<EmbeddedFile>& embedded_files();

}  // namespace claimlake::serve
