# Shared by tools/fetch_*.sh. A part is made in a temporary folder beside its final place and
# renamed there when it is whole, so a broken download never looks like a good one, and two
# builds at once do no harm.

# cmake/dependencies.cmake reads the same variable and falls back to the same folder.
cache_folder() { printf '%s\n' "${CLAIMLAKE_CACHE:-${HOME:?set HOME or CLAIMLAKE_CACHE}/.cache/claimlake}"; }

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2; }
fail() { say "$*"; exit 1; }

need_command() {
  command -v "$1" >/dev/null || fail "'$1' is missing. Run tools/install.sh fetch, then this again."
}

# check_sha FILE sha256|sha512 HEX
check_sha() {
  local got
  got=$("${2}sum" "$1" | cut -d' ' -f1)
  [[ $got == "$3" ]] || fail "$(basename "$1") has the $2 $got, expected $3.
  The file was damaged on its way or replaced at its origin; nothing was kept. Try again, and do
  not change the expected sum unless you know why it changed."
}

# npm_tarball PACKAGE VERSION SHA512 FILE: the tarball of a package, through npm, so that a
# company's registry and certificates are used as npm is set up to.
npm_tarball() {
  local folder log
  folder=$(mktemp -d "$(dirname "$4")/npm.XXXXXX")
  log=$folder/log
  # --prefix keeps npm away from the package.json of the folder one happens to stand in.
  (cd "$folder" && npm pack --silent --prefix "$folder" "$1@$2" >"$log" 2>&1 </dev/null) || {
    tail -n 20 "$log" >&2
    fail "npm could not fetch $1@$2 (above). Check the network and 'npm config get registry', then try again."
  }
  mv "$folder"/*.tgz "$4"
  rm -rf "$folder"
  check_sha "$4" sha512 "$3"
}

# publish FOLDER FINAL: puts the finished folder in its place.
publish() {
  chmod -R a+rX "$1"
  if ! mv -T "$1" "$2" 2>/dev/null; then
    # Someone else was first, or a damaged folder is in the way: ours is known to be whole.
    rm -rf "$2.old.$$"
    mv -T "$2" "$2.old.$$"
    mv -T "$1" "$2"
    rm -rf "$2.old.$$"
  fi
}
