#pragma once

#include "app/output.h"
#include "refresh/report_json.h"

namespace claimlake::app {

// Prints what a run did: a line per table, totals, and why a table was refused or failed.
void print_report(const refresh::RunReport& report, const Output& output);

}  // namespace claimlake::app
