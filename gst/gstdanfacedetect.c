/* SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-danfacedetect
 * @title: danfacedetect
 * @short_description: Finds faces
 *
 * danfacedetect finds the faces of a frame and leaves each as a
 * #GstVideoRegionOfInterestMeta of type "face", with a param "detection" that
 * says how sure it is and a param "landmarks" with five points. It never
 * touches the picture. Elements that find landmarks, such as danalign, or that
 * blur or crop faces, follow it.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 v4l2src ! videoconvert ! danfacedetect ! danalign draw=true ! videoconvert ! autovideosink
 * ]| Draws the landmarks of faces before a camera.
 *
 * Since: 0.1
 */

#include "gstdanfacedetect.h"

#include "gstdancaps.h"
#include "gstdandetection.h"
#include "gstdanfields.h"
#include "gstdanmessage.h"
#include "gstdansettings.h"
#include "gstdantime.h"

GST_DEBUG_CATEGORY_STATIC (gst_dan_face_detect_debug);
#define GST_CAT_DEFAULT gst_dan_face_detect_debug

#define MAX_FACES 256

/* The properties. */
typedef struct
{
  gchar *model;                 /* NULL: the default */
  guint threads;
  gint precision;               /* a DanPrecision */
  gfloat threshold, nms;
  guint min_size;
  guint max_faces;
  guint interval;               /* frames from one that is searched to the next */
  GstClockTime interval_time;   /* the same in running time */
} Settings;

#define PROP(field) GST_DAN_FIELD (Settings, field)

struct _GstDanFaceDetect
{
  GstVideoFilter parent;

  Settings settings;            /* protected by the object lock */

  /* Of the streaming thread. */
  DanDetector *detector;
  GstDanTimeline timeline;
  guint frames;                 /* since the last one searched */
  GstClockTime searched;        /* running time of it, NONE: none yet */
  gint last_id;                 /* of a region */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DAN_CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DAN_CAPS));

G_DEFINE_TYPE (GstDanFaceDetect, gst_dan_face_detect, GST_TYPE_VIDEO_FILTER);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (danfacedetect, "danfacedetect",
    GST_RANK_NONE, GST_TYPE_DAN_FACE_DETECT,
    GST_DEBUG_CATEGORY_INIT (gst_dan_face_detect_debug, "danfacedetect", 0,
        "face detection"));

/* Properties */

