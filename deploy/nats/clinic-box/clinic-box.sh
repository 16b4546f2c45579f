#!/bin/sh
# Collects readings at a site while the clinic's server is out of reach. See docs/devices.md, "Clinic box". BUN and NATS_SERVER name the programs
# where they are not on PATH.
#   clinic-box.sh pair DIR CODE MODEL SERIAL
#   clinic-box.sh run DIR
set -eu
main="$(cd "$(dirname "$0")" && pwd)/../../../edge/device/src/box-main.ts"
if [ "${1:-}" = run ]; then
  server="${NATS_SERVER:-$(command -v nats-server || true)}"
  [ -n "$server" ] || { echo "nats-server is missing: https://nats.io/download" >&2; exit 1; }
  exec "${BUN:-bun}" "$main" run "${2:?the folder of the box}" "$server"
fi
exec "${BUN:-bun}" "$main" "$@"
