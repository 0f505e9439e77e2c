#!/usr/bin/env bash
# Puts the pinned DuckDB into the cache: the prebuilt library, and the C++ headers of exactly that
# version (headers of another patch version link fine and crash later). Prints the folder.
#   FOLDER/lib/libduckdb.so  FOLDER/include/duckdb.hpp  FOLDER/utf8proc/
# CLAIMLAKE_CACHE chooses another cache than ~/.cache/claimlake.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/lib/fetch.sh"

version=1.5.6
# The library comes in DuckDB's own npm package.
npm_package=@duckdb/node-bindings-linux-x64
npm_version=1.5.6-r.1
npm_sha512=21772b64913a904a8cd19e30c1d5671811d7fdface4b7dd53cd0300d743f43e16cf386f4e7c41ef78721ac208870d2651bc6375072145387817824315b998dd5
library_sha256=3f4962cdd266eab2b479a5b5a4a6d063d279b2954ae814ed00385d553b747633
# The headers come in DuckDB's own source package for Python.
source_sha256=166a91dbfacfc0c9f08cc76c0243cb6d3d4296bfab5bad72a3cfb63140a5b7c8
headers_sha256=dc1f45a7a6a158b4de1eb135a3505dddec1ba847e3d74c6aa4399cc99540daee

# One sum over the names and contents of all headers, in the order of their names.
sum_of_headers() {
  (cd "$1" && find include utf8proc -type f | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum | cut -d' ' -f1)
}

cache=$(cache_folder)
final=$cache/duckdb-$version
# The folder appears by a rename after all sums were checked, so its presence is enough;
# --verify computes the sums again.
if [[ -f $final/lib/libduckdb.so && -f $final/include/duckdb.hpp && -d $final/utf8proc ]]; then
  if [[ ${1:-} == --verify ]]; then
    check_sha "$final/lib/libduckdb.so" sha256 "$library_sha256"
    [[ $(sum_of_headers "$final") == "$headers_sha256" ]] ||
      fail "the headers in $final are not those of DuckDB $version. Delete that folder and run this again."
  fi
  printf '%s\n' "$final"
  exit 0
fi

[[ $(uname -s)-$(uname -m) == Linux-x86_64 ]] ||
  fail "DuckDB $version is pinned for Linux on x86-64; this is $(uname -s) on $(uname -m)."
need_command npm
need_command python3
mkdir -p "$cache" || fail "cannot create $cache. Set CLAIMLAKE_CACHE to a folder you may write to."
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/out/lib"

say "fetching libduckdb $version"
npm_tarball "$npm_package" "$npm_version" "$npm_sha512" "$work/library.tgz"
tar -xzf "$work/library.tgz" -C "$work" package/libduckdb.so
check_sha "$work/package/libduckdb.so" sha256 "$library_sha256"
mv "$work/package/libduckdb.so" "$work/out/lib/"

say "fetching the headers of DuckDB $version"
python3 -m venv "$work/venv" >"$work/log" 2>&1 || {
  tail -n 20 "$work/log" >&2
  fail "python3 cannot make a virtual environment. Run tools/install.sh fetch (package python3-venv)."
}
# '--no-binary duckdb', not ':all:': what pip needs to look into the source package may be wheels.
printf 'duckdb==%s --hash=sha256:%s\n' "$version" "$source_sha256" >"$work/requirements.txt"
"$work/venv/bin/pip" download --disable-pip-version-check --quiet --no-deps --no-binary duckdb \
  --require-hashes --requirement "$work/requirements.txt" --dest "$work" >"$work/log" 2>&1 </dev/null || {
  tail -n 20 "$work/log" >&2
  fail "pip could not fetch the source package of duckdb $version (above). Check the network and 'pip config list', then try again."
}
archive=$work/duckdb-$version.tar.gz
check_sha "$archive" sha256 "$source_sha256"
tar -xzf "$archive" -C "$work" --wildcards \
  "duckdb-$version/external/duckdb/src/include/*" "duckdb-$version/external/duckdb/third_party/utf8proc/include/*"
from=$work/duckdb-$version/external/duckdb
# Templates and JSON files lie between the headers; only headers are kept.
find "$from" -type f ! -name '*.h' ! -name '*.hpp' -delete
mv "$from/src/include" "$work/out/include"
mv "$from/third_party/utf8proc/include" "$work/out/utf8proc"
got=$(sum_of_headers "$work/out")
[[ $got == "$headers_sha256" ]] || fail "the headers have the sum $got, expected $headers_sha256."

publish "$work/out" "$final"
say "DuckDB $version is in $final"
printf '%s\n' "$final"
