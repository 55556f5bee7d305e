/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Prints the landmarks of the faces of a picture or video, as danalign leaves
 * them in the buffers' meta:
 *
 *   landmarks FILE
 */

#include <gst/gst.h>
#include <gst/dan/gstdanmeta.h>

static void
print_faces (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  const GstStructure *landmarks = gst_dan_buffer_get_landmarks (buffer);

  for (guint i = 0; landmarks && i < gst_dan_landmarks_n_faces (landmarks); i++) {
    const GstStructure *face = gst_dan_landmarks_get_face (landmarks, i);
    gfloat xy[2 * 68];
    guint n = gst_dan_face_get_points (face, xy, 68), id = 0;

    gst_structure_get_uint (face, "id", &id);
    g_print ("%.3f s, face %u:", GST_BUFFER_PTS (buffer) / 1e9, id);
    for (guint k = 0; k < MIN (n, 68); k++)
      g_print (" %.1f,%.1f", xy[2 * k], xy[2 * k + 1]);
    g_print ("\n");
  }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *detail = NULL;
  g_autoptr (GstElement) pipeline = NULL, source = NULL, sink = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  gst_init (&argc, &argv);
  if (argc != 2) {
    g_printerr ("usage: %s FILE\n", argv[0]);
    return 2;
  }
  pipeline = gst_parse_launch ("filesrc name=source ! decodebin ! videoconvert "
      "! danfacedetect ! danalign "
      "! fakesink name=sink signal-handoffs=true", &error);
  if (error) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_object_set (source, "location", argv[1], NULL);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_signal_connect (sink, "handoff", G_CALLBACK (print_faces), NULL);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  bus = gst_element_get_bus (pipeline);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, &detail);
    g_printerr ("%s: %s\n%s\n", argv[1], error->message, detail ? detail : "");
    return 1;
  }
  return 0;
}
