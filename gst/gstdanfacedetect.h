/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_FACE_DETECT_H
#define GST_DAN_FACE_DETECT_H

#include <gst/video/gstvideofilter.h>

G_BEGIN_DECLS

#define GST_TYPE_DAN_FACE_DETECT (gst_dan_face_detect_get_type ())
G_DECLARE_FINAL_TYPE (GstDanFaceDetect, gst_dan_face_detect, GST,
    DAN_FACE_DETECT, GstVideoFilter)

GST_ELEMENT_REGISTER_DECLARE (danfacedetect);

G_END_DECLS

#endif /* GST_DAN_FACE_DETECT_H */
