#!/usr/bin/env bash
# Proves the set-up: makes a bare Debian 12 root with nothing but what debootstrap puts there,
# clones the committed state of this checkout into it and goes the way of a newcomer: ./run.sh
# builds, the demo answers, stops on Ctrl-C, starts again. Reports what each step took.
#   tools/fresh.sh [--keep] [--test] [--root FOLDER]
#     --test    runs ./test.sh in the root too
#     --keep    leaves the root for a look around (its name is printed)
#     --root    makes the root there; one that exists is used as it is
# Needs root and debootstrap. The mirror and certificates are those that this machine uses.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

keep=no test=no root=
while [[ $# -gt 0 ]]; do
  case $1 in
    --keep) keep=yes ;;
    --test) test=yes ;;
    --root) root=$2; keep=yes; shift ;;
    *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
[[ $(id -u) -eq 0 ]] || { echo "fresh: needs root, for chroot" >&2; exit 1; }
tools/install.sh fresh

# The first mirror of the machine's apt sources, in either of apt's formats.
mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null || true; } |
         awk '/^URIs:/ { print $2; exit } /^deb / { for (i = 2; i <= NF; i++) if ($i ~ /:\/\//) { print $i; exit } }')
[[ -n $mirror ]] || { echo "fresh: no mirror in /etc/apt" >&2; exit 1; }

[[ -n $root ]] || root=$(mktemp -d "${TMPDIR:-/var/tmp}/claimlake-fresh.XXXXXX")
# --one-file-system: should a mount be left in it, what is mounted there is not deleted.
[[ $keep == yes ]] || trap 'rm -rf --one-file-system "$root"' EXIT
started=$SECONDS
if [[ ! -x $root/bin/bash ]]; then
  mkdir -p "$root"
  chmod 755 "$root"
  debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1 || { tail -n 20 "$root.log" >&2; exit 1; }
  rm -f "$root.log"
fi
echo "bare Debian 12 in $root: $((SECONDS - started)) s"

# What makes this network reachable: names, apt's sources and transport, certificates, proxies.
cp /etc/resolv.conf /etc/hosts "$root/etc/"
rm -f "$root/etc/apt/sources.list"
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
            $(grep -lE '^ *Acquire' /etc/apt/apt.conf.d/* /etc/apt/apt.conf 2>/dev/null); do
  [[ ! -f $file ]] || cp "$file" "$root$file"
done
settings=()
mkdir -p "$root/etc/ssl"
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
  [[ -z ${!name:-} ]] || settings+=("$name=${!name}")
done
for name in SSL_CERT_FILE NODE_EXTRA_CA_CERTS PIP_CERT REQUESTS_CA_BUNDLE CURL_CA_BUNDLE; do
  # Under a name of its own: the package ca-certificates writes the usual one anew.
  if [[ -n ${!name:-} ]]; then cp "${!name}" "$root/etc/ssl/machine.crt"; settings+=("$name=/etc/ssl/machine.crt"); fi
done

# What this machine trusts beyond Debian's list; the packages of certificates, Java's among them, take it up.
for file in /usr/local/share/ca-certificates/*.crt; do
  [[ ! -f $file ]] || install -D -m 644 -t "$root/usr/local/share/ca-certificates" "$file"
done
[[ ! -x $root/usr/sbin/update-ca-certificates ]] || chroot "$root" update-ca-certificates >/dev/null

rm -rf "$root/newcomer/claimlake"
mkdir -p "$root/newcomer"
git clone --quiet --no-hardlinks . "$root/newcomer/claimlake"
[[ ! -d ../shared ]] || [[ $test == no ]] || cp -r ../shared "$root/newcomer/shared"
# A mount namespace of its own: /proc and /dev of the root are gone when the newcomer is.
unshare --mount --pid --fork --kill-child bash -c '
  mkdir -p "$1/proc" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && mount -t tmpfs tmpfs "$1/dev/shm"
  root=$1; shift
  exec chroot "$root" env -i HOME=/newcomer USER=root TERM=dumb LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
' bash "$root" "${settings[@]}" bash /newcomer/claimlake/tools/lib/newcomer.sh "$test"
[[ $keep == no ]] || echo "the root is kept in $root"
