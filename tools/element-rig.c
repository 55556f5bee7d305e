/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "element-rig.h"

struct ElementRig
{
  GstElement *element;
  GstBus *bus;
  GstPad *source, *sink;        /* what stands before and behind it */
  gboolean overlays;
};

static GstFlowReturn
drop_buffer (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
answer_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  const ElementRig *rig = gst_pad_get_element_private (pad);

  if (GST_QUERY_TYPE (query) != GST_QUERY_ALLOCATION)
    return gst_pad_query_default (pad, parent, query);
  if (rig->overlays)
    gst_query_add_allocation_meta (query,
        GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, NULL);
  return TRUE;
}

static void
link_pads (ElementRig * rig)
{
  g_autoptr (GstPad) in = gst_element_get_static_pad (rig->element, "sink");
  g_autoptr (GstPad) out = gst_element_get_static_pad (rig->element, "src");

  rig->source = gst_pad_new ("source", GST_PAD_SRC);
  rig->sink = gst_pad_new ("sink", GST_PAD_SINK);
  gst_pad_set_element_private (rig->sink, rig);
  gst_pad_set_chain_function (rig->sink, drop_buffer);
  gst_pad_set_query_function (rig->sink, answer_query);
  gst_pad_link (rig->source, in);
  gst_pad_link (out, rig->sink);
}

static gboolean
start (ElementRig * rig, const GstVideoInfo * info)
{
  g_autoptr (GstCaps) caps = gst_video_info_to_caps (info);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  return gst_element_set_state (rig->element, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE
      && gst_pad_set_active (rig->sink, TRUE)
      && gst_pad_set_active (rig->source, TRUE)
      && gst_pad_push_event (rig->source, gst_event_new_stream_start ("rig"))
      && gst_pad_push_event (rig->source, gst_event_new_caps (caps))
      && gst_pad_push_event (rig->source, gst_event_new_segment (&segment));
}

/* What the element posted says more than that something failed. */
static void
set_error (ElementRig * rig, GError ** error)
{
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (rig->bus, GST_MESSAGE_ERROR);

  if (message)
    gst_message_parse_error (message, error, NULL);
  else
    g_set_error_literal (error, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION,
        "danalign did not start with these frames");
}

ElementRig *
element_rig_new (GstElement * element, const GstVideoInfo * info,
    gboolean overlays, GError ** error)
{
  ElementRig *rig = g_new0 (ElementRig, 1);

  rig->overlays = overlays;
  rig->element = gst_object_ref_sink (element);
  rig->bus = gst_bus_new ();
  gst_element_set_bus (rig->element, rig->bus);
  link_pads (rig);
  if (start (rig, info))
    return rig;

  set_error (rig, error);
  element_rig_free (rig);
  return NULL;
}

void
element_rig_free (ElementRig * rig)
{
  if (!rig)
    return;
  gst_element_set_state (rig->element, GST_STATE_NULL);
  gst_pad_set_active (rig->source, FALSE);
  gst_pad_set_active (rig->sink, FALSE);
  gst_object_unref (rig->source);
  gst_object_unref (rig->sink);
  gst_element_set_bus (rig->element, NULL);
  gst_object_unref (rig->bus);
  gst_object_unref (rig->element);
  g_free (rig);
}

gboolean
element_rig_push (ElementRig * rig, GstBuffer * buffer, GError ** error)
{
  if (gst_pad_push (rig->source, buffer) == GST_FLOW_OK)
    return TRUE;
  set_error (rig, error);
  return FALSE;
}
