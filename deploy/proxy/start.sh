#!/bin/sh
# Puts the settings into nginx.conf and becomes nginx. Sizes follow those of the web (docs/settings.md):
# a request may have two files, and a megabyte more for the words; another one lets the web refuse by itself.
set -eu
TMP=${TMP_FOLDER:-/tmp}
CACHE=${CACHE_FOLDER:-/var/cache/nginx}
# Docker's, podman's or the cluster's own, which knows the names of services.
RESOLVER=${RESOLVER:-$(sed -n 's/^nameserver[[:space:]]*//p' /etc/resolv.conf | head -n 1)}
# Behind another proxy it is that one which knows how it was called.
SCHEME='$scheme'
if [ "${MERIAN_PROXIES:-1}" -gt 1 ]; then SCHEME='$http_x_forwarded_proto'; fi

sed -e "s|@TMP@|$TMP|" -e "s|@CACHE@|$CACHE|" -e "s|@SCHEME@|$SCHEME|" \
    -e "s|@LISTEN@|${LISTEN:-8080}|" -e "s|@WEB@|${WEB:-web:8000}|" \
    -e "s|@RESOLVER@|$RESOLVER|" \
    -e "s|@REQUEST_MB@|$((2 * ${MERIAN_MAX_UPLOAD_MB:-32} + 2))|" \
    -e "s|@ARCHIVE_MB@|$((${MERIAN_MAX_DATASET_MB:-2000} + 2))|" \
    "$(dirname "$0")/nginx.conf" > "$TMP/nginx.conf"
exec nginx -c "$TMP/nginx.conf" -g 'daemon off;'
