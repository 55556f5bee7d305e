/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_ENGINE_H
#define GST_DAN_ENGINE_H

#include <gst/video/video.h>
#include <dan/dan.h>

#include "gstdanfaces.h"

G_BEGIN_DECLS

/* The model, what runs it, and the landmarks that came out. */
typedef struct
{
  DanModel *model;
  gchar *model_path;            /* of the open model */
  DanContext *context;
  DanTracker *tracker;
  GArray *requests;             /* of DanFace, for dan_align() */
  DanPoint *pool;               /* the landmarks of the last call */
  gsize pool_faces;             /* faces that the pool has room for */
  GArray *detections;           /* of DanDetection, for the tracker */
} GstDanEngine;

gboolean gst_dan_engine_open_model (GstDanEngine * engine, const gchar * path,
    DanError * error);
void gst_dan_engine_close_model (GstDanEngine * engine);

gboolean gst_dan_engine_start (GstDanEngine * engine,
    const DanSettings * settings, DanError * error);
void gst_dan_engine_stop (GstDanEngine * engine);

void gst_dan_engine_align (GstDanEngine * engine, GstObject * log,
    const DanImage * image, GArray * faces);

void gst_dan_engine_set_tracking (GstDanEngine * engine, guint max_faces,
    gboolean recurrent);
void gst_dan_engine_track (GstDanEngine * engine, GstObject * log,
    const DanImage * image, GstClockTime time, DanBoxMap map, GArray * faces);
void gst_dan_engine_extrapolate (GstDanEngine * engine, GstClockTime time,
    DanBoxMap map, GArray * faces);
void gst_dan_engine_forget (GstDanEngine * engine);

G_END_DECLS

#endif /* GST_DAN_ENGINE_H */
