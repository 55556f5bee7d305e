/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media.h"
#include "detector.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include <gst/app/gstappsink.h>

/* The formats whose first plane is 8-bit luma, and RGB for what has none.
 * With luma, the network sees what the decoder made and not a round trip
 * through RGB; videoconvert brings anything else to the nearest of these. */
#define SINK_CAPS \
    "video/x-raw, format=(string){ GRAY8, I420, YV12, NV12, NV21, Y42B, Y444, RGB }"

#define POLL_INTERVAL (100 * GST_MSECOND)

struct Media
{
  GstElement *pipeline;
  GstElement *head;             /* what the decoder's pad is linked to */
  GstAppSink *sink;
  GstBus *bus;
  gchar *missing;               /* the decoder that is not installed */
  guint64 n_frames;
  /* Written by the streaming thread before the first frame. */
  gint seen_type;
  gint picture;
  gint linked;
};

/* The first caps are those of the file as a whole. Sound and subtitles need
 * no decoding. */
static gboolean
on_autoplug_continue (GstElement * decoder, GstPad * pad, GstCaps * caps,
    Media * media)
{
  const gchar *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));

  if (g_atomic_int_compare_and_exchange (&media->seen_type, FALSE, TRUE))
    g_atomic_int_set (&media->picture, g_str_has_prefix (name, "image/")
        && strcmp (name, "image/gif") != 0);
  return !g_str_has_prefix (name, "audio/") && !g_str_has_prefix (name, "text/");
}

static void
on_pad_added (GstElement * decoder, GstPad * pad, Media * media)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  g_autoptr (GstPad) sink = gst_element_get_static_pad (media->head, "sink");

  if (!caps)
    caps = gst_pad_query_caps (pad, NULL);
  if (gst_pad_is_linked (sink) || !g_str_has_prefix (gst_structure_get_name
          (gst_caps_get_structure (caps, 0)), "video/x-raw"))
    return;
  if (GST_PAD_LINK_SUCCESSFUL (gst_pad_link (pad, sink)))
    g_atomic_int_set (&media->linked, TRUE);
}

static void
on_no_more_pads (GstElement * decoder, Media * media)
{
  if (!g_atomic_int_get (&media->linked))
    GST_ELEMENT_ERROR (decoder, STREAM, WRONG_TYPE,
        ("there is no picture or video in it"), (NULL));
}

static GstElement *
make_element (const gchar * factory, GError ** error)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (!element)
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "the GStreamer element \"%s\" is not installed", factory);
  return element;
}

/* The tag with a photograph's orientation comes from jpegparse, which
 * GStreamer before 1.24 does not use unless asked to. */
static void
prefer_jpegparse (void)
{
  GstPluginFeature *parser = gst_registry_lookup_feature (gst_registry_get (),
      "jpegparse");

  if (parser) {
    gst_plugin_feature_set_rank (parser, GST_RANK_PRIMARY + 1);
    gst_object_unref (parser);
  }
}

/* Conversion after the detector would take what it says of a region away, so
 * frames come to it in a format that need not be converted, if it takes one. */
static gboolean
link_detector (GstElement * before, GstElement * detector,
    GstElement * after, GstCaps * caps)
{
  return gst_element_link (before, detector)
      && (gst_element_link_filtered (detector, after, caps)
      || gst_element_link (detector, after));
}

/* decoder ! videoconvert ! videoflip ! [detector !] videoconvert ! appsink */
static gboolean
build_pipeline (Media * media, const gchar * uri, const gchar * detector,
    GError ** error)
{
  static const gchar *const factories[] =
      { "uridecodebin", "videoconvert", "videoflip", "videoconvert", "appsink" };
  GstElement *chain[G_N_ELEMENTS (factories)];
  GstElement *finder = NULL;
  g_autoptr (GstCaps) caps = gst_caps_from_string (SINK_CAPS);
  gboolean linked;

  for (guint i = 0; i < G_N_ELEMENTS (factories); i++) {
    if (!(chain[i] = make_element (factories[i], error)))
      return FALSE;
    gst_bin_add (GST_BIN (media->pipeline), chain[i]);
  }
  g_object_set (chain[0], "uri", uri, NULL);
  gst_util_set_object_arg (G_OBJECT (chain[2]), "video-direction", "auto");
  media->head = chain[1];
  media->sink = GST_APP_SINK (chain[4]);
  g_object_set (media->sink, "caps", caps, "sync", FALSE, "max-buffers", 4,
      NULL);

  if (detector) {
    if (!(finder = detector_make (detector, error)))
      return FALSE;
    gst_bin_add (GST_BIN (media->pipeline), finder);
    linked = link_detector (chain[2], finder, chain[3], caps);
  } else {
    linked = gst_element_link (chain[2], chain[3]);
  }
  linked = linked && gst_element_link (chain[1], chain[2])
      && gst_element_link (chain[3], chain[4]);
  if (!linked) {
    g_set_error (error, GST_PARSE_ERROR, GST_PARSE_ERROR_LINK,
        "the detector \"%s\" takes or gives no raw video",
        detector ? detector : "");
    return FALSE;
  }
  g_signal_connect (chain[0], "autoplug-continue",
      G_CALLBACK (on_autoplug_continue), media);
  g_signal_connect (chain[0], "pad-added", G_CALLBACK (on_pad_added), media);
  g_signal_connect (chain[0], "no-more-pads", G_CALLBACK (on_no_more_pads),
      media);
  return TRUE;
}

