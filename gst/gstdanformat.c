/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstdanformat.h"

static gboolean
dan_format (GstVideoFormat video, DanFormat * format)
{
  static const struct
  {
    GstVideoFormat video;
    DanFormat dan;
  } formats[] = {
    {GST_VIDEO_FORMAT_I420, DAN_FORMAT_GRAY8},
    {GST_VIDEO_FORMAT_YV12, DAN_FORMAT_GRAY8},
    {GST_VIDEO_FORMAT_NV12, DAN_FORMAT_GRAY8},
    {GST_VIDEO_FORMAT_NV21, DAN_FORMAT_GRAY8},
    {GST_VIDEO_FORMAT_NV16, DAN_FORMAT_GRAY8},
    {GST_VIDEO_FORMAT_NV61, DAN_FORMAT_GRAY8},
    {GST_VIDEO_FORMAT_NV24, DAN_FORMAT_GRAY8},
    {GST_VIDEO_FORMAT_Y41B, DAN_FORMAT_GRAY8},
    {GST_VIDEO_FORMAT_Y42B, DAN_FORMAT_GRAY8},
    {GST_VIDEO_FORMAT_Y444, DAN_FORMAT_GRAY8},
    {GST_VIDEO_FORMAT_A420, DAN_FORMAT_GRAY8},
    {GST_VIDEO_FORMAT_GRAY8, DAN_FORMAT_GRAY8},
    {GST_VIDEO_FORMAT_YUY2, DAN_FORMAT_YUYV},
    {GST_VIDEO_FORMAT_YVYU, DAN_FORMAT_YUYV},
    {GST_VIDEO_FORMAT_UYVY, DAN_FORMAT_UYVY},
    {GST_VIDEO_FORMAT_RGB, DAN_FORMAT_RGB},
    {GST_VIDEO_FORMAT_BGR, DAN_FORMAT_BGR},
    {GST_VIDEO_FORMAT_RGBx, DAN_FORMAT_RGBX},
    {GST_VIDEO_FORMAT_RGBA, DAN_FORMAT_RGBX},
    {GST_VIDEO_FORMAT_BGRx, DAN_FORMAT_BGRX},
    {GST_VIDEO_FORMAT_BGRA, DAN_FORMAT_BGRX},
    {GST_VIDEO_FORMAT_xRGB, DAN_FORMAT_XRGB},
    {GST_VIDEO_FORMAT_ARGB, DAN_FORMAT_XRGB},
    {GST_VIDEO_FORMAT_xBGR, DAN_FORMAT_XBGR},
    {GST_VIDEO_FORMAT_ABGR, DAN_FORMAT_XBGR},
    {GST_VIDEO_FORMAT_I420_10LE, DAN_FORMAT_GRAY10LE},
    {GST_VIDEO_FORMAT_I422_10LE, DAN_FORMAT_GRAY10LE},
    {GST_VIDEO_FORMAT_Y444_10LE, DAN_FORMAT_GRAY10LE},
    {GST_VIDEO_FORMAT_P010_10LE, DAN_FORMAT_GRAY10HI},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++) {
    if (formats[i].video == video) {
      *format = formats[i].dan;
      return TRUE;
    }
  }
  return FALSE;
}

/* The range of luma in frames of @info. */
DanRange
gst_dan_range (const GstVideoInfo * info)
{
  switch (info->colorimetry.range) {
    case GST_VIDEO_COLOR_RANGE_0_255:
      return DAN_RANGE_FULL;
    case GST_VIDEO_COLOR_RANGE_16_235:
      return DAN_RANGE_LIMITED;
    default:
      return GST_VIDEO_INFO_IS_YUV (info) ? DAN_RANGE_LIMITED : DAN_RANGE_FULL;
  }
}

/* Makes @image a view of @frame's pixels, valid while the frame is mapped.
 * FALSE if the format is none of GST_DAN_FORMATS. */
gboolean
gst_dan_image_from_frame (DanImage * image, const GstVideoFrame * frame)
{
  if (!dan_format (GST_VIDEO_FRAME_FORMAT (frame), &image->format))
    return FALSE;

  /* In every YUV format of the list, luma is or starts plane 0. */
  image->data = GST_VIDEO_FRAME_PLANE_DATA (frame, 0);
  image->stride = GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0);
  image->width = GST_VIDEO_FRAME_WIDTH (frame);
  image->height = GST_VIDEO_FRAME_HEIGHT (frame);
  image->range = gst_dan_range (&frame->info);
  return TRUE;
}
