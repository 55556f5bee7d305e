#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
set -euo pipefail

if [[ ${1-} == -* || $# -ne 1 ]]; then
  cat <<'END'
usage: scripts/sample-picture.sh FILE.png

Writes a photograph with a face to FILE.png, unless it is there already: the
portrait of the astronaut Eileen Collins by NASA, which is in the public domain
(https://flic.kr/p/r9qvLn). It is taken out of Debian's package python3-skimage,
which is fetched (20 MB) but not installed.
END
  [[ ${1-} == -h || ${1-} == --help ]]
  exit
fi

target=$1
[[ ! -s $target ]] || exit 0

package=python3-skimage
inside=usr/lib/python3/dist-packages/skimage/data/astronaut.png

copy() {
  mkdir -p "$(dirname "$target")"
  cp "$1" "$target.part"
  mv "$target.part" "$target"
}

if [[ -f /$inside ]]; then
  copy "/$inside"
  exit
fi

fail() {
  echo "sample: could not fetch the package $package, which has the default" >&2
  echo "sample: picture (is the network there?); name a picture of your own" >&2
  exit 1
}
command -v apt-get >/dev/null || fail

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

# As root, apt would complain that its sandbox user cannot write here.
download() {
  (cd "$temporary" && apt-get -q -o APT::Sandbox::User=root download "$package")
}

update() {
  if [[ $(id -u) == 0 ]]; then apt-get -q update; else sudo apt-get -q update; fi
}

echo "sample: fetching $package for its photograph (NASA, public domain)"
download >"$temporary/log" 2>&1 || { update && download; } || fail
dpkg -x "$temporary"/*.deb "$temporary/files"
copy "$temporary/files/$inside"
