/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The two ways of the drawings into the video: as an overlay composition that
 * downstream blends, a rectangle for each face, or into the frame. */

#include "gstdandrawing.h"
#include "gstdanoverlay.h"

static GstVideoOverlayRectangle *
face_rectangle (const GstDanSettings * look, const GstDanRecordInfo * info,
    const GstDanFace * face)
{
  GstVideoRectangle area;
  GstVideoOverlayRectangle *rectangle;
  GstBuffer *pixels;
  GstMapInfo map;

  if (!gst_dan_drawing_area (look, info, face, &area))
    return NULL;

  pixels = gst_buffer_new_allocate (NULL, (gsize) area.w * area.h * 4, NULL);
  gst_buffer_map (pixels, &map, GST_MAP_WRITE);
  gst_dan_drawing_paint (look, info, face, &area, (guint32 *) map.data);
  gst_buffer_unmap (pixels, &map);
  gst_buffer_add_video_meta (pixels, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB, area.w, area.h);
  rectangle = gst_video_overlay_rectangle_new_raw (pixels, area.x, area.y,
      area.w, area.h, GST_VIDEO_OVERLAY_FORMAT_FLAG_PREMULTIPLIED_ALPHA);
  gst_buffer_unref (pixels);
  return rectangle;
}

/* The drawing of @faces, NULL if none of it is within the frame. */
GstVideoOverlayComposition *
gst_dan_overlay_new (const GstDanSettings * look,
    const GstDanRecordInfo * info, const GArray * faces)
{
  GstVideoOverlayComposition *composition = NULL;

  for (guint i = 0; i < faces->len; i++) {
    GstVideoOverlayRectangle *rectangle =
        face_rectangle (look, info, &g_array_index (faces, GstDanFace, i));

    if (!rectangle)
      continue;
    if (composition)
      gst_video_overlay_composition_add_rectangle (composition, rectangle);
    else
      composition = gst_video_overlay_composition_new (rectangle);
    gst_video_overlay_rectangle_unref (rectangle);
  }
  return composition;
}

/* Puts @composition over those that @buffer already has. */
void
gst_dan_overlay_attach (GstBuffer * buffer,
    GstVideoOverlayComposition * composition)
{
  GstVideoOverlayCompositionMeta *meta =
      gst_buffer_get_video_overlay_composition_meta (buffer);
  GstVideoOverlayComposition *merged;

  if (!meta) {
    gst_buffer_add_video_overlay_composition_meta (buffer, composition);
    return;
  }

  merged = gst_video_overlay_composition_copy (meta->overlay);
  for (guint i = 0; i < gst_video_overlay_composition_n_rectangles (composition);
      i++)
    gst_video_overlay_composition_add_rectangle (merged,
        gst_video_overlay_composition_get_rectangle (composition, i));
  gst_video_overlay_composition_unref (meta->overlay);
  meta->overlay = merged;
}

/* Blends the drawings of @faces into @frame. FALSE: it cannot be drawn on. */
gboolean
gst_dan_overlay_blend (GstDanBlender * blender, const GstDanSettings * look,
    const GstDanRecordInfo * info, const GArray * faces,
    GstVideoFrame * frame)
{
  GstVideoRectangle area;

  for (guint i = 0; i < faces->len; i++) {
    const GstDanFace *face = &g_array_index (faces, GstDanFace, i);
    guint32 *argb;

    if (!gst_dan_drawing_area (look, info, face, &area))
      continue;
    argb = gst_dan_blender_canvas (blender, &area);
    gst_dan_drawing_paint (look, info, face, &area, argb);
    if (!gst_dan_blender_blend (blender, frame, argb, &area))
      return FALSE;
  }
  return TRUE;
}
