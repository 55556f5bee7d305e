#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The element as a user meets it: gst-inspect-1.0 and gst-launch-1.0.
set -eu

fail () {
  echo "FAILED: $1" >&2
  exit 1
}

inspect=$(gst-inspect-1.0 danalign)
for word in "Facial landmarks" "GstVideoFilter" "enabled" "model" "threads" \
    "stages" "passes" "roi-types" "region" "max-faces" "recurrent" "min-confidence" "box-scale-x" "box-offset-y" \
    "draw-contours" "point-color" "draw-size" "message" "keypoints" \
    "changeable in NULL, READY, PAUSED or PLAYING state" \
    "changeable only in NULL or READY state" "controllable" "haar" \
    "P010_10LE" "meta:GstVideoOverlayComposition"; do
  case $inspect in
    *"$word"*) ;;
    *) fail "gst-inspect-1.0 does not say \"$word\"" ;;
  esac
done

messages=$(gst-launch-1.0 -m videotestsrc num-buffers=3 ! \
    danalign region=100,60,120,120 draw=true message=true ! fakesink)
n=$(echo "$messages" | grep -c "danalign, width=(int)320")
[ "$n" -eq 3 ] || fail "$n messages for 3 frames"

errors=$(gst-launch-1.0 videotestsrc num-buffers=1 ! \
    danalign model=/nonexistent.dan ! fakesink 2>&1) && fail "ran without a model"
case $errors in
  *"/nonexistent.dan"*) ;;
  *) fail "the missing model is not named: $errors" ;;
esac
