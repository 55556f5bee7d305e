/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A region of interest with all that danfacedetect knows of a face, in the form
 * in which Intel's DL Streamer keeps detections; docs/element-danfacedetect.md
 * describes it. */

#include <math.h>

#include "gstdananalytics.h"
#include "gstdandetection.h"
#include "gstdanroi.h"

#define PARAM_NAME "detection"
#define LAYER_NAME "danfacedetect"
#define TIGHT "landmarks"       /* what the box encloses */

static GstStructure *
param_of (const DanDetection * detection, const GstVideoInfo * info)
{
  const DanBox *box = &detection->box;
  gdouble width = GST_VIDEO_INFO_WIDTH (info);
  gdouble height = GST_VIDEO_INFO_HEIGHT (info);

  return gst_structure_new (PARAM_NAME,
      "confidence", G_TYPE_DOUBLE, (gdouble) detection->confidence,
      "x_min", G_TYPE_DOUBLE, box->x / width,
      "x_max", G_TYPE_DOUBLE, (box->x + box->width) / width,
      "y_min", G_TYPE_DOUBLE, box->y / height,
      "y_max", G_TYPE_DOUBLE, (box->y + box->height) / height,
      "box", G_TYPE_STRING, TIGHT,
      "roll", G_TYPE_DOUBLE, (gdouble) detection->roll, NULL);
}

/* Adds a region to @buffer, and an object detection, unless the face is wholly
 * outside of the frame. */
void
gst_dan_detection_add (GstBuffer * buffer, const GstVideoInfo * info,
    const DanDetection * detection, gint id)
{
  GstVideoRegionOfInterestMeta *roi =
      gst_dan_roi_add_region (buffer, &detection->box,
      GST_VIDEO_INFO_WIDTH (info), GST_VIDEO_INFO_HEIGHT (info));

  if (!roi)
    return;
  roi->id = id;
  gst_video_region_of_interest_meta_add_param (roi, param_of (detection, info));
  gst_dan_roi_add_points (roi, LAYER_NAME, detection->points,
      DAN_DETECTION_POINTS);
  gst_dan_analytics_add_detection (buffer, roi, detection->confidence);
}

/* Whether @roi is @box still: what crops the video moves the one and not the
 * other. A pixel more or less is from scaling. */
static gboolean
is_region_of (const GstVideoRegionOfInterestMeta * roi, const DanBox * box,
    gint width, gint height)
{
  DanBox part = gst_dan_roi_visible_part (box, width, height);
  gfloat dx = part.x - (gint) roi->x, dy = part.y - (gint) roi->y;

  return fabsf (dx) <= 2 && fabsf (dy) <= 2
      && fabsf (dx + part.width - roi->w) <= 2
      && fabsf (dy + part.height - roi->h) <= 2;
}

/* The box that @param tells, also where it is outside of the frame. */
static gboolean
whole_box (const GstStructure * param, gint width, gint height, DanBox * box)
{
  gdouble x0, x1, y0, y1;

  if (!gst_structure_get (param, "x_min", G_TYPE_DOUBLE, &x0, "x_max",
          G_TYPE_DOUBLE, &x1, "y_min", G_TYPE_DOUBLE, &y0, "y_max",
          G_TYPE_DOUBLE, &y1, NULL))
    return FALSE;
  *box = (DanBox) {
    .x = x0 * width,
    .y = y0 * height,
    .width = (x1 - x0) * width,
    .height = (y1 - y0) * height
  };
  return TRUE;
}

/* Fills @box, the tight box of the face's landmarks, and @roll if @roi, of a
 * frame of @width and @height, says what they are. Else they are unchanged. */
gboolean
gst_dan_detection_read (GstVideoRegionOfInterestMeta * roi,
    gint width, gint height, DanBox * box, gfloat * roll)
{
  const GstStructure *param =
      gst_video_region_of_interest_meta_get_param (roi, PARAM_NAME);
  gdouble angle = 0;

  if (!param
      || g_strcmp0 (gst_structure_get_string (param, "box"), TIGHT) != 0)
    return FALSE;
  if (!whole_box (param, width, height, box)
      || !is_region_of (roi, box, width, height))
    *box = (DanBox) {(gint) roi->x, (gint) roi->y, roi->w, roi->h};
  gst_structure_get_double (param, "roll", &angle);
  *roll = angle;
  return TRUE;
}
