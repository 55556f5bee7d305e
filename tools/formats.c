/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "formats.h"
#include "csv.h"

#include <math.h>
#include <string.h>
#include <json-glib/json-glib.h>

/* The names that the element's record has for these. */
static const gchar *const statuses[] = {
  [DAN_TRACK_DETECTED] = "aligned",
  [DAN_TRACK_TRACKED] = "tracked",
  [DAN_TRACK_EXTRAPOLATED] = "extrapolated",
};

/* FALSE: landmarks in an order that libdan does not know. */
static gboolean
measure_head (const DanModel * model, const DanPoint * points, DanPose * pose,
    DanOpenings * openings)
{
  const gchar *scheme = dan_model_scheme (model);
  const gsize n = dan_model_n_points (model);

  return dan_pose_estimate (scheme, points, n, pose, NULL) == DAN_OK
      && dan_openings_measure (scheme, points, n, pose, openings, NULL)
      == DAN_OK;
}

/* json-glib's own generator gives numbers 17 digits, most of them noise;
 * a thousandth of a pixel is plenty. */

static void
append_json_box (GString * text, const DanBox * box)
{
  g_string_append_printf (text,
      "\"x\":%.3f,\"y\":%.3f,\"width\":%.3f,\"height\":%.3f", box->x, box->y,
      box->width, box->height);
}

static void
append_json_detection (GString * text, const GstDanFace * detection)
{
  g_string_append (text, ",\"box\":{");
  append_json_box (text, &detection->box);
  g_string_append_printf (text, "},\"source-id\":%d", detection->source_id);
  if (detection->detection_confidence >= 0)
    g_string_append_printf (text, ",\"detection-confidence\":%.6f",
        detection->detection_confidence);
}

static void
append_json_head (GString * text, const DanModel * model,
    const DanPoint * points)
{
  DanPose pose;
  DanOpenings openings;

  if (measure_head (model, points, &pose, &openings))
    g_string_append_printf (text, ",\"pose\":{\"yaw\":%.2f,"
        "\"pitch\":%.2f,\"roll\":%.2f},\"openings\":{\"right_eye\":%.4f,"
        "\"left_eye\":%.4f,\"mouth\":%.4f}", pose.yaw, pose.pitch, pose.roll,
        openings.right_eye, openings.left_eye, openings.mouth);
}

static void
append_json_face (GString * text, const DanModel * model,
    const FoundFace * face)
{
  const gsize n_points = dan_model_n_points (model);
  const DanBox tight = dan_box_around (face->points, n_points);

  g_string_append_printf (text, "{\"id\":%u,\"status\":\"%s\"", face->id,
      statuses[face->status]);
  if (!isnan (face->age))
    g_string_append_printf (text, ",\"age\":%.6f", face->age);
  if (face->detection)
    append_json_detection (text, face->detection);
  g_string_append_c (text, ',');
  append_json_box (text, &tight);
  if (face->confidence >= 0)
    g_string_append_printf (text, ",\"confidence\":%.6f", face->confidence);
  append_json_head (text, model, face->points);
  g_string_append (text, ",\"landmarks\":[");
  for (gsize k = 0; k < n_points; k++)
    g_string_append_printf (text, "%s[%.3f,%.3f]", k > 0 ? "," : "",
        face->points[k].x, face->points[k].y);
  g_string_append (text, "]}");
}

static void
append_json (GString * text, const DanModel * model, const FoundFrame * frame)
{
  g_autofree gchar *name = g_filename_display_name (frame->file);
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), name);
  g_autofree gchar *quoted = json_to_string (node, FALSE);

  g_string_append_printf (text, "{\"file\":%s,\"frame\":%" G_GUINT64_FORMAT
      ",\"time\":", quoted, frame->index);
  if (isnan (frame->time))
    g_string_append (text, "null");
  else
    g_string_append_printf (text, "%.6f", frame->time);
  g_string_append_printf (text, ",\"width\":%d,\"height\":%d,\"faces\":[",
      frame->width, frame->height);
  for (guint i = 0; i < frame->n_faces; i++) {
    if (i > 0)
      g_string_append_c (text, ',');
    append_json_face (text, model, &frame->faces[i]);
  }
  g_string_append (text, "]}\n");
}

