#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build=$root/build

usage() {
  cat <<'END'
usage: examples/run.sh [OPTION...] [INPUT [OUTPUT]]
       examples/run.sh [OPTION...] --camera

Draws 68 landmarks on the faces of a picture or video, and writes them as JSON
lines beside it; or draws them on what a camera sees, in a window. First it
installs the Debian packages that are missing (with apt-get) and builds the
repository in build/.

  INPUT   a picture or video that GStreamer can read; without it the video of
          people who do not exist in tests/people
  OUTPUT  .png or .jpg for a picture; .mp4, .mkv or .webm for a video, with its
          sound; without it out/INPUT-landmarks.png or .mp4. The JSON lines go
          to the same name with .jsonl.

  --camera       shows a camera's video until its window is closed
  --source DESC  with --camera: the GStreamer element that is the camera, with
                 properties as in gst-launch-1.0; without it v4l2src
  --no-install   leaves the system's packages as they are
  --show         opens the result in a window afterwards
  -h, --help     prints this
END
}

fail() {
  printf 'run: %s\n' "$*" >&2
  exit 1
}

absolute() {
  realpath -ms -- "$1"
}

# --- arguments -----------------------------------------------------------

install=yes
show=no
camera=no
source=v4l2src
files=()
while (($#)); do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --no-install) install=no ;;
    --show) show=yes ;;
    --camera) camera=yes ;;
    --source)
      (($# > 1)) || fail '--source needs an element'
      shift; source=$1 ;;
    --) shift; files+=("$@"); break ;;
    -*) usage >&2; exit 2 ;;
    *) files+=("$1") ;;
  esac
  shift
done
if ((${#files[@]} > 2)) || [[ $camera == yes && ${#files[@]} -gt 0 ]]; then
  usage >&2
  exit 2
fi

input=${files[0]-}
output=${files[1]-}
[[ -n $input ]] || input=$root/tests/people/video.webm
[[ -e $input ]] || fail "there is no file '$input'"
[[ -f $input && -r $input ]] || fail "'$input' is not a file that can be read"
input=$(absolute "$input")
if [[ -n $output ]]; then
  [[ ! -d $output ]] || fail "OUTPUT '$output' is a folder; name a file in it"
  output=$(absolute "$output")
fi
if [[ $show$camera == *yes* && -z ${DISPLAY-}${WAYLAND_DISPLAY-} ]]; then
  fail '--show and --camera need a display (DISPLAY and WAYLAND_DISPLAY are not set)'
fi

# --- what is needed ------------------------------------------------------

if [[ $install == yes ]]; then
  sets=(build run)
  [[ $show$camera == nono ]] || sets+=(show)
  "$root/scripts/setup.sh" "${sets[@]}"
fi

echo "run: building in $build"
log=$(mktemp)
temporary=$(mktemp -d)
trap 'rm -rf "$temporary" "$log"' EXIT
if ! "$root/scripts/build.sh" "$build" >"$log" 2>&1; then
  cat "$log" >&2
  fail 'the build failed'
fi
[[ -f $build/gst/libgstdan.so && -x $build/tools/dan-align ]] ||
  fail "the plugin or dan-align was not built; see $build/meson-logs/meson-log.txt"

export GST_PLUGIN_PATH=$build/gst${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH}
# A cache of our own, so that the user's does not remember this build.
export GST_REGISTRY=$build/gst-registry.bin
export DAN_MODEL=${DAN_MODEL:-$root/models/dan68-lite.dan}
export DAN_FACE_MODEL=${DAN_FACE_MODEL:-$root/models/danface.dan}

# Tracking carries faces on from one search to the next.
detect=(danfacedetect interval=5)
align=("${detect[@]}" ! danalign draw=true)

# --- a camera ------------------------------------------------------------

if [[ $camera == yes ]]; then
  # Landmarks of the newest frame, not of all.
  exec gst-launch-1.0 -q $source ! queue leaky=downstream max-size-buffers=1 \
    ! videoconvert ! "${align[@]}" ! videoconvert ! autovideosink sync=false
fi

# --- what it is ----------------------------------------------------------

LC_ALL=C gst-discoverer-1.0 "$input" >"$log" 2>&1 || true
sound=no
if grep -q '^ *video(image) #' "$log"; then
  kind=picture extension=png
elif grep -q '^ *video #' "$log"; then
  kind=video extension=mp4
  ! grep -q '^ *audio #' "$log" || sound=yes
else
  cat "$log" >&2
  fail "'$input' is neither a picture nor a video that GStreamer can read"
fi

if [[ -z $output ]]; then
  name=$(basename -- "$input")
  output=$root/out/${name%.*}-landmarks.$extension
fi
extension=${output##*.}
extension=${extension,,}
[[ $output != "$input" ]] || fail 'OUTPUT would overwrite INPUT'

case $kind.$extension in
  picture.png) encode=(pngenc snapshot=true) ;;
  picture.jpg | picture.jpeg) encode=(jpegenc snapshot=true quality=92) ;;
  video.mp4 | video.m4v) muxer=mp4mux ;;&
  video.mkv) muxer=matroskamux ;;&
  video.webm) muxer=webmmux ;;&
  video.mp4 | video.m4v | video.mkv)
    # Not every player takes what x264enc makes of other chroma formats, and
    # 4:2:0 needs even sizes.
    encode=(videoscale add-borders=false
      ! 'video/x-raw,format=I420,width=(int)[2,32766,2],height=(int)[2,32766,2]'
      ! x264enc pass=qual quantizer=20 speed-preset=veryfast
      ! h264parse ! "$muxer" name=muxer)
    encode_sound=(avenc_aac) ;;
  video.webm)
    encode=(vp8enc end-usage=cq cq-level=12 deadline=1 cpu-used=4 target-bitrate=4000000
      threads=2 ! webmmux name=muxer)
    encode_sound=(audioresample ! opusenc) ;;
  picture.*) fail "OUTPUT of a picture must end in .png or .jpg, not '${output##*/}'" ;;
  *) fail "OUTPUT of a video must end in .mp4, .mkv or .webm, not '${output##*/}'" ;;
