#!/usr/bin/env bash
# A PostgreSQL server of its own for one test, on a free port of 127.0.0.1.
#   postgres.sh start FOLDER   prints its URL, whose user needs no password
#   postgres.sh stop FOLDER
# Exit 77: PostgreSQL is not installed (tools/packages.txt).
set -euo pipefail
folder=$2
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[[ -n $bin ]] || { echo "PostgreSQL is not installed" >&2; exit 77; }
# It refuses to run as root.
as() { if [[ $(id -u) = 0 ]]; then (cd / && setpriv --reuid postgres --regid "$(id -g postgres)" --init-groups env -u HOME "$@"); else "$@"; fi; }
if [[ $1 = stop ]]; then
  as "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
  exit 0
fi
mkdir -p "$folder"
if [[ $(id -u) = 0 ]]; then chmod 755 "$folder" && chown postgres "$folder"; fi
as "$bin/initdb" -D "$folder/data" -U claimlake -A trust -E UTF8 --locale=C --no-sync >"$folder.log" 2>&1 || { cat "$folder.log" >&2; exit 1; }
for _ in 1 2 3; do  # the port may be taken between the look and the start
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  if as "$bin/pg_ctl" -D "$folder/data" -l "$folder/data/server.log" -w -t 60 \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off" start >/dev/null 2>&1; then
    echo "postgresql://claimlake@127.0.0.1:$port/postgres"
    exit 0
  fi
done
cat "$folder/data/server.log" >&2
exit 1
