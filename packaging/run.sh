#!/usr/bin/env bash
# Opens the studio; sets it up first where that is still to be done. Arguments go to the studio.
# Without a display it makes the demo song instead, in the folder named as the first argument.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

bash "$root/packaging/setup.sh" run
studio=("$root/.venv/bin/python" -m studio)

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then exec "${studio[@]}" "$@"; fi

case "${1:-}" in
  demo | generate | extend | fill | render | export | models | -*) exec "${studio[@]}" "$@" ;;
esac
folder=${1:-tutti-demo}
number=1
while [ -z "${1:-}" ] && [ -e "$folder" ]; do
  number=$((number + 1))
  folder=tutti-demo-$number
done
echo "studio: there is no display for the window, so here is the demo song, in $folder"
exec "${studio[@]}" demo "$folder"
