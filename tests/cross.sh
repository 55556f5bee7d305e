#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
set -euo pipefail

usage() {
  cat <<'END'
usage: tests/cross.sh [TARGET]

Builds libdan and its tests for another machine, which cross/TARGET.ini
describes (default: aarch64-linux-gnu), in build-test-TARGET, and runs them
under QEMU. The plugin, the tools and OpenBLAS are left out.

Exits with 77 (skipped) if the compiler, its C library or QEMU is missing;
scripts/setup.sh cross installs those for the default target.
END
}

case ${1-} in
  -h | --help) usage; exit 0 ;;
  -*) usage >&2; exit 2 ;;
esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
target=${1-aarch64-linux-gnu}
description=cross/$target.ini
dir=build-test-$target
cd "$root"

# first_word KEY: the program that the description names for KEY.
first_word() {
  sed -nE "s/^$1 = \[?'([^']*)'.*/\1/p" "$description"
}

skip() {
  echo "$1: the tests for $target were not run."
  exit 77
}

if [[ ! -f $description ]]; then
  echo "tests/cross.sh: there is no $description" >&2
  exit 2
fi
compiler=$(first_word c)
emulator=$(first_word exe_wrapper)
for program in "$compiler" "$emulator"; do
  command -v "$program" >/dev/null || skip "There is no $program"
done
echo 'int main (void) { return 0; }' | "$compiler" -x c -o /dev/null - 2>/dev/null \
  || skip "$compiler finds no C library"

scripts/build.sh "$dir" --cross-file "$description" -Dwerror=true \
  -Dtests=enabled -D{openblas,gst,tools,examples}=disabled

# Emulated, the network in plain C takes some 40 times as long.
exec meson test -C "$dir" --no-rebuild --print-errorlogs --suite dan -t 6
