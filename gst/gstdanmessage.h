/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_MESSAGE_H
#define GST_DAN_MESSAGE_H

#include <gst/base/gstbasetransform.h>
#include <dan/dan.h>

G_BEGIN_DECLS

void gst_dan_message_post (GstBaseTransform * trans, GstBuffer * buffer,
    const GstStructure * landmarks);
void gst_dan_message_post_error (GstElement * element, const gchar * kind,
    const gchar * model, const DanError * error);

G_END_DECLS

#endif /* GST_DAN_MESSAGE_H */
