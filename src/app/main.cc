#include <csignal>

#include "app/commands.h"

int main(int argc, char** argv) {
  // A reader that goes away (`claimlake sql ... | head`) ends the write, not the program.
  std::signal(SIGPIPE, SIG_IGN);
  return claimlake::app::run_cli(argc, argv);
}
