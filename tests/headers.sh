#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# headers.sh HEADER...: each compiles alone, in C99 and in C++11.
set -euo pipefail

include=$(cd "$(dirname "${BASH_SOURCE[0]}")/../include" && pwd -P)
cflags=(-fsyntax-only -Wall -Wextra -Wpedantic -Werror "-I$include")
failed=0

compile() {
  local compiler=$1 language=$2 standard=$3 header=$4
  local flags=("${cflags[@]}")
  [[ $header != */gst/* ]] || read -ra gst <<<"$(pkg-config --cflags gstreamer-1.0)"
  # GStreamer's own headers are not ours to mend.
  [[ $header != */gst/* ]] || flags+=("${gst[@]/#-I/-isystem}")
  echo "$compiler -std=$standard ${header#"$include"/}"
  # shellcheck disable=SC2086  # the compiler may be "ccache gcc"
  echo "#include \"$header\"" |
    $compiler "${flags[@]}" -x "$language" "-std=$standard" - || failed=1
}

for header; do
  header=$(realpath "$header")
  compile "${CC:-cc}" c gnu99 "$header"
  if command -v "${CXX:-c++}" >/dev/null; then
    compile "${CXX:-c++}" c++ gnu++11 "$header"
  else
    echo "no C++ compiler: not tried in C++"
  fi
done
exit $failed
