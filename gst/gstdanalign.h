/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_ALIGN_H
#define GST_DAN_ALIGN_H

#include <gst/video/gstvideofilter.h>

G_BEGIN_DECLS

#define GST_TYPE_DAN_ALIGN (gst_dan_align_get_type ())
G_DECLARE_FINAL_TYPE (GstDanAlign, gst_dan_align, GST, DAN_ALIGN,
    GstVideoFilter)

GST_ELEMENT_REGISTER_DECLARE (danalign);

G_END_DECLS

#endif /* GST_DAN_ALIGN_H */
