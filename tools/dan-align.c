/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* dan-align: the landmarks of the faces of pictures and videos. */

#include "aligner.h"
#include "detector.h"
#include "draw.h"
#include "finder.h"
#include "media.h"
#include "progress.h"
#include "sources.h"
#include "writer.h"

#include <string.h>
#include <unistd.h>

typedef struct {
  AlignerOptions aligner;
  gchar **boxes;
  gchar *detector;
  gchar *format;
  gchar *output;
  gchar *draw;
  gint max_faces;
  gboolean tracking;
  gboolean progress;
  gchar **inputs;
} Options;

typedef struct {
  const Options *options;
  Aligner aligner;
  Finder finder;
  GArray *boxes;                /* of GstDanFace; NULL: ask the detector */
  const gchar *detector;
  Writer *writer;
  Sources *sources;
  guint n_drawn;
} Run;

typedef struct {
  const gchar *name, *display;
  Media *media;
  Progress progress;
  guint64 n_refused;            /* frames with faces that got no landmarks */
} Input;

static gboolean
parse_options (Options * options, gint * argc, gchar *** argv,
    gint * exit_code)
{
  const GOptionEntry entries[] = {
    {"box", 'b', 0, G_OPTION_ARG_STRING_ARRAY, &options->boxes,
          "A face's box, in a video where it is at first; may be repeated",
        "X,Y,W,H"},
    {"detector", 'd', 0, G_OPTION_ARG_STRING, &options->detector,
          "The element that finds faces, with properties (default: "
        "danfacedetect)",
          "ELEMENT"},
    {"max-faces", 0, 0, G_OPTION_ARG_INT, &options->max_faces,
          "At most so many faces a frame, tracked ones first, then the largest "
          "(default 0: all)", "N"},
    {"no-tracking", 0, G_OPTION_FLAG_REVERSE, G_OPTION_ARG_NONE,
        &options->tracking, "Take each frame of a video for itself", NULL},
    {"format", 'f', 0, G_OPTION_ARG_STRING, &options->format,
        "json (one object a frame and line; default), csv or pts", "FORMAT"},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
        "Write there; for pts a folder (default: standard output)", "PATH"},
    {"draw", 0, 0, G_OPTION_ARG_FILENAME, &options->draw,
          "Also draw the landmarks; a video or several inputs give "
          "FILE-000001.png and so on", "FILE.png"},
    {"progress", 0, 0, G_OPTION_ARG_NONE, &options->progress,
        "Show progress even if standard error is no terminal", NULL},
    {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->inputs,
        NULL, NULL},
    G_OPTION_ENTRY_NULL
  };

  return aligner_options_parse (&options->aligner, entries, "INPUT...",
      "Finds the landmarks of the faces of pictures and videos.", argc, argv,
      exit_code);
}

static gboolean
check_options (const Options * options, GError ** error)
{
  const gchar *reason = NULL;

  if (!options->inputs)
    reason = "no input is named";
  else if (options->boxes && options->detector)
    reason = "--box and --detector exclude each other";
  else if (options->max_faces < 0)
    reason = "--max-faces must not be negative";
  else if (options->draw && !g_str_has_suffix (options->draw, ".png"))
    reason = "--draw writes PNG files: its name must end in .png "
        "(for a video, use the element danalign with draw=true)";
  if (reason)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        reason);
  return !reason;
}

static GArray *
parse_boxes (gchar ** texts, GError ** error)
{
  GArray *boxes = g_array_new (FALSE, FALSE, sizeof (GstDanFace));

  for (; *texts; texts++) {
    GstDanFace face;

    if (!detector_parse_box (*texts, &face, error)) {
      g_array_unref (boxes);
      return NULL;
    }
    g_array_append_val (boxes, face);
  }
  return boxes;
}

static void
run_clear (Run * run)
{
  g_clear_pointer (&run->boxes, g_array_unref);
  g_clear_pointer (&run->sources, sources_free);
  finder_close (&run->finder);
  aligner_close (&run->aligner);
}

static Sources *
list_sources (const Options * options)
{
  Sources *sources = sources_new ();

  sources_add (sources, options->aligner.model);
  for (gchar ** input = options->inputs; *input; input++)
    sources_add (sources, *input);
  return sources;
}

/* Nobody else's face comes to those that are given. */
static guint
max_faces (const Run * run)
{
  const guint n = run->options->max_faces;

  if (!run->boxes)
    return n;
  return n > 0 ? MIN (n, run->boxes->len) : run->boxes->len;
}

static gboolean
run_open (Run * run, const Options * options, GError ** error)
{
  run->options = options;
  if (!check_options (options, error))
    return FALSE;
  if (!options->boxes)
    run->detector = options->detector ? options->detector : "danfacedetect";
  else if (!(run->boxes = parse_boxes (options->boxes, error)))
    return FALSE;
  if (!aligner_open (&run->aligner, &options->aligner, error))
    return FALSE;
  finder_open (&run->finder, &run->aligner, max_faces (run));
  run->sources = list_sources (options);
  if (!sources_spared (run->sources, options->output, error))
    return FALSE;
  run->writer = writer_open (options->format ? options->format : "json",
      options->output, run->aligner.model, error);
  return run->writer != NULL;
}

