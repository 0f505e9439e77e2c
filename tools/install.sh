#!/usr/bin/env bash
# Installs the Debian packages of the named groups of tools/packages.txt: only those that are
# missing, and root is asked for only then.
#   tools/install.sh build test          install
#   tools/install.sh --list build        print the packages of a group
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Prints the packages of group $1, following '@group' lines.
packages_of() {
  awk -v wanted="$1" '
    { sub(/#.*/, ""); gsub(/[ \t\r]/, "") }
    /^\[.*\]$/ { group = substr($0, 2, length($0) - 2); known[group] = 1; next }
    $0 != "" { count[group]++; line[group, count[group]] = $0 }
    function emit(g, i, entry) {
      for (i = 1; i <= count[g]; i++) {
        entry = line[g, i]
        if (entry ~ /^@/) emit(substr(entry, 2)); else print entry
      }
    }
    END { if (!known[wanted]) exit 3; emit(wanted) }' "$here/packages.txt" ||
    { echo "install: tools/packages.txt has no group '$1'" >&2; return 1; }
}

all_packages() { local group; for group in "$@"; do packages_of "$group"; done | awk '!seen[$0]++'; }

# Prints those of the packages in "$@" that dpkg does not hold as installed.
missing_of() {
  dpkg-query -W -f '${Package} ${Provides} ${db:Status-Status}\n' 2>/dev/null | awk -v asked="$*" '
    $NF == "installed" { for (i = 1; i < NF; i++) { sub(/,$/, "", $i); have[$i] = 1 } }
    END { n = split(asked, want, " "); for (i = 1; i <= n; i++) if (!have[want[i]]) print want[i] }'
}

if [[ ${1:-} == --list ]]; then shift; all_packages "$@"; exit; fi
[[ $# -gt 0 ]] || { echo "usage: tools/install.sh [--list] GROUP..." >&2; exit 2; }
packages=$(all_packages "$@")

if ! command -v dpkg-query >/dev/null; then
  echo "install: this is not a Debian system. Install the counterparts of these yourself:" >&2
  printf '  %s\n' $packages >&2
  exit 1
fi
missing=$(missing_of $packages)
# Node and npm may have come from elsewhere (nvm, an image of a company): take them as they are.
if [[ $missing =~ (^|[[:space:]])npm($|[[:space:]]) ]] && command -v npm >/dev/null; then
  missing=$(grep -vx npm <<<"$missing" || true)
fi
[[ -n $missing ]] || exit 0

root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || {
    echo "install: these packages are missing and there is no sudo; as root run:" >&2
    echo "  apt-get update && apt-get install --no-install-recommends" $missing >&2
    exit 1
  }
  # Without a terminal nobody can type a password.
  if [[ -t 0 ]]; then root=(sudo); else root=(sudo -n); fi
fi
apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300
     -o APT::Update::Error-Mode=any -o Acquire::Retries=3)

echo "install: $(wc -l <<<"$missing") Debian packages are missing${root:+ (root is needed)}:" $missing >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() { "$@" </dev/null >"$log" 2>&1 || { tail -n 30 "$log" >&2; return 1; }; }
install() { run "${apt[@]}" install --no-install-recommends $missing; }

[[ ${root[*]:-} != sudo ]] || sudo -v
# The package lists may be absent or too old to fetch from: one update is then the cure.
started=$SECONDS
if ! apt-cache show $missing >/dev/null 2>&1 || ! install 2>/dev/null; then
  echo "install: updating the package lists" >&2
  run "${apt[@]}" update || { echo "install: 'apt-get update' failed (above). Check the network and /etc/apt, then run this again." >&2; exit 1; }
  install || { echo "install: 'apt-get install' failed (above)." >&2; exit 1; }
fi
echo "install: done in $((SECONDS - started)) s" >&2