static void
set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstDanFaceDetect *self = GST_DAN_FACE_DETECT (object);

  GST_OBJECT_LOCK (self);
  gst_dan_fields_set (&self->settings, value, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
get_property (GObject * object, guint id, GValue * value, GParamSpec * pspec)
{
  GstDanFaceDetect *self = GST_DAN_FACE_DETECT (object);

  GST_OBJECT_LOCK (self);
  gst_dan_fields_get (&self->settings, value, pspec);
  GST_OBJECT_UNLOCK (self);
}

/* All but the model, which stays the element's. */
static Settings
snapshot (GstDanFaceDetect * self)
{
  Settings settings;

  GST_OBJECT_LOCK (self);
  settings = self->settings;
  GST_OBJECT_UNLOCK (self);
  settings.model = NULL;
  return settings;
}

static gchar *
dup_model_path (GstDanFaceDetect * self)
{
  gchar *path;

  GST_OBJECT_LOCK (self);
  path = g_strdup (self->settings.model ? self->settings.model :
      dan_default_detector_path ());
  GST_OBJECT_UNLOCK (self);
  return path;
}

static DanDetectorSettings
detector_settings (const Settings * settings)
{
  return (DanDetectorSettings) {
    .threads = settings->threads,
    .precision = settings->precision,
    .min_size = settings->min_size,
    .threshold = settings->threshold,
    .overlap = settings->nms,
  };
}

/* States */

static DanStatus
open_detector (DanDetector ** detector, const gchar * path,
    const DanDetectorSettings * settings, DanError * error)
{
  DanModel *model;
  DanStatus status = dan_model_open (&model, path, error);

  if (status != DAN_OK)
    return status;
  status = dan_detector_open (detector, model, settings, error);
  dan_model_close (&model);
  return status;
}

static void
forget (GstDanFaceDetect * self)
{
  self->frames = 0;
  self->searched = GST_CLOCK_TIME_NONE;
}

/* What comes next is of another time. */
static void
restart (GstDanFaceDetect * self)
{
  gst_dan_timeline_reset (&self->timeline);
  forget (self);
}

static gboolean
start (GstBaseTransform * trans)
{
  GstDanFaceDetect *self = GST_DAN_FACE_DETECT (trans);
  const Settings settings = snapshot (self);
  const DanDetectorSettings detector = detector_settings (&settings);
  g_autofree gchar *path = dup_model_path (self);
  DanError error;

  restart (self);
  if (open_detector (&self->detector, path, &detector, &error) == DAN_OK)
    return TRUE;
  gst_dan_message_post_error (GST_ELEMENT (self), "face", path, &error);
  return FALSE;
}

static gboolean
stop (GstBaseTransform * trans)
{
  dan_detector_close (&GST_DAN_FACE_DETECT (trans)->detector);
  return TRUE;
}

static gboolean
set_info (GstVideoFilter * filter, GstCaps * incaps, GstVideoInfo * in_info,
    GstCaps * outcaps, GstVideoInfo * out_info)
{
  forget (GST_DAN_FACE_DETECT (filter));
  return TRUE;
}

static gboolean
propose_allocation (GstBaseTransform * trans, GstQuery * decide_query,
    GstQuery * query)
{
  if (!GST_BASE_TRANSFORM_CLASS (gst_dan_face_detect_parent_class)
      ->propose_allocation (trans, decide_query, query))
    return FALSE;

  gst_dan_caps_refuse_crop (query);
  return TRUE;
}

static gboolean
sink_event (GstBaseTransform * trans, GstEvent * event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP ||
      GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT)
    restart (GST_DAN_FACE_DETECT (trans));
  return GST_BASE_TRANSFORM_CLASS (gst_dan_face_detect_parent_class)
      ->sink_event (trans, event);
}

/* Frames */

/* Whether the frame at running @time is one to search: the first, and each for
 * which both intervals have passed. */
static gboolean
is_due (GstDanFaceDetect * self, GstClockTime time)
{
  const Settings settings = snapshot (self);
  gboolean due;

  due = self->frames == 0 || (self->frames >= settings.interval
      && (!GST_CLOCK_TIME_IS_VALID (time)
          || !GST_CLOCK_TIME_IS_VALID (self->searched)
          || time < self->searched
          || time - self->searched >= settings.interval_time));
  if (due) {
    self->frames = 0;
    self->searched = time;
  }
  self->frames++;
  return due;
}

/* Searches @image by the properties as they are now. */
static DanStatus
search (GstDanFaceDetect * self, const DanImage * image,
    DanDetection * detections, gsize * n, DanError * error)
{
  const Settings settings = snapshot (self);
  const DanDetectorSettings detector = detector_settings (&settings);
  DanStatus status = dan_detector_set_search (self->detector, &detector, error);

  if (status != DAN_OK)
    return status;
  return dan_detect (self->detector, image, detections,
      settings.max_faces > 0 ? settings.max_faces : MAX_FACES, n, error);
}

static gsize
detect (GstDanFaceDetect * self, GstBuffer * buffer, DanDetection * detections)
{
  GstVideoFrame frame;
  DanImage image;
  DanError error;
  gsize n = 0;

  if (!gst_video_frame_map (&frame, &GST_VIDEO_FILTER (self)->in_info, buffer,
          GST_MAP_READ | GST_VIDEO_FRAME_MAP_FLAG_NO_REF)) {
    GST_WARNING_OBJECT (self, "cannot read the frame");
    return 0;
  }
  gst_dan_image_from_frame (&image, &frame);
  if (search (self, &image, detections, &n, &error) != DAN_OK)
    GST_WARNING_OBJECT (self, "no faces were searched: %s", error.message);
  gst_video_frame_unmap (&frame);
  return n;
}

