#!/bin/sh
# Runs a task of slomo, and installs Deno first where there is none: sh run.sh TASK [arguments]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
wanted=2.9.6
home=${SLOMO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/slomo}

deno=$(command -v deno || true)
[ -n "$deno" ] || for candidate in "$HOME/.deno/bin/deno" "$home/deno/node_modules/.bin/deno"; do
  if [ -x "$candidate" ]; then deno=$candidate; break; fi
done
if [ -z "$deno" ]; then
  echo "slomo: installing Deno $wanted" >&2
  if command -v npm >/dev/null; then
    npm install --prefix "$home/deno" --no-audit --no-fund --silent "deno@$wanted" >&2
    deno=$home/deno/node_modules/.bin/deno
  elif command -v curl >/dev/null; then
    curl -fsSL https://deno.land/install.sh | sh -s -- -y "v$wanted" >&2
    deno=$HOME/.deno/bin/deno
  else
    echo "slomo: Deno is missing, and neither npm nor curl is there to install it; see https://deno.com" >&2
    exit 1
  fi
fi
if [ $# -eq 0 ]; then
  echo "use: sh run.sh TASK [arguments]; for example: sh run.sh interpolate examples/clip.mp4 slow.mp4 --factor 4" >&2
  exit 2
fi
# The tasks for users start without `deno task`, which downloads the packages of all tasks first.
if grep -q "\"$1\": \"deno run -A scripts/main.ts $1\"" "$here/deno.json"; then
  exec "$deno" run --quiet -A "$here/scripts/main.ts" "$@"
fi
exec "$deno" task --quiet --config "$here/deno.json" "$@"