/* FALSE: not all of @faces got landmarks, and *@error says why. */
static gboolean
find_landmarks (Run * run, const MediaFrame * frame, gboolean picture,
    const GArray * faces, GError ** error)
{
  DanImage image = media_frame_image (frame);
  gboolean placed = TRUE;

  if (picture || !run->options->tracking)
    return finder_align (&run->finder, &image, faces, error);
  /* The tracker says nothing of boxes that no face can be placed in. */
  if (run->boxes && frame->index == 0)
    placed = finder_align (&run->finder, &image, faces, error);
  return finder_track (&run->finder, &image, frame->time, faces,
      placed ? error : NULL) && placed;
}

static gboolean
draw_frame (Run * run, const MediaFrame * frame, gboolean numbered,
    GError ** error)
{
  const gchar *name = run->options->draw;
  g_autofree gchar *stem = g_strndup (name, strlen (name) - strlen (".png"));
  g_autofree gchar *numbered_name = g_strdup_printf ("%s-%06u.png", stem,
      ++run->n_drawn);

  if (numbered)
    name = numbered_name;
  return sources_spared (run->sources, name, error)
      && draw_png (frame, (const FoundFace *) run->finder.found->data,
      run->finder.found->len, run->aligner.model, name, error);
}

static gboolean
write_frame (Run * run, const gchar * input, const MediaFrame * frame,
    gboolean picture, GError ** error)
{
  gboolean numbered = !picture || run->options->inputs[1] != NULL;
  FoundFrame record = {
    .file = input,
    .picture = picture,
    .index = frame->index,
    .time = frame->time,
    .width = GST_VIDEO_FRAME_WIDTH (&frame->video),
    .height = GST_VIDEO_FRAME_HEIGHT (&frame->video),
    .faces = (const FoundFace *) run->finder.found->data,
    .n_faces = run->finder.found->len,
  };

  return writer_write (run->writer, &record, error)
      && (!run->options->draw || draw_frame (run, frame, numbered, error));
}

/* FALSE: the output cannot be written. */
static gboolean
process_frame (Run * run, Input * input, const MediaFrame * frame,
    GError ** error)
{
  gboolean picture = media_is_picture (input->media);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GArray) faces = run->boxes ? g_array_ref (run->boxes)
      : detector_faces (frame->video.buffer);

  /* The same box is likely refused in every frame: once is enough. */
  if (!find_landmarks (run, frame, picture, faces, &reason)
      && input->n_refused++ == 0) {
    progress_end (&input->progress);
    complain ("%s: frame %" G_GUINT64_FORMAT ": %s", input->display,
        frame->index, reason->message);
  }
  if (picture && !reason && run->finder.found->len == 0)
    complain ("%s: no face was found", input->display);
  return write_frame (run, input->name, frame, picture, error);
}

/* TRUE: all of the input's frames and faces were handled. */
static gboolean
process_frames (Run * run, Input * input, GError ** error)
{
  MediaFrame frame;
  gboolean written = TRUE;

  /* On one terminal the landmarks themselves show the progress. */
  if (run->options->progress || run->options->output
      || !isatty (STDOUT_FILENO))
    progress_start (&input->progress, "frames", run->options->progress);
  while (written && media_next (input->media, &frame, error)) {
    written = process_frame (run, input, &frame, error);
    progress_update (&input->progress, frame.index + 1,
        media_fraction (input->media, &frame));
    media_frame_clear (&frame);
  }
  progress_end (&input->progress);
  if (input->n_refused > 1)
    complain ("%s: faces were refused in %" G_GUINT64_FORMAT " frames",
        input->display, input->n_refused);
  return input->n_refused == 0;
}

/* TRUE if nothing went wrong; else it has been reported. */
static gboolean
process_input (Run * run, const gchar * name)
{
  g_autofree gchar *display = g_filename_display_name (name);
  g_autoptr (GError) error = NULL;
  Input input = {
    .name = name,
    .display = display,
    .media = media_open (name, run->detector, &error),
  };
  gboolean complete = FALSE;

  finder_forget (&run->finder);
  if (input.media)
    complete = process_frames (run, &input, &error);
  media_close (input.media);
  if (error)
    complain ("%s: %s", display, error->message);
  return complete && !error;
}

static gint
run_all (const Options * options)
{
  Run run = { 0 };
  GError *error = NULL;
  gint code = EXIT_CODE_OK;

  if (run_open (&run, options, &error)) {
    for (gchar ** input = options->inputs; *input; input++)
      if (!process_input (&run, *input))
        code = EXIT_CODE_FAILED;
    if (!writer_close (run.writer, &error))
      code = exit_code_of (error);
  } else {
    code = exit_code_of (error);
  }
  run_clear (&run);
  return code;
}

int
main (int argc, char **argv)
{
  Options options = { .tracking = TRUE };
  gint code;

  if (parse_options (&options, &argc, &argv, &code))
    code = run_all (&options);
  aligner_options_clear (&options.aligner);
  g_strfreev (options.boxes);
  g_free (options.detector);
  g_free (options.format);
  g_free (options.output);
  g_free (options.draw);
  g_strfreev (options.inputs);
  return code;
}
