/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* dan-eval: how well a model does on annotated faces. */

#include "aligner.h"
#include "ced.h"
#include "csv.h"
#include "dataset.h"
#include "measures.h"
#include "media.h"
#include "progress.h"
#include "report.h"
#include "sources.h"
#include "start-noise.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <glib/gstdio.h>

typedef struct {
  AlignerOptions aligner;
  gchar *data;
  gchar *box;
  gchar *ced;
  gchar *per_face;
  gchar *start_noise;
  gint seed;
  gint repeat;
  gint limit;
  gboolean json;
  gboolean progress;
} Options;

typedef struct {
  const Options *options;
  Aligner aligner;
  GPtrArray *annotations;       /* of Annotation */
  GArray *errors;               /* of FaceErrors */
  FILE *per_face;
  StartNoise noise;             /* if the options name any */
  guint n_skipped;
  gdouble seconds;
  /* The picture that was decoded last: faces of one follow each other. */
  const gchar *path;
  gboolean decoded;
  MediaFrame frame;
} Evaluation;

static gboolean
parse_options (Options * options, gint * argc, gchar *** argv,
    gint * exit_code)
{
  const GOptionEntry entries[] = {
    {"data", 0, 0, G_OPTION_ARG_FILENAME, &options->data,
          "The annotated faces: image,x0,y0,...,x67,y67 (required)",
          "SET.csv"},
    {"box", 'b', 0, G_OPTION_ARG_FILENAME, &options->box,
          "Where to start: tight, the box of the annotation (default), or a "
          "file image,x,y,width,height[,roll] in the same order",
        "tight|FILE.csv"},
    {"start-noise", 0, 0, G_OPTION_ARG_STRING, &options->start_noise,
          "Move, scale and rotate the start at random: standard deviations, "
          "fractions of the box and degrees", "SHIFT,SCALE,DEGREES"},
    {"seed", 0, 0, G_OPTION_ARG_INT, &options->seed,
        "Of the noise (default 0)", "N"},
    {"repeat", 0, 0, G_OPTION_ARG_INT, &options->repeat,
        "Noisy starts for each face (default 1)", "N"},
    {"ced", 0, 0, G_OPTION_ARG_FILENAME, &options->ced,
        "Draw the cumulative error distribution", "FILE.svg"},
    {"per-face", 0, 0, G_OPTION_ARG_FILENAME, &options->per_face,
        "Write every face's errors and landmarks", "FILE.csv"},
    {"limit", 0, 0, G_OPTION_ARG_INT, &options->limit,
        "Stop after so many faces (default 0: all)", "N"},
    {"json", 0, 0, G_OPTION_ARG_NONE, &options->json,
        "Print one JSON object; errors are fractions, not per cent", NULL},
    {"progress", 0, 0, G_OPTION_ARG_NONE, &options->progress,
        "Show progress even if standard error is no terminal", NULL},
    G_OPTION_ENTRY_NULL
  };

  return aligner_options_parse (&options->aligner, entries, NULL,
      "Measures a model's landmarks against annotated faces.", argc, argv,
      exit_code);
}

static gboolean
check_options (const Options * options, gint argc, GError ** error)
{
  const gchar *reason = NULL;

  if (argc > 1)
    reason = "too many arguments";
  else if (!options->data)
    reason = "--data is missing";
  else if (options->limit < 0)
    reason = "--limit must not be negative";
  else if (options->repeat < 1)
    reason = "--repeat must be at least 1";
  else if (options->ced && !g_str_has_suffix (options->ced, ".svg"))
    reason = "--ced writes an SVG file: its name must end in .svg";
  else if (options->repeat > 1 && !options->start_noise)
    reason = "--repeat needs --start-noise: without, all starts are the same";
  if (reason)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        reason);
  return !reason;
}

static gboolean
check_scheme (const DanModel * model, GError ** error)
{
  if (strcmp (dan_model_scheme (model), PARTS_SCHEME) == 0
      && dan_model_n_points (model) == PARTS_N_POINTS)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
      "the model %s finds %" G_GSIZE_FORMAT " points of the scheme %s, but the "
      "measures are defined for %s", dan_model_name (model),
      dan_model_n_points (model), dan_model_scheme (model), PARTS_SCHEME);
  return FALSE;
}

static gboolean
fail_per_face (const gchar * name, GError ** error)
{
  gint code = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
      "%s cannot be written: %s", name, g_strerror (code));
  return FALSE;
}

