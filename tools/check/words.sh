#!/usr/bin/env bash
# Nothing in the project names this machine or a package registry, or is unfinished: says so, or has
# what a merge left.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
check_root "${1:-}"
# look PATTERN WHAT: -I leaves out binary files.
look() { project_files | grep -vE '(^|/)(corpus|golden)/' | xargs -r -d '\n' grep -nIHE "$1" | cut -c1-160 | sed -E "s|^([^:]*:[0-9]+:) *|\1 $2: |"; }
{
  look '(^|[^[:alnum:]_.~/-])/(home|root|Users|work|farm)/[[:alnum:].]' 'a path of one machine; make it relative or a setting'
  look '(registry[.]npmjs|npmjs[.]org|pypi[.]org|pythonhosted[.]org|crates[.]io/|deb[.]debian[.]org|proxy[.]golang|repo1?[.]maven|snapshot[.]debian)' 'the host of a package registry; the package client is set up with it'
  look '(^|[^[:alnum:]_])(T[O]DO|F[I]XME|X[X]X|H[A]CK)([^[:alnum:]_]|$)|[Nn]ot i[m]plemented|[Uu]ni[m]plemented|(^|[^[:alnum:]])[Ff]or n[o]w[^[:alnum:]]' 'unfinished; finish it or open an issue'
  look '^(<{7}|>{7})( |$)' 'what a merge left; choose one side'
} | finish words
