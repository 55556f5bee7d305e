/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The element scriptdetector, a detector that finds what a file says. A line is
 * a frame: what becomes of its time, then the boxes of its faces, as in
 *
 *     = 10,20,100,110 200,30,90,95
 *
 * The time is = (as it is), - (none), a number (seconds from the first frame) or
 * x: the frame is dropped. After the last line the video ends. */

#include <stdio.h>
#include <gst/video/gstvideofilter.h>

#define PACKAGE "danalign"

typedef struct {
  GstBaseTransform parent;
  gchar *location;
  gboolean tight;               /* say that the boxes are the landmarks' */
  gchar **lines;
  guint n_lines, next;
} ScriptDetector;

typedef struct {
  GstBaseTransformClass parent;
} ScriptDetectorClass;

enum { PROP_LOCATION = 1, PROP_TIGHT };

GType script_detector_get_type (void);
G_DEFINE_TYPE (ScriptDetector, script_detector, GST_TYPE_BASE_TRANSFORM);

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-raw"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-raw"));

static gboolean
start (GstBaseTransform * trans)
{
  ScriptDetector *self = (ScriptDetector *) trans;
  gchar *text;

  if (!g_file_get_contents (self->location, &text, NULL, NULL)) {
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND, ("no script"), (NULL));
    return FALSE;
  }
  self->lines = g_strsplit (g_strchomp (text), "\n", -1);
  self->n_lines = g_strv_length (self->lines);
  self->next = 0;
  g_free (text);
  return TRUE;
}

static gboolean
stop (GstBaseTransform * trans)
{
  g_clear_pointer (&((ScriptDetector *) trans)->lines, g_strfreev);
  return TRUE;
}

static void
set_time (GstBaseTransform * trans, GstBuffer * buffer, const gchar * time)
{
  if (*time == '-')
    GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
  else if (g_ascii_isdigit (*time))
    GST_BUFFER_PTS (buffer) = trans->segment.start
        + g_ascii_strtod (time, NULL) * GST_SECOND;
}

static void
add_face (ScriptDetector * self, GstBuffer * buffer, gint id,
    const gchar * text)
{
  GstVideoRegionOfInterestMeta *roi;
  guint x, y, w, h;

  if (sscanf (text, "%u,%u,%u,%u", &x, &y, &w, &h) != 4)
    return;
  roi = gst_buffer_add_video_region_of_interest_meta (buffer, "face", x, y, w,
      h);
  roi->id = id;
  if (self->tight)
    gst_video_region_of_interest_meta_add_param (roi,
        gst_structure_new ("detection", "confidence", G_TYPE_DOUBLE, .75,
            "box", G_TYPE_STRING, "landmarks", NULL));
}

static GstFlowReturn
transform_ip (GstBaseTransform * trans, GstBuffer * buffer)
{
  ScriptDetector *self = (ScriptDetector *) trans;
  gchar **words;
  gboolean dropped;

  if (self->next >= self->n_lines)
    return GST_FLOW_EOS;
  words = g_strsplit (self->lines[self->next++], " ", -1);
  set_time (trans, buffer, words[0]);
  for (guint i = 1; i < g_strv_length (words); i++)
    add_face (self, buffer, i, words[i]);
  dropped = *words[0] == 'x';
  g_strfreev (words);
  return dropped ? GST_BASE_TRANSFORM_FLOW_DROPPED : GST_FLOW_OK;
}

static void
set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  ScriptDetector *self = (ScriptDetector *) object;

  if (id == PROP_LOCATION) {
    g_free (self->location);
    self->location = g_value_dup_string (value);
  } else {
    self->tight = g_value_get_boolean (value);
  }
}

static void
finalize (GObject * object)
{
  g_free (((ScriptDetector *) object)->location);
  G_OBJECT_CLASS (script_detector_parent_class)->finalize (object);
}

static void
script_detector_class_init (ScriptDetectorClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS (klass);

  object_class->set_property = set_property;
  object_class->finalize = finalize;
  g_object_class_install_property (object_class, PROP_LOCATION,
      g_param_spec_string ("location", NULL, NULL, NULL,
          G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_TIGHT,
      g_param_spec_boolean ("tight", NULL, NULL, FALSE,
          G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
  gst_element_class_set_static_metadata (element_class, "Script detector",
      "Filter/Analyzer/Video", "Finds what a file says",
      "The danalign authors");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  trans_class->start = start;
  trans_class->stop = stop;
  trans_class->transform_ip = transform_ip;
}

static void
script_detector_init (ScriptDetector * self)
{
  gst_base_transform_set_in_place (GST_BASE_TRANSFORM (self), TRUE);
  gst_base_transform_set_qos_enabled (GST_BASE_TRANSFORM (self), FALSE);
}

static gboolean
plugin_init (GstPlugin * plugin)
{
  return gst_element_register (plugin, "scriptdetector", GST_RANK_NONE,
      script_detector_get_type ());
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, scriptdetector,
    "A detector for tests", plugin_init, "0", "LGPL", PACKAGE, PACKAGE)