static gboolean
open_per_face (Evaluation * eval, const gchar * name, GError ** error)
{
  if (!(eval->per_face = g_fopen (name, "w")))
    return fail_per_face (name, error);
  fputs ("image,nme_inter_ocular,nme_inter_pupil,nme_diagonal,confidence,"
      "expected_error", eval->per_face);
  for (guint k = 0; k < PARTS_N_POINTS; k++)
    fprintf (eval->per_face, ",x%u,y%u", k, k);
  fputc ('\n', eval->per_face);
  return TRUE;
}

static gboolean
close_per_face (Evaluation * eval, GError ** error)
{
  FILE *file = g_steal_pointer (&eval->per_face);
  gboolean failed;

  if (!file)
    return TRUE;
  failed = ferror (file);
  if (fclose (file) != 0 || failed)
    return fail_per_face (eval->options->per_face, error);
  return TRUE;
}

static void
write_per_face (Evaluation * eval, const Annotation * annotation,
    const FaceErrors * errors, const DanFace * face)
{
  const DanPoint *points = face->landmarks;
  g_autofree gchar *image = csv_quote (annotation->image);

  fputs (image, eval->per_face);
  for (guint i = 0; i < N_NORMS; i++)
    fprintf (eval->per_face, ",%.6f", errors->nme[i]);
  if (face->confidence < 0)
    fputs (",,", eval->per_face);
  else
    fprintf (eval->per_face, ",%.6f,%.6f", face->confidence,
        face->expected_error);
  for (guint k = 0; k < PARTS_N_POINTS; k++)
    fprintf (eval->per_face, ",%.3f,%.3f", points[k].x, points[k].y);
  fputc ('\n', eval->per_face);
}

/* FALSE: what is read would be overwritten. */
static gboolean
spare_sources (const Options * options, GError ** error)
{
  Sources *sources = sources_new ();
  gboolean spared;

  sources_add (sources, options->data);
  sources_add (sources, options->box);
  sources_add (sources, options->aligner.model);
  spared = sources_spared (sources, options->per_face, error)
      && sources_spared (sources, options->ced, error);
  sources_free (sources);
  return spared;
}

static gboolean
evaluation_open (Evaluation * eval, const Options * options, GError ** error)
{
  eval->options = options;
  eval->errors = g_array_new (FALSE, FALSE, sizeof (FaceErrors));
  if (options->start_noise
      && !start_noise_parse (options->start_noise, &eval->noise, error))
    return FALSE;
  if (!aligner_open (&eval->aligner, &options->aligner, error)
      || !check_scheme (eval->aligner.model, error))
    return FALSE;
  eval->annotations = dataset_read (options->data, PARTS_N_POINTS,
      options->limit, error);
  if (!eval->annotations)
    return FALSE;
  if (options->box && strcmp (options->box, "tight") != 0
      && !dataset_read_boxes (eval->annotations, options->box, error))
    return FALSE;
  if (!spare_sources (options, error))
    return FALSE;
  return !options->per_face || open_per_face (eval, options->per_face, error);
}

static void
drop_picture (Evaluation * eval)
{
  if (eval->decoded)
    media_frame_clear (&eval->frame);
  eval->decoded = FALSE;
  eval->path = NULL;
}

static void
evaluation_close (Evaluation * eval)
{
  drop_picture (eval);
  close_per_face (eval, NULL);
  g_clear_pointer (&eval->annotations, g_ptr_array_unref);
  g_array_unref (eval->errors);
  aligner_close (&eval->aligner);
}

/* Decodes @path unless it is the last one. A picture that failed is not
 * tried again for its next face. */
static gboolean
load_picture (Evaluation * eval, const gchar * path, GError ** error)
{
  Media *media;

  if (eval->path && strcmp (eval->path, path) == 0) {
    if (!eval->decoded)
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
          "%s: not decoded, as before", path);
    return eval->decoded;
  }
  drop_picture (eval);
  eval->path = path;
  if ((media = media_open (path, NULL, error)))
    eval->decoded = media_next (media, &eval->frame, error);
  media_close (media);
  if (!eval->decoded)
    g_prefix_error (error, "%s: ", path);
  return eval->decoded;
}

