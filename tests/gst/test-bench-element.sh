#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# test-bench-element.sh PROGRAM: it measures every format that it is asked for,
# and refuses wrong usage. How fast the element is, is not tested: that would
# fail on a busy machine.
set -eu

bench=$1

fail () {
  echo "FAILED: $1" >&2
  exit 1
}

run () {
  status=0
  output=$("$bench" "$@" 2>&1) || status=$?
}

run --size 161x121 --face 80 --starts 2 --repeat 2 --stages 1 --formats I420,BGRx,P010_10LE
[ "$status" -eq 0 ] || fail "status $status: $output"
for format in I420 BGRx P010_10LE; do
  # The core takes some time; the others are more or less than that.
  echo "$output" | awk -v f="$format" '$1 == f && NF == 6 && $2 > 0 && $3 > 0 { found = 1 }
    END { exit !found }' || fail "no line for $format: $output"
done

refuse () {
  expected=$1
  shift
  run "$@"
  [ "$status" -eq 2 ] || fail "status $status of $*: $output"
  case $output in
    *"$expected"*) ;;
    *) fail "$* is not explained by $expected: $output" ;;
  esac
}
refuse --size --size 100
refuse --size --size 100x99999
refuse --size --size 100x100x100
refuse --face --size 100x100 --face 101
refuse --repeat --repeat 0
refuse --starts --starts 0
refuse --formats --formats I421
refuse threads --threads -1
refuse --cpu-time --cpu-time --threads 2
refuse arguments extra

run --model /nonexistent.dan
[ "$status" -eq 1 ] || fail "status $status without a model: $output"
run --formats v210 --repeat 1
[ "$status" -eq 1 ] || fail "status $status with a format that the element does not take: $output"
