/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gst/gst.h>

#include "gstdanalign.h"
#include "gstdanfacedetect.h"
#include "gstdanmeta-private.h"

static gboolean
plugin_init (GstPlugin * plugin)
{
  /* Registered with the plugin, so that applications can read the meta of
   * buffers that they got without making an element themselves. */
  gst_dan_meta_register ();

  return GST_ELEMENT_REGISTER (danalign, plugin)
      && GST_ELEMENT_REGISTER (danfacedetect, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, dan,
    "Facial landmarks by a Deep Alignment Network", plugin_init,
    DAN_VERSION, "LGPL", "danalign", "danalign")
