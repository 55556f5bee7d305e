/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_SETTINGS_H
#define GST_DAN_SETTINGS_H

#include <gst/gst.h>
#include <dan/dan.h>

G_BEGIN_DECLS

typedef enum
{
  GST_DAN_BOX_AUTO,
  GST_DAN_BOX_HAAR,
  GST_DAN_BOX_LANDMARKS,
  GST_DAN_BOX_CUSTOM,
} GstDanBoxKind;

#define GST_TYPE_DAN_BOX_KIND (gst_dan_box_kind_get_type ())
GType gst_dan_box_kind_get_type (void);

/* DanPrecision, with the names that the tools use. */
#define GST_TYPE_DAN_PRECISION (gst_dan_precision_get_type ())
GType gst_dan_precision_get_type (void);

/* The element's properties. The object lock protects them. */
typedef struct
{
  gboolean enabled;

  gchar *model;
  guint threads;
  guint stages;
  guint passes;
  DanPrecision precision;

  gchar *roi_types;
  gchar *region;
  guint max_faces;
  gboolean tracking;
  gboolean recurrent;
  gdouble min_confidence;

  GstDanBoxKind box;
  gdouble box_scale_x, box_scale_y;
  gdouble box_offset_x, box_offset_y;

  gboolean draw;
  gboolean draw_points, draw_contours, draw_box;
  guint point_color, contour_color, box_color;
  gdouble draw_size;

  gboolean message;
  gboolean keypoints;
} GstDanSettings;

void gst_dan_settings_install (GObjectClass * klass);
void gst_dan_settings_copy (GstDanSettings * copy,
    const GstDanSettings * settings);
void gst_dan_settings_clear (GstDanSettings * settings);

DanSettings gst_dan_settings_inference (const GstDanSettings * settings);
DanBoxMap gst_dan_settings_box_map (const GstDanSettings * settings);

G_END_DECLS

#endif /* GST_DAN_SETTINGS_H */