/* The same for a face and a draw, whatever else is evaluated. */
static void
draw_start (const Evaluation * eval, guint index, guint draw, DanBox box,
    DanPoint * shape)
{
  const guint32 seed[] = { eval->options->seed, index, draw };
  GRand *rand = g_rand_new_with_seed_array (seed, G_N_ELEMENTS (seed));

  start_noise_place (&eval->noise, rand, box,
      dan_model_mean_shape (eval->aligner.model), shape, PARTS_N_POINTS);
  g_rand_free (rand);
}

static gboolean
evaluate_face (Evaluation * eval, guint index, guint draw, GError ** error)
{
  const Annotation *annotation = g_ptr_array_index (eval->annotations, index);
  DanPoint points[PARTS_N_POINTS];
  DanFace face = {
    .box = aligner_map_box (&eval->aligner, annotation->box, TRUE),
    .roll = annotation->roll,
    .landmarks = points,
  };
  FaceErrors errors;
  DanError reason;
  DanImage image;
  gint64 start;

  if (!load_picture (eval, annotation->path, error))
    return FALSE;
  if (eval->options->start_noise) {
    draw_start (eval, index, draw, face.box, points);
    face.shape = points;
  }
  image = media_frame_image (&eval->frame);
  start = g_get_monotonic_time ();
  if (dan_align (eval->aligner.context, &image, &face, 1, &reason) != DAN_OK) {
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
        reason.message);
    return FALSE;
  }
  eval->seconds += (g_get_monotonic_time () - start)
      / (gdouble) G_TIME_SPAN_SECOND;
  if (!measure_face (annotation->points, points, &errors)) {
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
        "the annotated eyes coincide");
    return FALSE;
  }
  errors.expected = face.expected_error;
  g_array_append_val (eval->errors, errors);
  if (eval->per_face)
    write_per_face (eval, annotation, &errors, &face);
  return TRUE;
}

static void
evaluate_all (Evaluation * eval)
{
  const guint n_draws = eval->options->repeat;
  const guint n = eval->annotations->len * n_draws;
  Progress progress;

  progress_start (&progress, "faces", eval->options->progress);
  for (guint i = 0; i < n; i++) {
    g_autoptr (GError) error = NULL;

    if (!evaluate_face (eval, i / n_draws, i % n_draws, &error)) {
      const Annotation *annotation = g_ptr_array_index (eval->annotations,
          i / n_draws);

      progress_end (&progress);
      complain ("%s, line %u: %s", eval->options->data, annotation->line,
          error->message);
      eval->n_skipped++;
    }
    progress_update (&progress, i + 1, (i + 1.) / n);
  }
  progress_end (&progress);
}

static gboolean
report_results (Evaluation * eval, GError ** error)
{
  const Options *options = eval->options;
  g_autofree gchar *data = g_filename_display_basename (options->data);
  Report report = {
    .data = data,
    .model = dan_model_name (eval->aligner.model),
    .kernels = dan_context_kernels (eval->aligner.context),
    .n_skipped = eval->n_skipped,
    .seconds = eval->seconds,
  };
  g_autofree gchar *title = g_strdup_printf ("%s, %s", data, report.model);

  if (eval->errors->len == 0) {
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
        "no face could be measured");
    return FALSE;
  }
  measure_all (eval->errors, &report.summary);
  if (options->json)
    report_print_json (&report);
  else
    report_print_text (&report);
  return close_per_face (eval, error) && (!options->ced
      || ced_write (eval->errors, &report.summary, title, options->ced, error));
}

static gint
run (const Options * options, gint argc)
{
  Evaluation eval = { 0 };
  GError *error = NULL;
  gint code = EXIT_CODE_OK;

  if (!check_options (options, argc, &error))
    return exit_code_of (error);
  if (evaluation_open (&eval, options, &error)) {
    evaluate_all (&eval);
    if (eval.n_skipped > 0)
      code = EXIT_CODE_FAILED;
    report_results (&eval, &error);
  }
  if (error)
    code = exit_code_of (error);
  evaluation_close (&eval);
  return code;
}

int
main (int argc, char **argv)
{
  Options options = { .repeat = 1 };
  gint code;

  if (parse_options (&options, &argc, &argv, &code))
    code = output_finish (run (&options, argc));
  aligner_options_clear (&options.aligner);
  g_free (options.data);
  g_free (options.box);
  g_free (options.ced);
  g_free (options.per_face);
  g_free (options.start_noise);
  return code;
}
