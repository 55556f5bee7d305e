#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# Of the suite dan, those that are done in seconds.
dan_tests=(align golden-c golden-small-c model model-arrays model-open scheme pose track)

usage() {
  cat <<'END'
usage: tests/debian.sh [--no-install] [--stale] SUITE [FOLDER]

Builds the work tree on another release of Debian, with the compiler, the GLib
and the GStreamer of there, and runs the suites gst and tools and the short
tests of the suite dan. Warnings are errors.

SUITE   the release as Debian's archive knows it: trixie has GStreamer 1.26,
        sid the newest; experimental is sid with GStreamer's next, if there is
        one
FOLDER  holds the release, some 3 GB, and what is built there. The first run
        makes it, with debootstrap; later ones bring it up to date. Delete it
        to be rid of it. Default: build-debian-SUITE in the repository, which
        git ignores

  --no-install  leaves this system's packages and FOLDER's as they are
  --stale       takes package lists that are past their date, which mirrors
                that lag and snapshots have

Takes root, for chroot, and a network. The exit status is 0 if nothing failed.
END
}

fail() {
  echo "tests/debian.sh: $1" >&2
  exit "${2-1}"
}

install=yes
apt_options=()
arguments=()
for arg; do
  case $arg in
    -h | --help) usage; exit 0 ;;
    --no-install) install=no ;;
    --stale) apt_options=(-o Acquire::Check-Valid-Until=false) ;;
    -*) usage >&2; exit 2 ;;
    *) arguments+=("$arg") ;;
  esac
done
if ((${#arguments[@]} < 1 || ${#arguments[@]} > 2)); then
  usage >&2
  exit 2
fi
suite=${arguments[0]}
[[ $suite =~ ^[a-z][a-z0-9-]*$ ]] || fail "'$suite' is no name of a release" 2
folder=$(realpath -m -- "${arguments[1]-$root/build-debian-$suite}")
chroot=$folder/root
cd "$root"

((EUID == 0)) || fail 'needs root, for chroot: run it through sudo'

# Processes and mounts of there end with the command.
inside() {
  unshare --mount --pid --fork --kill-child --mount-proc="$chroot/proc" \
    chroot "$chroot" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive ${http_proxy+http_proxy="$http_proxy"} "$@"
}

# Experimental is no release of its own: only GStreamer is taken from there.
add_experimental() {
  sed 's/ sid / experimental /' "$1/etc/apt/sources.list" >"$1/etc/apt/sources.list.d/experimental.list"
  printf '%s\n' 'Package: src:gst*:any' 'Pin: release a=experimental' 'Pin-Priority: 990' \
    >"$1/etc/apt/preferences.d/gstreamer"
}

# Under another name until it is whole, so that one that broke off is not taken
# for a release.
make_chroot() {
  [[ $install == yes ]] || fail "there is no release in $folder, and --no-install makes none"
  scripts/setup.sh debian
  rm -rf "$chroot.new"
  mkdir -p "$folder"
  debootstrap --variant=minbase "${suite/#experimental/sid}" "$chroot.new" >"$folder/debootstrap.log" 2>&1 \
    || { tail -n 20 "$folder/debootstrap.log" >&2
      fail "cannot make $suite (is there such a release, and a network?)"; }
  if [[ $suite == experimental ]]; then
    add_experimental "$chroot.new"
  fi
  mv "$chroot.new" "$chroot"
}

# What git knows of the work tree or would, as it is now. What was built of it
# lies elsewhere, and is built again where files are newer.
copy_tree() {
  rm -rf "$chroot/danalign"
  mkdir "$chroot/danalign"
  git ls-files -z --cached --others --exclude-standard \
    | while IFS= read -rd '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done \
    | tar --create --null --no-recursion --files-from=- \
    | tar --extract --no-same-owner --directory="$chroot/danalign"
}

# Meson remembers what it found out of packages, so a build ends with them.
install_packages() {
  local before
  before=$(inside dpkg-query --show)
  inside apt-get -q "${apt_options[@]}" update
  inside apt-get -q -y full-upgrade
  inside /danalign/scripts/setup.sh build run analytics test
  inside apt-get clean
  [[ $before == "$(inside dpkg-query --show)" ]] || rm -rf "$chroot/build"
}

# run MESON TEST ARGUMENT...; how fast it is over there is not what is tested.
run() {
  inside meson test -C /build --no-rebuild --print-errorlogs -t 5 "$@"
}

if [[ ! -d $chroot ]]; then
  make_chroot
fi
copy_tree
if [[ $install == yes ]]; then
  install_packages
fi

inside gst-inspect-1.0 --version
inside gcc --version
inside /danalign/scripts/build.sh /build -Dwerror=true -D{openblas,gst,tools,tests,examples}=enabled
status=0
run "${dan_tests[@]}" || status=1
run --suite gst --suite tools || status=1
exit "$status"
