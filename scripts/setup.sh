#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
set -euo pipefail

usage() {
  cat <<'END'
usage: scripts/setup.sh [--list] [SET...]

Installs the Debian packages that the named sets need and that are missing,
with apt-get, through sudo unless it runs as root. Sets (default: build run):

  build  to compile the library, the plugin and the tools
  run    to run pipelines and to encode what comes out
  analytics  to build with GstAnalytics, which GStreamer 1.24 and newer have
  test   to run the tests
  train  to train networks and to test that
  people to make pictures of people who do not exist, as tests/people has them
  evaluation  to measure how well models do
  cross  to build the library for aarch64 and to run its tests under QEMU
  debian  to make other releases of Debian, to build and test there
  show   to see pictures and videos in a window

  --list prints the missing packages and installs nothing.
END
}

packages() {
  case $1 in
    build)
      echo gcc libc6-dev meson ninja-build pkg-config \
        libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev liborc-0.4-dev \
        libopenblas-dev libjson-glib-dev libcairo2-dev ;;
    run)
      echo gstreamer1.0-tools gstreamer1.0-plugins-base \
        gstreamer1.0-plugins-base-apps gstreamer1.0-plugins-good \
        gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly \
        gstreamer1.0-libav ;;
    analytics)
      echo libgstreamer-plugins-bad1.0-dev ;;
    test)
      # facedetect is there to be danalign's other detector; opencv-data holds
      # the cascade that it looks for.
      echo gstreamer1.0-opencv opencv-data g++ clang valgrind python3 python3-numpy python3-gi python3-gst-1.0 \
        gir1.2-gstreamer-1.0 gir1.2-gst-plugins-base-1.0 ;;
    train)
      echo python3 python3-numpy python3-torch python3-opencv python3-matplotlib ;;
    people)
      echo python3 python3-numpy python3-scipy python3-opencv \
        gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good ;;
    evaluation)
      echo python3 python3-numpy python3-opencv python3-matplotlib opencv-data \
        python3-gi python3-gst-1.0 gir1.2-gstreamer-1.0 gir1.2-gst-plugins-base-1.0 \
        gstreamer1.0-plugins-good ;;
    cross)
      echo gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user ;;
    debian)
      echo debootstrap debian-archive-keyring ;;
    show)
      echo gstreamer1.0-x gstreamer1.0-gl ;;
    *)
      echo "setup: unknown set '$1' (there are build, run, analytics, test, train, people," \
        "evaluation, cross, debian, show)" >&2
      return 2 ;;
  esac
}

is_installed() {
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

list_only=no
sets=()
for arg; do
  case $arg in
    -h | --help) usage; exit 0 ;;
    --list) list_only=yes ;;
    -*) usage >&2; exit 2 ;;
    *) sets+=("$arg") ;;
  esac
done
((${#sets[@]})) || sets=(build run)

wanted=()
for set in "${sets[@]}"; do
  names=$(packages "$set")
  read -ra names <<<"$(tr -s '\n ' ' ' <<<"$names")"
  wanted+=("${names[@]}")
done

# Not every user of this script has Debian: say what is needed, in Debian's
# words, rather than fail on a missing command.
if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "setup: no apt-get here; install what corresponds to Debian's" >&2
  printf '  %s\n' "${wanted[@]}" >&2
  echo "setup: (run.sh --no-install then goes on without this script)" >&2
  exit 1
fi

missing=()
for name in "${wanted[@]}"; do
  is_installed "$name" || missing+=("$name")
done
if [[ $list_only == yes ]]; then
  ((${#missing[@]} == 0)) || printf '%s\n' "${missing[@]}"
  exit 0
fi
((${#missing[@]})) || exit 0

as_root=()
if [[ $(id -u) != 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "setup: neither root nor sudo; as root, run" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"
}

install() {
  apt install --no-install-recommends "${missing[@]}"
}

# Package lists that lack a name, or that name a version which has been
# replaced since, are the only reasons to fetch new ones.
lists_know() {
  apt-get -q --simulate --no-install-recommends install "$@" >/dev/null 2>&1
}

echo "setup: installing with apt-get${as_root:+ (through sudo)}: ${missing[*]}"
if lists_know "${missing[@]}" && install; then
  exit 0
fi
echo "setup: fetching new package lists"
if ! { apt update && install; }; then
  echo "setup: could not install (is the network there?): ${missing[*]}" >&2
  exit 1
fi