static void
append_csv_header (GString * text, const DanModel * model)
{
  const gsize n_points = dan_model_n_points (model);

  g_string_append (text, "file,frame,time,face,confidence,"
      "yaw,pitch,roll,right_eye,left_eye,mouth");
  for (gsize k = 0; k < n_points; k++)
    g_string_append_printf (text, ",x%zu,y%zu", k, k);
  g_string_append (text, ",status,age,source-id,detection-confidence,"
      "x,y,width,height\n");
}

/* Of a @value that is unknown the column is empty. */
static void
append_csv_if (GString * text, gboolean known, gdouble value)
{
  g_string_append_c (text, ',');
  if (known)
    g_string_append_printf (text, "%.6f", value);
}

static void
append_csv_head (GString * text, const DanModel * model,
    const DanPoint * points)
{
  DanPose pose;
  DanOpenings openings;

  if (measure_head (model, points, &pose, &openings))
    g_string_append_printf (text, ",%.2f,%.2f,%.2f,%.4f,%.4f,%.4f",
        pose.yaw, pose.pitch, pose.roll, openings.right_eye,
        openings.left_eye, openings.mouth);
  else
    g_string_append (text, ",,,,,,");
}

/* The columns that are not of the landmarks, but of how they were found. */
static void
append_csv_origin (GString * text, const FoundFace * face)
{
  const GstDanFace *detection = face->detection;

  g_string_append_printf (text, ",%s", statuses[face->status]);
  append_csv_if (text, !isnan (face->age), face->age);
  g_string_append_c (text, ',');
  if (detection)
    g_string_append_printf (text, "%d", detection->source_id);
  append_csv_if (text, detection && detection->detection_confidence >= 0,
      detection ? detection->detection_confidence : 0);
}

static void
append_csv_face (GString * text, const DanModel * model,
    const FoundFace * face)
{
  const gsize n_points = dan_model_n_points (model);
  const DanBox tight = dan_box_around (face->points, n_points);

  g_string_append_printf (text, ",%u", face->id);
  append_csv_if (text, face->confidence >= 0, face->confidence);
  append_csv_head (text, model, face->points);
  for (gsize k = 0; k < n_points; k++)
    g_string_append_printf (text, ",%.3f,%.3f", face->points[k].x,
        face->points[k].y);
  append_csv_origin (text, face);
  g_string_append_printf (text, ",%.3f,%.3f,%.3f,%.3f\n", tight.x, tight.y,
      tight.width, tight.height);
}

static void
append_csv (GString * text, const DanModel * model, const FoundFrame * frame)
{
  g_autofree gchar *quoted = csv_quote (frame->file);

  for (guint i = 0; i < frame->n_faces; i++) {
    g_string_append_printf (text, "%s,%" G_GUINT64_FORMAT, quoted,
        frame->index);
    append_csv_if (text, !isnan (frame->time), frame->time);
    append_csv_face (text, model, &frame->faces[i]);
  }
}

/* 300-W counts pixels from 1. */
static void
append_pts (GString * text, const DanModel * model, const FoundFrame * frame)
{
  const gsize n_points = dan_model_n_points (model);

  for (guint i = 0; i < frame->n_faces; i++) {
    const DanPoint *points = frame->faces[i].points;

    g_string_append_printf (text, "version: 1\nn_points: %zu\n{\n", n_points);
    for (gsize k = 0; k < n_points; k++)
      g_string_append_printf (text, "%.3f %.3f\n", points[k].x + 1,
          points[k].y + 1);
    g_string_append (text, "}\n");
  }
}

const Format *
format_find (const gchar * name)
{
  static const Format formats[] = {
    {"json", NULL, append_json, FALSE},
    {"csv", append_csv_header, append_csv, FALSE},
    {"pts", NULL, append_pts, TRUE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (strcmp (name, formats[i].name) == 0)
      return &formats[i];
  return NULL;
}
