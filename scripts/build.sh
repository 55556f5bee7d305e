#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
set -euo pipefail

if [[ ${1-} == -* || $# -eq 0 ]]; then
  echo 'usage: scripts/build.sh DIR [MESON OPTION...]'
  echo 'Builds the repository in DIR, which it sets up with the options if it is new.'
  [[ ${1-} == -h || ${1-} == --help ]]
  exit
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
dir=$1
shift
cd "$root"

# A build directory that was copied along with the repository still points at
# the old place. One that is up to date is configured again all the same, as
# ninja alone would not see packages that were installed since.
if [[ ! -f $dir/build.ninja ]]; then
  meson setup "$@" "$dir"
elif ! grep -qF "\"source\": \"$root\"" "$dir/meson-info/meson-info.json"; then
  meson setup --wipe "$@" "$dir"
else
  meson setup --reconfigure "$dir"
fi
exec ninja -C "$dir"