static GstFlowReturn
transform_ip (GstBaseTransform * trans, GstBuffer * buffer)
{
  GstDanFaceDetect *self = GST_DAN_FACE_DETECT (trans);
  const GstVideoInfo *video = &GST_VIDEO_FILTER (self)->in_info;
  DanDetection detections[MAX_FACES];
  gsize n;

  if (gst_dan_timeline_breaks (&self->timeline, &trans->segment, buffer, video))
    forget (self);
  if (!is_due (self, gst_dan_running_time (&trans->segment, buffer)))
    return GST_FLOW_OK;
  n = detect (self, buffer, detections);
  GST_LOG_OBJECT (self, "%" G_GSIZE_FORMAT " faces", n);
  for (gsize i = 0; i < n; i++)
    gst_dan_detection_add (buffer, video, &detections[i], ++self->last_id);
  return GST_FLOW_OK;
}

/* Type */

static void
finalize (GObject * object)
{
  g_free (GST_DAN_FACE_DETECT (object)->settings.model);
  G_OBJECT_CLASS (gst_dan_face_detect_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass * klass)
{
  const GParamFlags ready = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
      GST_PARAM_MUTABLE_READY;
  const GParamFlags playing = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
      GST_PARAM_MUTABLE_PLAYING;
  DanDetectorSettings usual;

  dan_detector_settings_default (&usual);
  g_object_class_install_property (klass, PROP (model),
      g_param_spec_string ("model", "Model",
      "Model file (NULL: $DAN_FACE_MODEL, else the installed one)", NULL,
      ready));
  g_object_class_install_property (klass, PROP (threads),
      g_param_spec_uint ("threads", "Threads",
      "Threads that work on one frame (0: one per CPU)", 0, 64, 1, ready));
  g_object_class_install_property (klass, PROP (precision),
      g_param_spec_enum ("precision", "Precision",
      "Precision of the network's products", GST_TYPE_DAN_PRECISION,
      DAN_PRECISION_AUTO, ready));
  g_object_class_install_property (klass, PROP (threshold),
      g_param_spec_float ("threshold", "Threshold",
      "Least confidence of a face", .01f, .99f, usual.threshold, playing));
  g_object_class_install_property (klass, PROP (nms),
      g_param_spec_float ("nms", "NMS",
      "Intersection over union above which the less confident of two faces is "
      "dropped", 0, 1, usual.overlap, playing));
  g_object_class_install_property (klass, PROP (min_size),
      g_param_spec_uint ("min-size", "Min size",
      "Larger side of the smallest faces in pixels; less than 16 is as 16, "
      "larger is faster (0: as small as is found in a frame of 768 pixels)", 0,
      32767, 0, playing));
  g_object_class_install_property (klass, PROP (max_faces),
      g_param_spec_uint ("max-faces", "Max faces",
      "Faces of a frame, the most confident first (0: all, up to 256)", 0,
      MAX_FACES, 64, playing));
  g_object_class_install_property (klass, PROP (interval),
      g_param_spec_uint ("interval", "Interval",
      "Search every N frames", 1, G_MAXUINT, 1, playing));
  g_object_class_install_property (klass, PROP (interval_time),
      g_param_spec_uint64 ("interval-time",
      "Interval time", "Search no more often than this, in nanoseconds", 0,
      G_MAXUINT64, 0, playing));
}

static void
gst_dan_face_detect_class_init (GstDanFaceDetectClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  install_properties (object_class);

  gst_element_class_set_static_metadata (element_class, "Face detector",
      "Filter/Analyzer/Video", "Finds faces by a convolutional network",
      "The danalign authors");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);

  trans_class->start = start;
  trans_class->stop = stop;
  trans_class->propose_allocation = propose_allocation;
  trans_class->sink_event = sink_event;
  trans_class->transform_ip = transform_ip;
  trans_class->transform_ip_on_passthrough = FALSE;

  GST_VIDEO_FILTER_CLASS (klass)->set_info = set_info;
}

static void
gst_dan_face_detect_init (GstDanFaceDetect * self)
{
  gst_dan_fields_init (&self->settings, G_OBJECT (self));
  forget (self);
  gst_base_transform_set_in_place (GST_BASE_TRANSFORM (self), TRUE);
  /* The base class would drop late frames. */
  gst_base_transform_set_qos_enabled (GST_BASE_TRANSFORM (self), FALSE);
}