esac
landmarks=${output%.*}.jsonl
mkdir -p -- "$(dirname -- "$output")"

# --- the pipeline --------------------------------------------------------

# Under names of our own, neither side's file name has to survive gst-launch's
# quoting, and an output that fails halfway is not left behind.
ln -s "$input" "$temporary/input"

pipeline=(filesrc location="$temporary/input" ! decodebin name=decoder
  decoder. ! queue)
[[ $kind == picture ]] || pipeline+=(! progressreport update-freq=5)
pipeline+=(
  ! videoconvert ! videoflip video-direction=auto ! "${align[@]}"
  ! videoconvert ! queue ! "${encode[@]}"
  ! filesink location="$temporary/output")
[[ $sound == no ]] ||
  pipeline+=(decoder. ! queue ! audioconvert ! "${encode_sound[@]}" ! queue ! muxer.)

echo "run: drawing on $input, in short:"
echo "run:   gst-launch-1.0 filesrc ! decodebin ! videoconvert ! ${align[*]} ! ..."
if [[ $kind == picture ]]; then
  gst-launch-1.0 -q "${pipeline[@]}" || fail 'the pipeline failed'
else
  gst-launch-1.0 "${pipeline[@]}" | grep --line-buffered '^progressreport' ||
    fail 'the pipeline failed'
fi
[[ -s $temporary/output ]] || fail 'the pipeline wrote nothing'

echo 'run: writing the landmarks'
"$build/tools/dan-align" --detector "${detect[*]}" --format json \
  --output "$temporary/landmarks" "$input" || fail 'dan-align failed'

mv -f -- "$temporary/output" "$output"
mv -f -- "$temporary/landmarks" "$landmarks"

# --- the results ---------------------------------------------------------

echo "run: $(python3 - "$landmarks" <<'END'
import json, sys
faces = [len(json.loads(line)["faces"]) for line in open(sys.argv[1], encoding="utf-8")]
print(f"{sum(faces)} faces in {len(faces)} frames" if len(faces) != 1 else f"{faces[0]} face(s)")
END
)"
printf '\n  %-11s%s\n  %-11s%s\n' "$kind:" "$output" 'landmarks:' "$landmarks"

if [[ $show == yes ]]; then
  case $kind in
    picture) gst-launch-1.0 -q playbin uri="$(python3 -c \
      'import pathlib, sys; print(pathlib.Path(sys.argv[1]).as_uri())' "$output")" \
      video-sink='imagefreeze ! videoconvert ! autovideosink' ;;
    video) gst-play-1.0 --quiet "$output" ;;
  esac
elif [[ -n ${DISPLAY-}${WAYLAND_DISPLAY-} && -z ${CI-} ]]; then
  printf '\nrun: --show opens the result in a window\n'
fi
