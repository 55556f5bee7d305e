#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# install.sh BUILD PREFIX MODEL FACE_MODEL: after `meson install`, a program that
# knows nothing but pkg-config's answers compiles, runs and opens the models.
set -euo pipefail

build=$1 prefix=$2 model=$3 face_model=$4

# Into a staging folder, so that no right to write to the prefix is needed.
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
DESTDIR=$stage meson install -C "$build" --no-rebuild --quiet

# --- libdan --------------------------------------------------------------

pkgconfig=$(dirname "$(find "$stage$prefix" -name dan.pc)")
library=$(dirname "$pkgconfig")
ask() {
  PKG_CONFIG_PATH=$pkgconfig pkg-config --define-variable=prefix="$stage$prefix" "$@" dan
}

cat >"$stage/consumer.c" <<'END'
#include <dan/dan.h>
#include <stdio.h>
#include <string.h>

/* Whether the installation takes the model from @installed, which is at @path. */
static int
check (const char *chosen, const char *installed, const char *path)
{
  DanModel *model = NULL;
  DanError error;

  if (strcmp (chosen, installed) != 0) {
    printf ("the default model is %s, not %s\n", chosen, installed);
    return 0;
  }
  if (dan_model_open (&model, path, &error) != DAN_OK) {
    printf ("%s\n", error.message);
    return 0;
  }
  printf ("libdan %s, %s: %zu points\n", dan_version (), dan_model_name (model),
      dan_model_n_points (model));
  dan_model_close (&model);
  return 1;
}

int
main (int argc, char **argv)
{
  return argc != 5 || !check (dan_default_model_path (), argv[1], argv[2])
      || !check (dan_default_detector_path (), argv[3], argv[4]);
}
END
read -ra cflags <<<"$(ask --cflags)"
read -ra libs <<<"$(ask --libs)"
${CC:-cc} -Wall -Werror "${cflags[@]}" "$stage/consumer.c" -o "$stage/consumer" "${libs[@]}"
consume=(env -u DAN_MODEL -u DAN_FACE_MODEL LD_LIBRARY_PATH="$library" "$stage/consumer"
  "$model" "$stage$model" "$face_model" "$stage$face_model")
"${consume[@]}"

version=$(ask --modversion)
"${consume[@]}" | grep -qF "libdan $version," || {
  echo "pkg-config's version is $version"
  exit 1
}

# --- the plugin and the tools --------------------------------------------

if plugin=$(find "$stage$prefix" -name libgstdan.so | grep .) && command -v gst-inspect-1.0 >/dev/null; then
  GST_PLUGIN_PATH=$(dirname "$plugin") GST_REGISTRY=$stage/registry.bin \
    LD_LIBRARY_PATH=$library gst-inspect-1.0 danalign >"$stage/inspect"
  grep -q "Filename *$plugin" "$stage/inspect"
  [[ -f $stage$prefix/include/gst/dan/gstdanmeta.h ]]
fi
for tool in dan-align dan-eval dan-bench; do
  [[ ! -x $stage$prefix/bin/$tool ]] ||
    LD_LIBRARY_PATH=$library "$stage$prefix/bin/$tool" --help >/dev/null
done
