/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstdanmessage.h"

#include "gstdantime.h"

/* Posts the meta's fields with the times of the frame, which are named as in
 * the messages of other analysing elements. */
void
gst_dan_message_post (GstBaseTransform * trans, GstBuffer * buffer,
    const GstStructure * landmarks)
{
  GstSegment *segment = &trans->segment;
  GstStructure *structure = gst_structure_copy (landmarks);

  gst_structure_set_name (structure, "danalign");
  gst_structure_set (structure,
      "timestamp", G_TYPE_UINT64, GST_BUFFER_PTS (buffer),
      "stream-time", G_TYPE_UINT64,
      gst_dan_stream_time (segment, buffer),
      "running-time", G_TYPE_UINT64,
      gst_dan_running_time (segment, buffer),
      "duration", G_TYPE_UINT64, GST_BUFFER_DURATION (buffer), NULL);
  gst_element_post_message (GST_ELEMENT (trans),
      gst_message_new_element (GST_OBJECT (trans), structure));
}

/* What cannot be done; @error may name the file itself. */
static gchar *
error_text (const gchar * kind, const gchar * model, const DanError * error)
{
  if (g_str_has_prefix (error->message, model))
    return g_strdup_printf ("Cannot use the %s model: %s", kind,
        error->message);
  return g_strdup_printf ("Cannot use the %s model \"%s\": %s", kind, model,
      error->message);
}

/* Stops the pipeline because @model, of @kind, cannot be used, or not as it is
 * set. */
void
gst_dan_message_post_error (GstElement * element, const gchar * kind,
    const gchar * model, const DanError * error)
{
  GQuark domain = GST_LIBRARY_ERROR;
  gint code = GST_LIBRARY_ERROR_INIT;
  const gchar *advice = NULL;

  if (error->status == DAN_ERROR_IO) {
    domain = GST_RESOURCE_ERROR;
    code = g_file_test (model, G_FILE_TEST_EXISTS) ?
        GST_RESOURCE_ERROR_OPEN_READ : GST_RESOURCE_ERROR_NOT_FOUND;
    advice = "The property \"model\" names another one; gst-inspect-1.0 says "
        "what else does.";
  } else if (error->status == DAN_ERROR_MODEL) {
    domain = GST_STREAM_ERROR;
    code = GST_STREAM_ERROR_DECODE;
  } else if (error->status == DAN_ERROR_ARGUMENT ||
      error->status == DAN_ERROR_UNSUPPORTED) {
    code = GST_LIBRARY_ERROR_SETTINGS;
  }
  gst_element_message_full (element, GST_MESSAGE_ERROR, domain, code,
      error_text (kind, model, error), g_strdup (advice), __FILE__,
      GST_FUNCTION, __LINE__);
}