static gchar *
input_to_uri (const gchar * input, GError ** error)
{
  if (gst_uri_is_valid (input))
    return g_strdup (input);
  if (g_access (input, R_OK) != 0) {
    gint code = errno;

    g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (code),
        code == ENOENT ? "no such file" : g_strerror (code));
    return NULL;
  }
  if (g_file_test (input, G_FILE_TEST_IS_DIR)) {
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR,
        "it is a directory");
    return NULL;
  }
  return gst_filename_to_uri (input, error);
}

Media *
media_open (const gchar * input, const gchar * detector, GError ** error)
{
  g_autofree gchar *uri = input_to_uri (input, error);
  Media *media;

  if (!uri)
    return NULL;
  prefer_jpegparse ();
  media = g_new0 (Media, 1);
  media->pipeline = gst_pipeline_new (NULL);
  media->bus = gst_element_get_bus (media->pipeline);
  if (!build_pipeline (media, uri, detector, error)) {
    media_close (media);
    return NULL;
  }
  /* A failure to start comes with an error message, which media_next()
   * reports. */
  gst_element_set_state (media->pipeline, GST_STATE_PLAYING);
  return media;
}

void
media_close (Media * media)
{
  if (!media)
    return;
  gst_element_set_state (media->pipeline, GST_STATE_NULL);
  gst_object_unref (media->bus);
  gst_object_unref (media->pipeline);
  g_free (media->missing);
  g_free (media);
}

/* TRUE: an error was on the bus. */
static gboolean
check_bus (Media * media, GError ** error)
{
  GstMessage *message;
  g_autoptr (GError) reason = NULL;

  while ((message = gst_bus_pop_filtered (media->bus,
              GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT))) {
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
      gst_message_parse_error (message, &reason, NULL);
      gst_message_unref (message);
      break;
    }
    if (gst_message_has_name (message, "missing-plugin") && !media->missing)
      media->missing = g_strdup (gst_structure_get_string
          (gst_message_get_structure (message), "name"));
    gst_message_unref (message);
  }
  if (!reason)
    return FALSE;
  if (media->missing)
    g_set_error (error, reason->domain, reason->code,
        "what decodes it is not installed: %s", media->missing);
  else
    g_propagate_error (error, g_steal_pointer (&reason));
  return TRUE;
}

static GstSample *
pull_sample (Media * media, GError ** error)
{
  for (;;) {
    GstSample *sample = gst_app_sink_try_pull_sample (media->sink,
        POLL_INTERVAL);

    if (sample)
      return sample;
    if (check_bus (media, error))
      return NULL;
    if (gst_app_sink_is_eos (media->sink)) {
      if (media->n_frames == 0)
        g_set_error_literal (error, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE,
            "not a single frame could be decoded");
      return NULL;
    }
  }
}

gboolean
media_next (Media * media, MediaFrame * frame, GError ** error)
{
  GstSample *sample = pull_sample (media, error);
  GstBuffer *buffer;
  GstVideoInfo info;
  GstClockTime time;

  if (!sample)
    return FALSE;
  buffer = gst_sample_get_buffer (sample);
  if (!gst_video_info_from_caps (&info, gst_sample_get_caps (sample))
      || !gst_video_frame_map (&frame->video, &info, buffer, GST_MAP_READ)) {
    g_set_error_literal (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
        "a decoded frame cannot be read");
    gst_sample_unref (sample);
    return FALSE;
  }
  time = gst_segment_to_stream_time (gst_sample_get_segment (sample),
      GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));
  frame->sample = sample;
  frame->index = media->n_frames++;
  frame->time = media_is_picture (media) || !GST_CLOCK_TIME_IS_VALID (time) ?
      NAN : (gdouble) time / GST_SECOND;
  return TRUE;
}

void
media_frame_clear (MediaFrame * frame)
{
  gst_video_frame_unmap (&frame->video);
  g_clear_pointer (&frame->sample, gst_sample_unref);
}

gboolean
media_is_picture (const Media * media)
{
  return g_atomic_int_get (&media->picture);
}

gdouble
media_fraction (Media * media, const MediaFrame * frame)
{
  gint64 duration;

  if (isnan (frame->time) || !gst_element_query_duration (media->pipeline,
          GST_FORMAT_TIME, &duration) || duration <= 0)
    return -1;
  return MIN (frame->time * GST_SECOND / duration, 1.);
}

DanImage
media_frame_image (const MediaFrame * frame)
{
  const GstVideoFrame *video = &frame->video;
  gboolean rgb = GST_VIDEO_FRAME_FORMAT (video) == GST_VIDEO_FORMAT_RGB;
  gboolean limited =
      video->info.colorimetry.range == GST_VIDEO_COLOR_RANGE_16_235;

  return (DanImage) {
    .data = GST_VIDEO_FRAME_PLANE_DATA (video, 0),
    .stride = GST_VIDEO_FRAME_PLANE_STRIDE (video, 0),
    .width = GST_VIDEO_FRAME_WIDTH (video),
    .height = GST_VIDEO_FRAME_HEIGHT (video),
    .format = rgb ? DAN_FORMAT_RGB : DAN_FORMAT_GRAY8,
    .range = limited && !rgb ? DAN_RANGE_LIMITED : DAN_RANGE_FULL,
  };
}
