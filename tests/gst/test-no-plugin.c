/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An application may ask for landmarks in a process that never loaded the
 * plugin: there are none, and nothing is said about it. */

#include <gst/dan/gstdanmeta.h>

int
main (int argc, char **argv)
{
  GstBuffer *buffer;
  int found;

  gst_init (&argc, &argv);
  buffer = gst_buffer_new ();
  found = gst_dan_buffer_get_landmarks (buffer) != NULL;
  gst_buffer_unref (buffer);
  return found;
}
