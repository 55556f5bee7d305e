#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
here=$root/models/evaluation

usage() {
  cat <<'END'
usage: models/evaluation/run.sh --data FOLDER [OPTION...] MODEL.dan...
       models/evaluation/run.sh --render

Measures models on annotated faces, and writes the numbers into
docs/accuracy.md, with plots in docs/accuracy/. First it installs the Debian
packages that are missing (with apt-get) and builds the repository in build/.

  --data FOLDER      annotated sets, as dan-eval reads them: lfpw_test.csv,
                     lfpw_train.csv, helen_train.csv, afw_crops.csv, ytf.csv
  --yunet FILE.onnx  YuNet of 2023, the file for 640 x 640 pixels: to measure
                     its boxes, too
  --limit N          a quick trial: only the first N faces of each set
  --output FOLDER    for the document and plots; default docs, with --limit
                     build-evaluation
  --figures FILE     for all numbers as JSON; default build-evaluation/accuracy.json
  --render           measures nothing, and writes what --figures holds
  --no-install       installs nothing
  -h, --help         prints this
END
}

fail() {
  printf 'evaluation: %s\n' "$*" >&2
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

# NumPy, OpenCV and matplotlib belong to the system's Python.
export PATH=/usr/bin:$PATH
if [[ $install == yes ]]; then
  "$root/scripts/setup.sh" build evaluation >&2
fi

log=$root/build-evaluation/build.log
mkdir -p "${log%/*}"
"$root/scripts/build.sh" "$root/build" >"$log" 2>&1 || fail "the build failed, see $log"

export GST_PLUGIN_PATH=$root/build/gst${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH}
export GST_REGISTRY=$root/build-evaluation/gst-registry.bin
export DAN_FACE_MODEL=${DAN_FACE_MODEL:-$root/models/danface.dan}
exec python3 "$here/evaluate.py" "${options[@]}"
