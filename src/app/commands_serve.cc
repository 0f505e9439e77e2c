#include "app/serving.h"

namespace claimlake::app {

void add_serve_command(CLI::App& app, Globals& globals, Command& command) {
  CLI::App* serve = app.add_subcommand("serve",
                                       "Serve the page and the API on the loopback address\n"
                                       "  claimlake serve --port 8400");
  serve
      ->add_option("--port", globals.overrides.port,
                   "Port, 0 for any free one (default: port of claimlake.yml, 8360)")
      ->type_name("N");
  auto address = std::make_shared<std::string>();
  serve
      ->add_option("--address", *address,
                   "Loopback address to listen on (default: address of claimlake.yml, 127.0.0.1)")
      ->type_name("A");
  auto alone = std::make_shared<bool>(false);
  serve->add_flag("--no-pipeline", *alone, "Only serve: leave the pipeline to others");
  serve->callback([&globals, &command, address, alone] {
    command = [&globals, address, alone]() -> Result<Exit> {
      if (!address->empty()) globals.overrides.address = *address;
      TRY(const auto home, globals.open());
      return serve_until_stopped(*home, globals, !*alone);
    };
  });
}

}  // namespace claimlake::app
