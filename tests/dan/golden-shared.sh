#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Golden vectors of real faces, which are not part of the repository: the folder
# ../shared beside it has them, or this is skipped.
set -euo pipefail

test_golden=$1 model=$2 root=$3
reference=$root/../shared/weights/reference.npz

skip() {
  echo "skipped: $1"
  exit 77
}

[[ -e $reference ]] || skip "there is no ../shared/weights/reference.npz"
for python in python3 /usr/bin/python3; do
  "$python" -c 'import numpy' 2>/dev/null && break
  python=
done
[[ -n $python ]] || skip 'no python3 with numpy'

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" "$root/tests/dan/reference.py" export-shared "$reference" "$folder/golden.bin"
"$test_golden" "$model" "$folder/golden.bin"
