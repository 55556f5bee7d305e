#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Golden vectors of real faces, by a network that the training framework ran.
# Neither is part of the repository: the folder ../shared beside it has them, or
# this is skipped.
set -euo pipefail

test_golden=$1 root=$2
weights=$root/../shared/weights/dan68-half.npz
reference=$root/../shared/weights/reference.npz

skip() {
  echo "skipped: $1"
  exit 77
}

for file in "$weights" "$reference"; do
  [[ -e $file ]] || skip "there is no ../shared/weights/${file##*/}"
done
for python in python3 /usr/bin/python3; do
  "$python" -c 'import numpy' 2>/dev/null && break
  python=
done
[[ -n $python ]] || skip 'no python3 with numpy'

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" "$root/models/convert.py" --name golden --licence none "$weights" "$folder/golden.dan"
"$python" "$root/tests/dan/reference.py" export-shared "$reference" "$folder/golden.bin"
"$test_golden" "$folder/golden.dan" "$folder/golden.bin"
