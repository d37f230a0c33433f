#!/usr/bin/env bash
# Checks style, types and layers, then runs the tests, in two workers. Arguments go to pytest:
# `-n 0` runs them one after the other.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash packaging/setup.sh test
bin=.venv/bin

echo "studio: style"
$bin/ruff check --quiet .
$bin/ruff format --check --quiet .
echo "studio: types"
$bin/mypy
echo "studio: layers"
$bin/lint-imports --no-cache

echo "studio: tests"
pytest=("$bin/python" -m pytest -n 2 "$@")
if command -v xvfb-run >/dev/null; then
  # The tests' own screen, so that no window opens on, and no key is taken from, the real one.
  exec xvfb-run -a -s "-screen 0 1920x1200x24" "${pytest[@]}"
fi
echo "studio: Xvfb is missing, so the window is tested off screen, without real mouse and keys"
unset DISPLAY WAYLAND_DISPLAY
exec "${pytest[@]}"
