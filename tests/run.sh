#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

usage() {
  cat <<'END'
usage: tests/run.sh [--quick] [--no-install]

Installs the Debian packages that are missing, builds the repository with all
its parts, and runs every test:

  gcc         the whole suite
  sanitizers  the whole suite under AddressSanitizer and UBSan
  valgrind    the tests of the GStreamer element under memcheck
  clang       the whole suite; warnings are errors, as they are with gcc
  aarch64     the library's tests, cross-compiled and emulated by QEMU

The last lines name the kernels that ran and sum up the results. The exit
status is 0 if nothing failed.

  --quick       runs the first only
  --no-install  leaves the system's packages as they are
END
}

quick=no
install=yes
for arg; do
  case $arg in
    --quick) quick=yes ;;
    --no-install) install=no ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

cd "$root"
# What setup.sh installs for Python belongs to the system's.
export PATH=/usr/bin:$PATH
unset DAN_MODEL DAN_CPU GST_PLUGIN_PATH GST_REGISTRY GST_DEBUG

passed=0 failed=0 skipped=0
logs=()

heading() {
  printf '\n=== %s (%d:%02d) ===\n' "$1" $((SECONDS / 60)) $((SECONDS % 60))
}

# build DIR [MESON OPTION...]; a build that fails is one failed test.
build() {
  local dir=$1 log
  # Parts that a package is missing for are to fail here, not to be left out.
  set -- "$@" -Dwerror=true \
    -D{openblas,gst,tools,tests,examples}=enabled
  log=$(mktemp)
  if scripts/build.sh "$@" >"$log" 2>&1; then
    rm "$log"
    return
  fi
  tail -n 60 "$log"
  rm "$log"
  echo "The build in $dir failed."
  ((failed += 1))
  return 1
}

# count LOG: adds what it says; none is one failed test.
count() {
  local log=$1 counts p f s
  if counts=$(python3 tests/count-results.py "$log"); then
    logs+=("$log")
  else
    echo "The tests of $log did not run."
    counts='0 1 0'
  fi
  read -r p f s <<<"$counts"
  ((passed += p, failed += f, skipped += s)) || true
}

# run DIR LOG [MESON TEST OPTION...]
run() {
  local dir=$1 log=$1/meson-logs/$2
  shift 2
  rm -f "$log"
  # Its exit status says less than the log, which is counted. How fast the machine
  # is, and what else it does, is not tested.
  meson test -C "$dir" --no-rebuild --print-errorlogs --timeout-multiplier 5 "$@" || true
  count "$log"
}

# cross TARGET; all of its tests are one that is skipped where it cannot run.
cross() {
  local log=build-test-$1/meson-logs/testlog.json status=0
  rm -f "$log"
  tests/cross.sh "$1" || status=$?
  if ((status == 77)) && [[ ! -f $log ]]; then
    ((skipped += 1))
  else
    count "$log"
  fi
}

if [[ $install == yes ]]; then
  sets=(build run test train)
  # Elsewhere Debian may have no such compilers.
  if [[ $quick == no && $(uname -m) == x86_64 ]]; then
    sets+=(cross)
  fi
  scripts/setup.sh "${sets[@]}"
fi

heading 'gcc'
if CC=gcc build build-test; then
  run build-test testlog.json
  if [[ $quick == no ]]; then
    heading 'valgrind'
    run build-test testlog-valgrind.json --setup valgrind gst-element gst-meta gst-no-plugin
  fi
fi

if [[ $quick == no ]]; then
  heading 'sanitizers'
  if CC=gcc build build-test-sanitizers -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1; then
    run build-test-sanitizers testlog-leaks.json --setup leaks --suite dan
    run build-test-sanitizers testlog-sanitizers.json --setup sanitizers
  fi

  heading 'clang'
  if CC=clang CXX=clang++ build build-test-clang; then
    # The training is Python alone: no compiler makes a difference to it.
    run build-test-clang testlog.json --no-suite training
  fi

  heading 'aarch64'
  cross aarch64-linux-gnu
fi

heading 'done'
python3 tests/list-kernels.py "${logs[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0 && passed > 0))
