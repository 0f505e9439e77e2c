#!/usr/bin/env bash
# Calls and forms that the house style bans, each with what to write instead. Where one is really
# needed, the line or the one before says 'allow(RULE): reason' in a comment.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
check_root "${1:-}"
cpp_files | xargs -r -d '\n' awk -f "$here/code.awk" -f <(cat <<'AWK'
  function ban(rule, pattern, except, instead) {
    if (text ~ pattern && FILENAME !~ except && !allowed(rule)) complain(rule ": " instead)
  }
  {
    before = text
    text = code($0)
    if (text == "") next
    ban("clock", "system_clock::now|gettimeofday\\(|[^_[:alnum:].>]time\\((0|NULL|nullptr)\\)", "^src/base/clock[.]cc$", "time comes from an injected Clock (base/clock.h)")
    ban("rand", "(^|[^_[:alnum:]])s?rand\\(|random_device|mt19937", "^src/base/random[.]cc$", "randomness comes from an injected Random (base/random.h)")
    ban("sleep", "sleep_for|sleep_until|(^|[^_[:alnum:]])u?sleep\\(|nanosleep\\(", "^src/base/clock[.]cc$", "wait for an event with a Deadline, or on the Clock")
    ban("detach", "[.]detach\\(\\)|->detach\\(\\)", "^$", "a thread has an owner that joins it (std::jthread, TaskGroup)")
    # unique_ptr<T>(new T) owns at once; make_unique cannot call a private constructor.
    if (before " " text !~ /(unique|shared)_ptr<.*[({] *new /) ban("raw-new", "(^|[^_[:alnum:]])new +[_:[:alpha:](]", "^$", "use std::make_unique, a value or a container")
    ban("float-money", "(^|[^_[:alnum:]])(double|float)[^_[:alnum:]].*(money|amount|cents|premium|billed|deductible|reimburs|payout)|(money|amount|cents|premium|billed|deductible|reimburs|payout).*[^_[:alnum:]](double|float)([^_[:alnum:]]|$)", "_test[.]cc$|^bench/", "money is Money (base/money.h) and DECIMAL(18,2)")
    if (FILENAME ~ /[.]h$/) ban("using-namespace", "^ *using namespace ", "^$", "a header must not open a namespace for all who include it")
  }
AWK
) | finish banned
