#!/bin/sh
# Becomes Valkey, with a password that no list of processes shows: it comes in by the standard input.
set -eu
: "${VALKEY_PASSWORD:?set VALKEY_PASSWORD in .env}"
exec valkey-server "$(dirname "$0")/valkey.conf" - <<END
requirepass $VALKEY_PASSWORD
maxmemory ${VALKEY_MEMORY:-768mb}
dir ${VALKEY_FOLDER:-/data}
port ${VALKEY_PORT:-6379}
END
