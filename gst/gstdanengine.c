/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstdanengine.h"

GST_DEBUG_CATEGORY_EXTERN (gst_dan_align_debug);
#define GST_CAT_DEFAULT gst_dan_align_debug

/* Opens the model at @path unless it is the open one. On failure no model
 * is open. */
gboolean
gst_dan_engine_open_model (GstDanEngine * engine, const gchar * path,
    DanError * error)
{
  if (engine->model && g_strcmp0 (engine->model_path, path) == 0)
    return TRUE;

  gst_dan_engine_close_model (engine);
  if (dan_model_open (&engine->model, path, error) != DAN_OK)
    return FALSE;
  engine->model_path = g_strdup (path);
  return TRUE;
}

void
gst_dan_engine_close_model (GstDanEngine * engine)
{
  dan_model_close (&engine->model);
  g_clear_pointer (&engine->model_path, g_free);
}

gboolean
gst_dan_engine_start (GstDanEngine * engine, const DanSettings * settings,
    DanError * error)
{
  if (dan_context_open (&engine->context, engine->model, settings, error)
      != DAN_OK)
    return FALSE;
  engine->requests = g_array_new (FALSE, TRUE, sizeof (DanFace));
  return TRUE;
}

void
gst_dan_engine_stop (GstDanEngine * engine)
{
  dan_context_close (&engine->context);
  g_clear_pointer (&engine->requests, g_array_unref);
  g_clear_pointer (&engine->pool, g_free);
  engine->pool_faces = 0;
}

static void
prepare_requests (GstDanEngine * engine, DanBoxMap map, GArray * faces)
{
  gsize n_points = dan_model_n_points (engine->model);

  if (faces->len > engine->pool_faces) {
    engine->pool = g_renew (DanPoint, engine->pool, faces->len * n_points);
    engine->pool_faces = faces->len;
  }
  g_array_set_size (engine->requests, faces->len);
  for (guint i = 0; i < faces->len; i++) {
    DanFace *request = &g_array_index (engine->requests, DanFace, i);

    request->box =
        dan_box_map (g_array_index (faces, GstDanFace, i).box, map);
    request->shape = NULL;
    request->landmarks = engine->pool + i * n_points;
    request->status = DAN_OK;
  }
}

/* Finds the landmarks of @faces, which stay valid until the next call. Faces
 * that have none, for example because their box is too small, are removed. */
void
gst_dan_engine_align (GstDanEngine * engine, GstObject * log,
    const DanImage * image, DanBoxMap map, GArray * faces)
{
  DanError error = { DAN_OK, "" };
  DanStatus status;
  guint kept = 0;

  if (faces->len == 0)
    return;

  prepare_requests (engine, map, faces);
  status = dan_align (engine->context, image,
      (DanFace *) engine->requests->data, faces->len, &error);
  if (status != DAN_OK)
    GST_WARNING_OBJECT (log, "not all faces have landmarks: %s",
        error.message);
  /* Nothing was done, and the faces' own status says nothing. */
  if (status == DAN_ERROR_ARGUMENT) {
    g_array_set_size (faces, 0);
    return;
  }

  for (guint i = 0; i < faces->len; i++) {
    const DanFace *request = &g_array_index (engine->requests, DanFace, i);
    GstDanFace face = g_array_index (faces, GstDanFace, i);

    if (request->status != DAN_OK) {
      GST_LOG_OBJECT (log, "no landmarks in box %g,%g %gx%g: %s",
          face.box.x, face.box.y, face.box.width, face.box.height,
          dan_status_name (request->status));
      continue;
    }
    face.landmarks = request->landmarks;
    face.confidence = request->confidence;
    g_array_index (faces, GstDanFace, kept++) = face;
  }
  g_array_set_size (faces, kept);
}
