/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_META_PRIVATE_H
#define GST_DAN_META_PRIVATE_H

#include "gstdanrecord.h"

G_BEGIN_DECLS

void gst_dan_meta_register (void);
GstStructure *gst_dan_meta_attach (GstBuffer * buffer,
    const GstDanRecordInfo * info, const GArray * faces);

G_END_DECLS

#endif /* GST_DAN_META_PRIVATE_H */
