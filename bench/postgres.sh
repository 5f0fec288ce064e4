#!/usr/bin/env bash
# PostgreSQL as a peer: a temporary cluster of its own, on the same disk as the measured ledger, reachable by a unix socket only, gone at the end. Touches no other cluster.
#   postgres.sh start DIR SCALE   makes DIR, starts the server, fills pgbench's tables, prints NAME=VALUE lines for bench/run.sh
#   postgres.sh stop DIR          stops it and removes DIR
# Nothing of its durability is switched off; PostgreSQL refuses to run as root, so that root hands it to the user "postgres" of the Debian package.
set -euo pipefail

word=$1
dir=$2
bin=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
fail() { echo "postgres: $*" >&2; exit 1; }
[ -x "$bin/initdb" ] && [ -x "$bin/pgbench" ] || fail "PostgreSQL is not installed (Debian package postgresql)"

as=()
if [ "$(id -u)" -eq 0 ]; then
  id postgres >/dev/null 2>&1 || fail "there is no user postgres to run it as"
  as=(runuser -u postgres --)
fi

stop() {
  local socket
  dir=$(cd "$dir" && pwd) # the server's user may not see the folder that this was called from
  socket=$(cat "$dir/socket" 2>/dev/null || true)
  [ -f "$dir/data/postmaster.pid" ] && (cd / && "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null)
  [ -n "$socket" ] && rm -rf "$socket"
  rm -rf "$dir"
}

start() {
  local scale=$1 socket memory shared
  mkdir "$dir"
  dir=$(cd "$dir" && pwd)
  socket=$(mktemp -d /tmp/zhidui-bench-postgres.XXXXXX) # a socket's path has to be short; no data stands here
  echo "$socket" >"$dir/socket"
  if [ ${#as[@]} -gt 0 ]; then
    chown postgres "$dir" "$socket"
    "${as[@]}" test -w "$dir" || fail "the user postgres cannot get to $dir: a folder above it is closed to others (--place DIR takes another place)"
  fi
  chmod 755 "$socket" # root's pgbench comes in; nothing but the benchmark's own tables is behind it
  memory=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
  shared=$((memory / 4 < 1024 ? memory / 4 : 1024))
  cd /
  "${as[@]}" "$bin/initdb" -D "$dir/data" -U bench -A trust -E UTF8 --locale=C >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; fail "initdb"; }
  "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w -o "-c listen_addresses='' -c unix_socket_directories='$socket' -c fsync=on \
-c full_page_writes=on -c synchronous_commit=on -c shared_buffers=${shared}MB -c max_wal_size=4GB -c max_connections=40" start >/dev/null ||
    { cat "$dir/data/server.log" >&2; fail "the server did not start"; }
  "$bin/createdb" -h "$socket" -U bench bench
  "$bin/pgbench" -h "$socket" -U bench -i -q -s "$scale" bench >"$dir/fill.log" 2>&1 || { cat "$dir/fill.log" >&2; fail "pgbench could not fill its tables"; }
  echo "socket=$socket"
  echo "pgbench=$bin/pgbench"
  echo "settings=$("$bin/psql" -h "$socket" -U bench -Atq bench -c "select 'PostgreSQL ' || current_setting('server_version') || ', scale $scale, ' ||
    string_agg(name || ' ' || current_setting(name), ', ' order by name) from pg_settings where name in
    ('fsync', 'full_page_writes', 'synchronous_commit', 'wal_sync_method', 'shared_buffers', 'max_wal_size', 'data_checksums')")"
}

case "$word" in
  start) start "$3" ;;
  stop) stop ;;
  *) fail "start or stop" ;;
esac
