/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>

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
  if (dan_tracker_open (&engine->tracker, engine->context, error) != DAN_OK) {
    dan_context_close (&engine->context);
    return FALSE;
  }
  engine->detections = g_array_new (FALSE, FALSE, sizeof (DanDetection));
  engine->requests = g_array_new (FALSE, TRUE, sizeof (DanFace));
  return TRUE;
}

void
gst_dan_engine_stop (GstDanEngine * engine)
{
  dan_tracker_close (&engine->tracker);
  dan_context_close (&engine->context);
  g_clear_pointer (&engine->detections, g_array_unref);
  g_clear_pointer (&engine->requests, g_array_unref);
  g_clear_pointer (&engine->pool, g_free);
  engine->pool_faces = 0;
}

static void
prepare_requests (GstDanEngine * engine, const GArray * faces)
{
  gsize n_points = dan_model_n_points (engine->model);

  if (faces->len > engine->pool_faces) {
    engine->pool = g_renew (DanPoint, engine->pool, faces->len * n_points);
    engine->pool_faces = faces->len;
  }
  g_array_set_size (engine->requests, faces->len);
  for (guint i = 0; i < faces->len; i++) {
    const GstDanFace *face = &g_array_index (faces, GstDanFace, i);
    DanFace *request = &g_array_index (engine->requests, DanFace, i);

    request->box = face->tight;
    request->roll = face->roll;
    request->shape = NULL;
    request->landmarks = engine->pool + i * n_points;
    request->status = DAN_OK;
  }
}

/* Finds the landmarks of @faces, which stay valid until the next call. Faces
 * that have none, for example because their box is too small, are removed. */
void
gst_dan_engine_align (GstDanEngine * engine, GstObject * log,
    const DanImage * image, GArray * faces)
{
  DanError error = { DAN_OK, "" };
  DanStatus status;
  guint kept = 0;

  if (faces->len == 0)
    return;

  prepare_requests (engine, faces);
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
    face.id = kept;
    face.status = GST_DAN_FACE_ALIGNED;
    face.age = GST_CLOCK_TIME_NONE;
    face.landmarks = request->landmarks;
    face.confidence = request->confidence;
    g_array_index (faces, GstDanFace, kept++) = face;
  }
  g_array_set_size (faces, kept);
}

static void
prepare_detections (GstDanEngine * engine, const GArray * faces)
{
  g_array_set_size (engine->detections, faces->len);
  for (guint i = 0; i < faces->len; i++) {
    const GstDanFace *face = &g_array_index (faces, GstDanFace, i);

    g_array_index (engine->detections, DanDetection, i) = (DanDetection) {
    .box = face->tight,.roll = face->roll};
  }
}

/* The box that a detector would have given to a face with these landmarks. */
static DanBox
box_of_landmarks (const GstDanEngine * engine, const DanPoint * landmarks,
    DanBoxMap map)
{
  DanBox tight =
      dan_box_around (landmarks, dan_model_n_points (engine->model));
  gfloat width = tight.width / map.scale_x;
  gfloat height = tight.height / map.scale_y;

  return (DanBox) {
  tight.x + tight.width / 2 - width * (.5f + map.offset_x),
        tight.y + tight.height / 2 - height * (.5f + map.offset_y),
        width, height};
}

static GstDanFace
tracked_face (const GstDanEngine * engine, const DanTrackedFace * tracked,
    DanBoxMap map, const GArray * detections)
{
  static const GstDanFaceStatus statuses[] = {
    [DAN_TRACK_DETECTED] = GST_DAN_FACE_ALIGNED,
    [DAN_TRACK_TRACKED] = GST_DAN_FACE_TRACKED,
    [DAN_TRACK_EXTRAPOLATED] = GST_DAN_FACE_EXTRAPOLATED,
  };
  GstDanFace face = {.detection_confidence = -1 };

  if (tracked->detection >= 0)
    face = g_array_index (detections, GstDanFace, tracked->detection);
  else
    face.box = box_of_landmarks (engine, tracked->landmarks, map);
  face.id = tracked->id;
  face.status = statuses[tracked->status];
  face.age = tracked->age * GST_SECOND;
  face.landmarks = tracked->landmarks;
  face.confidence = tracked->confidence;
  return face;
}

/* Puts @tracked in the place of the detections that were in @faces. */
static void
take_tracked (const GstDanEngine * engine, const DanTrackedFaces * tracked,
    DanBoxMap map, GArray * faces)
{
  guint n_detections = faces->len;

  for (gsize i = 0; i < tracked->n; i++) {
    GstDanFace face = tracked_face (engine, &tracked->faces[i], map, faces);

    g_array_append_val (faces, face);
  }
  g_array_remove_range (faces, 0, n_detections);
}

/* What is no time at all is the tracker's concern. */
static gdouble
seconds_of (GstClockTime time)
{
  return GST_CLOCK_TIME_IS_VALID (time) ? time / (gdouble) GST_SECOND : NAN;
}

/* How faces are followed from the next frame on. */
void
gst_dan_engine_set_tracking (GstDanEngine * engine, guint max_faces,
    gboolean recurrent)
{
  dan_tracker_set_max_faces (engine->tracker, max_faces);
  dan_tracker_set_recurrent (engine->tracker, recurrent);
}

/* Turns @faces, the detections of the frame at @time, into the faces that are
 * followed; those that were not detected get boxes that @map would take to their
 * landmarks. Their landmarks stay valid until the next call. A frame without a
 * @time stands for itself. */
void
gst_dan_engine_track (GstDanEngine * engine, GstObject * log,
    const DanImage * image, GstClockTime time, DanBoxMap map, GArray * faces)
{
  DanTrackedFaces tracked;
  DanError error;

  prepare_detections (engine, faces);
  if (dan_tracker_update (engine->tracker, image, seconds_of (time),
          (DanDetection *) engine->detections->data, faces->len, &tracked, &error)
      != DAN_OK)
    GST_WARNING_OBJECT (log, "faces are not followed: %s", error.message);
  take_tracked (engine, &tracked, map, faces);
}

/* Fills @faces with where those that are followed should be. */
void
gst_dan_engine_extrapolate (GstDanEngine * engine, GstClockTime time,
    DanBoxMap map, GArray * faces)
{
  DanTrackedFaces tracked;

  dan_tracker_extrapolate (engine->tracker, seconds_of (time), &tracked);
  g_array_set_size (faces, 0);
  take_tracked (engine, &tracked, map, faces);
}

/* What comes next has nothing to do with what was. */
void
gst_dan_engine_forget (GstDanEngine * engine)
{
  if (engine->tracker)
    dan_tracker_reset (engine->tracker);
}
