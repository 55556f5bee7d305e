/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "report.h"

#include "json-fields.h"

#include <math.h>

static const struct
{
  const gchar *label, *mean_key, *median_key;
} norms[N_NORMS] = {
  [NORM_INTER_OCULAR] = {"inter-ocular", "nme_inter_ocular",
      "median_inter_ocular"},
  [NORM_INTER_PUPIL] = {"inter-pupil", "nme_inter_pupil",
      "median_inter_pupil"},
  [NORM_DIAGONAL] = {"diagonal", "nme_diagonal", "median_diagonal"},
};

static gdouble
faces_per_second (const Report * report)
{
  return report->seconds > 0 ? report->summary.n_faces / report->seconds : 0;
}

void
report_print_text (const Report * report)
{
  const Summary *s = &report->summary;

  g_print ("%s, model %s: %u faces", report->data, report->model, s->n_faces);
  if (report->n_skipped > 0)
    g_print (" (%u more could not be measured)", report->n_skipped);
  g_print ("\n\nNME             mean     median\n");
  for (guint i = 0; i < N_NORMS; i++)
    g_print ("  %-12s %6.3f %%  %6.3f %%\n", norms[i].label,
        100 * s->mean[i], 100 * s->median[i]);
  g_print ("\nOf the inter-ocular errors\n");
  g_print ("  AUC_%g      %6.4f\n", MEASURES_LIMIT, s->auc);
  g_print ("  failures     %6.3f %% (above %g)\n", 100 * s->failures,
      MEASURES_LIMIT);
  if (!isnan (s->expected_correlation))
    g_print ("  Spearman     %6.3f  (with what the network expected)\n",
        s->expected_correlation);
  g_print ("\nParts, inter-ocular\n");
  for (guint i = 0; i < N_PARTS; i++)
    g_print ("  %-12s %6.3f %%\n", parts[i].name, 100 * s->parts[i]);
  g_print ("\n%.1f faces/s (alignment alone, %s kernels)\n",
      faces_per_second (report), report->kernels);
}

void
report_print_json (const Report * report)
{
  const Summary *s = &report->summary;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree gchar *text = NULL;

  json_builder_begin_object (builder);
  add_text (builder, "data", report->data);
  add_text (builder, "model", report->model);
  add_text (builder, "kernels", report->kernels);
  add_count (builder, "faces", s->n_faces);
  add_count (builder, "skipped", report->n_skipped);
  for (guint i = 0; i < N_NORMS; i++)
    add_number (builder, norms[i].mean_key, s->mean[i]);
  for (guint i = 0; i < N_NORMS; i++)
    add_number (builder, norms[i].median_key, s->median[i]);
  add_number (builder, "auc_008", s->auc);
  add_number (builder, "failure_008", s->failures);
  if (!isnan (s->expected_correlation))
    add_number (builder, "spearman_expected_error", s->expected_correlation);
  json_builder_set_member_name (builder, "parts");
  json_builder_begin_object (builder);
  for (guint i = 0; i < N_PARTS; i++)
    add_number (builder, parts[i].name, s->parts[i]);
  json_builder_end_object (builder);
  add_number (builder, "faces_per_second", faces_per_second (report));
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  g_print ("%s\n", text);
}
