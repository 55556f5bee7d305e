#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# devenv.sh MESON BUILD PICTURE: "meson devenv" finds tools, plugin and both models
# without an installation, and with nothing else set.
set -eu

lines=$(env -u DAN_MODEL -u DAN_FACE_MODEL -u GST_PLUGIN_PATH GST_REGISTRY="$2/devenv.registry" \
  "$1" devenv -C "$2" dan-align "$3")
case $lines in
  *'"landmarks"'*) ;;
  *) echo "no landmarks: $lines" >&2; exit 1 ;;
esac
