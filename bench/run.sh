#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
here=$root/bench
build=$root/build-bench
onnxruntime=1.30.0

usage() {
  cat <<'END'
usage: bench/run.sh [OPTION...]

Measures danalign beside other engines that run the same network, and prints a
table in Markdown. First it installs the Debian packages that are missing (with
apt-get), fetches ONNX Runtime from npm, and builds the repository in build/ and
programs that run the other engines in build-bench/.

  --width W          of the network; default 1, the paper's
  --threads N,N      numbers of threads; default 1,2
  --rounds N         default 7
  --engines LIST     of danalign, danalign-fp32, danalign-openblas, ort-fp32,
                     ort-int8, onednn-direct, onednn-winograd, onednn-bf16,
                     onednn-int8, onednn-int8-winograd, opencv; default: all
  --patience SECONDS to wait in all for other processes to leave the CPUs alone
                     and to measure again what they disturbed; default 120
  --json FILE        write the figures there too
  --no-install       installs and fetches nothing
  -h, --help         prints this
END
}

fail() {
  printf 'bench: %s\n' "$*" >&2
  exit 1
}

install=yes
options=()
for arg; do
  case $arg in
    -h | --help) usage; exit 0 ;;
    --no-install) install=no ;;
    *) options+=("$arg") ;;
  esac
done

# --- what is needed ------------------------------------------------------

# Node.js may also have come from elsewhere, which Debian's would replace.
packages() {
  echo g++ libdnnl-dev libopencv-dnn-dev python3-numpy python3-onnx
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
}

is_installed() {
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

install_packages() {
  local name missing=() as_root=()
  for name in $(packages); do
    is_installed "$name" || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  [[ $(id -u) == 0 ]] || as_root=(sudo)
  echo "bench: installing with apt-get: ${missing[*]}" >&2
  "${as_root[@]}" apt-get -q update >&2 &&
    "${as_root[@]}" apt-get -q -y install --no-install-recommends "${missing[@]}" >&2 ||
    fail "could not install (is the network there?): ${missing[*]}"
}

# Its install script would fetch a version for GPUs; what is for CPUs is in the
# package.
fetch_onnxruntime() {
  local package=$build/node_modules/onnxruntime-node/package.json
  ! grep -qsF "\"version\": \"$onnxruntime\"" "$package" || return 0
  echo "bench: fetching onnxruntime-node $onnxruntime with npm" >&2
  npm install --prefix "$build" --ignore-scripts --no-audit --no-fund --fetch-retries=1 \
    "onnxruntime-node@$onnxruntime" >&2 ||
    fail "npm could not fetch onnxruntime-node $onnxruntime (is the network there?)"
}

# compile NAME [OPTION...]
compile() {
  local program=$build/$1 sources=("$here/engines/$1.cpp" "$here/engines/turns.hpp")
  shift
  [[ ! $program -nt ${sources[0]} || ! $program -nt ${sources[1]} ]] || return 0
  g++ -std=c++17 -O2 -Wall -Wextra -o "$program" "${sources[0]}" "$@" ||
    fail "could not build ${sources[0]}"
}

# NumPy and ONNX belong to the system's Python.
export PATH=/usr/bin:$PATH
mkdir -p "$build"
if [[ $install == yes ]]; then
  "$root/scripts/setup.sh" build >&2
  install_packages
  fetch_onnxruntime
fi

log=$build/build.log
"$root/scripts/build.sh" "$root/build" >"$log" 2>&1 || fail "the build failed, see $log"
compile onednn -ldnnl
compile opencv -I/usr/include/opencv4 -lopencv_dnn -lopencv_core

exec python3 "$here/compare.py" --build "$build" "${options[@]}"
