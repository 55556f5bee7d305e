/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* dan-align: the landmarks of the faces of pictures and videos. */

#include "aligner.h"
#include "draw.h"
#include "media.h"
#include "progress.h"
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
  gboolean progress;
  gchar **inputs;
} Options;

typedef struct {
  const Options *options;
  Aligner aligner;
  GArray *boxes;                /* of DanBox; NULL: ask the detector */
  const gchar *detector;
  Writer *writer;
  guint n_drawn;
  /* Of the current frame, kept for their memory. */
  GArray *faces;                /* of DanFace */
  GArray *points;               /* of DanPoint */
  GArray *found;                /* of FoundFace */
} Run;

static gboolean
parse_options (Options * options, gint * argc, gchar *** argv,
    gint * exit_code)
{
  const GOptionEntry entries[] = {
    {"box", 'b', 0, G_OPTION_ARG_STRING_ARRAY, &options->boxes,
        "A face's box in every frame; may be repeated", "X,Y,W,H"},
    {"detector", 'd', 0, G_OPTION_ARG_STRING, &options->detector,
          "The element that finds faces, with properties (default: facedetect)",
          "ELEMENT"},
    {"max-faces", 0, 0, G_OPTION_ARG_INT, &options->max_faces,
        "At most so many faces a frame, the largest (default 0: all)", "N"},
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
  GArray *boxes = g_array_new (FALSE, FALSE, sizeof (DanBox));

  for (; *texts; texts++) {
    DanBox box;

    if (!box_parse (*texts, &box, error)) {
      g_array_unref (boxes);
      return NULL;
    }
    g_array_append_val (boxes, box);
  }
  return boxes;
}

static void
run_clear (Run * run)
{
  g_clear_pointer (&run->boxes, g_array_unref);
  g_clear_pointer (&run->faces, g_array_unref);
  g_clear_pointer (&run->points, g_array_unref);
  g_clear_pointer (&run->found, g_array_unref);
  aligner_close (&run->aligner);
}

static gboolean
run_open (Run * run, const Options * options, GError ** error)
{
  DanBoxMap map = DAN_BOX_MAP_LANDMARKS;

  run->options = options;
  if (!check_options (options, error))
    return FALSE;
  if (options->boxes) {
    if (!(run->boxes = parse_boxes (options->boxes, error)))
      return FALSE;
  } else {
    run->detector = options->detector ? options->detector : "facedetect";
    if (g_str_has_prefix (run->detector, "facedetect"))
      map = DAN_BOX_MAP_HAAR;
  }
  if (!aligner_open (&run->aligner, &options->aligner, map, error))
    return FALSE;
  run->faces = g_array_new (FALSE, TRUE, sizeof (DanFace));
  run->points = g_array_new (FALSE, TRUE, sizeof (DanPoint));
  run->found = g_array_new (FALSE, TRUE, sizeof (FoundFace));
  run->writer = writer_open (options->format ? options->format : "json",
      options->output, run->aligner.model, error);
  return run->writer != NULL;
}

/* Fills run->found with the faces that got landmarks. FALSE: some got none,
 * and *@error says why the first did not. */
static gboolean
align_frame (Run * run, const MediaFrame * frame, GError ** error)
{
  g_autoptr (GArray) boxes = run->boxes ? g_array_ref (run->boxes)
      : media_frame_faces (frame);
  guint n_points = dan_model_n_points (run->aligner.model);
  guint n = boxes->len;
  DanImage image = media_frame_image (frame);
  DanError reason;

  if (run->options->max_faces > 0)
    n = MIN (n, (guint) run->options->max_faces);
  g_array_set_size (run->faces, n);
  g_array_set_size (run->points, n * n_points);
  g_array_set_size (run->found, 0);
  if (n == 0)
    return TRUE;

  for (guint i = 0; i < n; i++)
    g_array_index (run->faces, DanFace, i) = (DanFace) {
      .box = dan_box_map (g_array_index (boxes, DanBox, i), run->aligner.map),
      .landmarks = &g_array_index (run->points, DanPoint, i * n_points),
      .status = DAN_ERROR_ARGUMENT,
    };
  dan_align (run->aligner.context, &image, (DanFace *) run->faces->data, n,
      &reason);
  for (guint i = 0; i < n; i++) {
    const DanFace *face = &g_array_index (run->faces, DanFace, i);
    FoundFace found = { i, g_array_index (boxes, DanBox, i), face->landmarks,
      face->confidence };

    if (face->status == DAN_OK)
      g_array_append_val (run->found, found);
  }
  if (run->found->len < n) {
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
        reason.message);
    return FALSE;
  }
  return TRUE;
}

static gboolean
draw_frame (Run * run, const MediaFrame * frame, gboolean numbered,
    GError ** error)
{
  const gchar *name = run->options->draw;
  g_autofree gchar *stem = g_strndup (name, strlen (name) - strlen (".png"));
  g_autofree gchar *numbered_name = g_strdup_printf ("%s-%06u.png", stem,
      ++run->n_drawn);

  return draw_png (frame, (const FoundFace *) run->found->data,
      run->found->len, run->aligner.model, numbered ? numbered_name : name,
      error);
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
    .faces = (const FoundFace *) run->found->data,
    .n_faces = run->found->len,
  };

  return writer_write (run->writer, &record, error)
      && (!run->options->draw || draw_frame (run, frame, numbered, error));
}

/* TRUE: all of the input's frames and faces were handled. */
static gboolean
process_frames (Run * run, const gchar * input, const gchar * display,
    Media * media, GError ** error)
{
  MediaFrame frame;
  Progress progress = { 0 };
  guint64 n_refused = 0;
  gboolean written = TRUE;

  /* On one terminal the landmarks themselves show the progress. */
  if (run->options->progress || run->options->output
      || !isatty (STDOUT_FILENO))
    progress_start (&progress, "frames", run->options->progress);
  while (written && media_next (media, &frame, error)) {
    g_autoptr (GError) reason = NULL;
    gboolean picture = media_is_picture (media);

    /* The same box is likely refused in every frame: once is enough. */
    if (!align_frame (run, &frame, &reason) && n_refused++ == 0) {
      progress_end (&progress);
      complain ("%s: frame %" G_GUINT64_FORMAT ": %s", display, frame.index,
          reason->message);
    }
    if (picture && !reason && run->found->len == 0)
      complain ("%s: no face was found", display);
    written = write_frame (run, input, &frame, picture, error);
    progress_update (&progress, frame.index + 1,
        media_fraction (media, &frame));
    media_frame_clear (&frame);
  }
  progress_end (&progress);
  if (n_refused > 1)
    complain ("%s: faces were refused in %" G_GUINT64_FORMAT " frames",
        display, n_refused);
  return n_refused == 0;
}

/* TRUE if nothing went wrong; else it has been reported. */
static gboolean
process_input (Run * run, const gchar * input)
{
  g_autofree gchar *display = g_filename_display_name (input);
  g_autoptr (GError) error = NULL;
  Media *media = media_open (input, run->detector, &error);
  gboolean complete = FALSE;

  if (media)
    complete = process_frames (run, input, display, media, &error);
  media_close (media);
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
  Options options = { 0 };
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
