/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "finder.h"
#include "gstdandetection.h"

#include <math.h>

void
finder_open (Finder * finder, const Aligner * aligner, guint max_faces)
{
  *finder = (Finder) {
    .aligner = aligner,
    .max_faces = max_faces,
    .found = g_array_new (FALSE, FALSE, sizeof (FoundFace)),
    .starts = g_array_new (FALSE, FALSE, sizeof (DanDetection)),
    .requests = g_array_new (FALSE, FALSE, sizeof (DanFace)),
    .points = g_array_new (FALSE, FALSE, sizeof (DanPoint)),
  };
}

void
finder_close (Finder * finder)
{
  finder_forget (finder);
  g_clear_pointer (&finder->found, g_array_unref);
  g_clear_pointer (&finder->starts, g_array_unref);
  g_clear_pointer (&finder->requests, g_array_unref);
  g_clear_pointer (&finder->points, g_array_unref);
}

void
finder_forget (Finder * finder)
{
  dan_tracker_close (&finder->tracker);
}

static gboolean
fail (const DanError * reason, GError ** error)
{
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
      reason->message);
  return FALSE;
}

/* Fills finder->starts with where the network starts from @detections. */
static void
place_starts (Finder * finder, const DanImage * image,
    const GArray * detections)
{
  g_array_set_size (finder->starts, detections->len);
  for (guint i = 0; i < detections->len; i++) {
    GstDanFace face = g_array_index (detections, GstDanFace, i);
    const gboolean tight = !face.roi || gst_dan_detection_read (face.roi,
        image->width, image->height, &face.box, &face.roll);

    g_array_index (finder->starts, DanDetection, i) = (DanDetection) {
      .box = aligner_map_box (finder->aligner, face.box, tight),
      .roll = face.roll,
    };
  }
}

static void
prepare_requests (Finder * finder, guint n)
{
  const guint n_points = dan_model_n_points (finder->aligner->model);

  g_array_set_size (finder->requests, n);
  g_array_set_size (finder->points, n * n_points);
  for (guint i = 0; i < n; i++)
    g_array_index (finder->requests, DanFace, i) = (DanFace) {
      .box = g_array_index (finder->starts, DanDetection, i).box,
      .roll = g_array_index (finder->starts, DanDetection, i).roll,
      .landmarks = &g_array_index (finder->points, DanPoint, i * n_points),
      .status = DAN_ERROR_ARGUMENT,
    };
}

gboolean
finder_align (Finder * finder, const DanImage * image,
    const GArray * detections, GError ** error)
{
  guint n = detections->len;
  DanError reason;

  if (finder->max_faces > 0)
    n = MIN (n, finder->max_faces);
  g_array_set_size (finder->found, 0);
  if (n == 0)
    return TRUE;

  place_starts (finder, image, detections);
  prepare_requests (finder, n);
  dan_align (finder->aligner->context, image,
      (DanFace *) finder->requests->data, n, &reason);
  for (guint i = 0; i < n; i++) {
    const DanFace *face = &g_array_index (finder->requests, DanFace, i);
    const FoundFace found = {
      .id = i,
      .status = DAN_TRACK_DETECTED,
      .age = NAN,
      .detection = &g_array_index (detections, GstDanFace, i),
      .points = face->landmarks,
      .confidence = face->confidence,
    };

    if (face->status == DAN_OK)
      g_array_append_val (finder->found, found);
  }
  return finder->found->len == n || fail (&reason, error);
}

static void
take_tracked (Finder * finder, const DanTrackedFaces * tracked,
    const GArray * detections)
{
  g_array_set_size (finder->found, tracked->n);
  for (gsize i = 0; i < tracked->n; i++) {
    const DanTrackedFace *face = &tracked->faces[i];

    g_array_index (finder->found, FoundFace, i) = (FoundFace) {
      .id = face->id,
      .status = face->status,
      .age = face->age,
      .detection = face->detection < 0 ? NULL
          : &g_array_index (detections, GstDanFace, face->detection),
      .points = face->landmarks,
      .confidence = face->confidence,
    };
  }
}

gboolean
finder_track (Finder * finder, const DanImage * image, gdouble time,
    const GArray * detections, GError ** error)
{
  DanTrackedFaces tracked = { NULL, 0 };
  DanError reason = { DAN_OK, "" };

  if (!finder->tracker)
    dan_tracker_open (&finder->tracker, finder->aligner->context, &reason);
  if (finder->tracker) {
    dan_tracker_set_max_faces (finder->tracker, finder->max_faces);
    place_starts (finder, image, detections);
    dan_tracker_update (finder->tracker, image, time,
        (const DanDetection *) finder->starts->data, detections->len,
        &tracked, &reason);
  }
  take_tracked (finder, &tracked, detections);
  return reason.status == DAN_OK || fail (&reason, error);
}
