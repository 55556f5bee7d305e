/* SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-danalign
 * @title: danalign
 * @short_description: Finds facial landmarks
 *
 * danalign finds the landmarks of faces that an element before it detected:
 * of each #GstVideoRegionOfInterestMeta of type "face", or of a fixed
 * #GstDanAlign:region. It leaves them in a custom meta on the buffer, in the
 * regions' params and, with #GstDanAlign:message, on the bus, and draws them
 * with #GstDanAlign:draw.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 v4l2src ! videoconvert ! danfacedetect ! danalign draw=true ! videoconvert ! autovideosink
 * ]| Draws the landmarks of faces before a camera.
 * |[
 * gst-launch-1.0 -m videotestsrc num-buffers=5 ! danalign region=100,60,120,120 message=true ! fakesink
 * ]| Prints the landmarks of a fixed box.
 *
 * Since: 0.1
 */

#include "gstdanalign.h"

#include "gstdananalytics.h"
#include "gstdancaps.h"
#include "gstdandetection.h"
#include "gstdanengine.h"
#include "gstdanfields.h"
#include "gstdanmessage.h"
#include "gstdanmeta-private.h"
#include "gstdanoverlay.h"
#include "gstdanroi.h"
#include "gstdansettings.h"
#include "gstdantime.h"

GST_DEBUG_CATEGORY (gst_dan_align_debug);
#define GST_CAT_DEFAULT gst_dan_align_debug

/* Landmarks stand in for those of late frames no longer than this, so that
 * a pipeline that is always late still sees the face move. */
#define MAX_REUSE (GST_SECOND / 2)

struct _GstDanAlign
{
  GstVideoFilter parent;

  /* Protected by the object lock. */
  GstDanSettings settings;
  GstClockTime earliest_time;   /* running time that QoS asks for */

  /* Of the streaming thread. */
  GstDanEngine engine;
  GstDanTimeline timeline;
  GArray *faces;                /* of GstDanFace, of the last frame */
  GstClockTime faces_time;      /* running time of it, NONE: none to reuse */
  DanBox region;                /* that faces were last started from */
  DanBoxMap map;                /* of the boxes that came last */
  gboolean attach;              /* caps allow overlay compositions */
  GstDanBlender *blender;       /* for the caps' format */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DAN_CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DAN_CAPS));

G_DEFINE_TYPE (GstDanAlign, gst_dan_align, GST_TYPE_VIDEO_FILTER);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (danalign, "danalign", GST_RANK_NONE,
    GST_TYPE_DAN_ALIGN,
    GST_DEBUG_CATEGORY_INIT (gst_dan_align_debug, "danalign", 0,
        "facial landmarks"));

/* Properties */

static void
set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstDanAlign *self = GST_DAN_ALIGN (object);
  gboolean draw;
  DanBox box;

  if (g_str_equal (pspec->name, "region")) {
    const gchar *region = g_value_get_string (value);

    if (region && *region && !gst_dan_parse_region (region, &box)) {
      g_warning ("danalign: region \"%s\" is not \"x,y,width,height\"",
          region);
      GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS,
          ("The region \"%s\" is not \"x,y,width,height\".", region),
          ("The one before stays."));
      return;
    }
  }

  GST_OBJECT_LOCK (self);
  draw = self->settings.draw;
  gst_dan_fields_set (&self->settings, value, pspec);
  draw = draw != self->settings.draw;
  GST_OBJECT_UNLOCK (self);

  /* The choice between overlay and blending is due again. */
  if (draw)
    gst_base_transform_reconfigure_src (GST_BASE_TRANSFORM (self));
}

static void
get_property (GObject * object, guint id, GValue * value, GParamSpec * pspec)
{
  GstDanAlign *self = GST_DAN_ALIGN (object);

  GST_OBJECT_LOCK (self);
  gst_dan_fields_get (&self->settings, value, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
snapshot (GstDanAlign * self, GstDanSettings * settings)
{
  GST_OBJECT_LOCK (self);
  gst_dan_settings_copy (settings, &self->settings);
  GST_OBJECT_UNLOCK (self);
}

/* States */

/* Opens the model and, with @start, all that running it takes. */
static gboolean
open_engine (GstDanAlign * self, gboolean start)
{
  GstDanSettings settings;
  DanSettings inference;
  DanError error;
  gboolean ok;

  snapshot (self, &settings);
  inference = gst_dan_settings_inference (&settings);
  ok = gst_dan_engine_open_model (&self->engine, settings.model, &error);
  if (ok && start)
    ok = gst_dan_engine_start (&self->engine, &inference, &error);
  if (!ok)
    gst_dan_message_post_error (GST_ELEMENT (self), "landmark",
        settings.model ? settings.model : dan_default_model_path (), &error);
  gst_dan_settings_clear (&settings);
  return ok;
}

static GstStateChangeReturn
change_state (GstElement * element, GstStateChange transition)
{
  GstDanAlign *self = GST_DAN_ALIGN (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY
      && !open_engine (self, FALSE))
    return GST_STATE_CHANGE_FAILURE;

  ret = GST_ELEMENT_CLASS (gst_dan_align_parent_class)->change_state (element,
      transition);

  if (transition == GST_STATE_CHANGE_READY_TO_NULL ||
      (transition == GST_STATE_CHANGE_NULL_TO_READY
          && ret == GST_STATE_CHANGE_FAILURE))
    gst_dan_engine_close_model (&self->engine);
  return ret;
}

static void
forget (GstDanAlign * self)
{
  g_array_set_size (self->faces, 0);
  self->faces_time = GST_CLOCK_TIME_NONE;
  gst_dan_engine_forget (&self->engine);
}

static void
set_earliest_time (GstDanAlign * self, GstClockTime time)
{
  GST_OBJECT_LOCK (self);
  self->earliest_time = time;
  GST_OBJECT_UNLOCK (self);
}

/* Passing frames on untouched begins and ends between two frames: it decides
 * whether the base class makes them writable. */
static void
update_passthrough (GstDanAlign * self)
{
  gboolean enabled;

  GST_OBJECT_LOCK (self);
  enabled = self->settings.enabled;
  GST_OBJECT_UNLOCK (self);
  gst_base_transform_set_passthrough (GST_BASE_TRANSFORM (self), !enabled);
}

/* What comes next is of another time. */
static void
restart (GstDanAlign * self)
{
  set_earliest_time (self, GST_CLOCK_TIME_NONE);
  gst_dan_timeline_reset (&self->timeline);
  forget (self);
}

static gboolean
start (GstBaseTransform * trans)
{
  GstDanAlign *self = GST_DAN_ALIGN (trans);

  restart (self);
  update_passthrough (self);
  return open_engine (self, TRUE);
}

static gboolean
stop (GstBaseTransform * trans)
{
  GstDanAlign *self = GST_DAN_ALIGN (trans);

  forget (self);
  g_clear_pointer (&self->blender, gst_dan_blender_free);
  gst_dan_engine_stop (&self->engine);
  return TRUE;
}

/* Negotiation */

static GstCaps *
transform_caps (GstBaseTransform * trans, GstPadDirection direction,
    GstCaps * caps, GstCaps * filter)
{
  return gst_dan_caps_transform (direction, caps, filter);
}

static GstCaps *
fixate_caps (GstBaseTransform * trans, GstPadDirection direction,
    GstCaps * caps, GstCaps * othercaps)
{
  GstDanAlign *self = GST_DAN_ALIGN (trans);
  GstCaps *overlay = NULL;
  gboolean draw;

  GST_OBJECT_LOCK (self);
  draw = self->settings.draw;
  GST_OBJECT_UNLOCK (self);

  if (direction == GST_PAD_SINK && draw && !gst_dan_caps_have_overlay (caps))
    overlay = gst_dan_caps_prefer_overlay (trans->srcpad, caps);
  if (!overlay)
    return gst_caps_fixate (othercaps);

  gst_caps_unref (othercaps);
  return overlay;
}

static gboolean
set_info (GstVideoFilter * filter, GstCaps * incaps, GstVideoInfo * in_info,
    GstCaps * outcaps, GstVideoInfo * out_info)
{
  GstDanAlign *self = GST_DAN_ALIGN (filter);
  /* Where drawings go may change, and the video not. */
  gboolean same = self->blender
      && gst_video_info_is_equal (in_info, &filter->in_info);

  self->attach = gst_dan_caps_have_overlay (outcaps);
  GST_DEBUG_OBJECT (self, "drawings are attached: %d", self->attach);
  gst_dan_blender_free (self->blender);
  self->blender = gst_dan_blender_new (in_info);
  if (!same)
    forget (self);
  return TRUE;
}

static gboolean
propose_allocation (GstBaseTransform * trans, GstQuery * decide_query,
    GstQuery * query)
{
  if (!GST_BASE_TRANSFORM_CLASS (gst_dan_align_parent_class)
      ->propose_allocation (trans, decide_query, query))
    return FALSE;

  gst_dan_caps_refuse_crop (query);
  return TRUE;
}

/* Events */

static gboolean
sink_event (GstBaseTransform * trans, GstEvent * event)
{
  GstDanAlign *self = GST_DAN_ALIGN (trans);

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP ||
      GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT)
    restart (self);
  return GST_BASE_TRANSFORM_CLASS (gst_dan_align_parent_class)->sink_event
      (trans, event);
}

static gboolean
src_event (GstBaseTransform * trans, GstEvent * event)
{
  GstDanAlign *self = GST_DAN_ALIGN (trans);
  GstClockTimeDiff diff;
  GstClockTime timestamp;

  if (GST_EVENT_TYPE (event) != GST_EVENT_QOS)
    return GST_BASE_TRANSFORM_CLASS (gst_dan_align_parent_class)->src_event
        (trans, event);

  gst_event_parse_qos (event, NULL, NULL, &diff, &timestamp);
  if (!GST_CLOCK_TIME_IS_VALID (timestamp) ||
      (diff < 0 && timestamp < (GstClockTime) - diff))
    set_earliest_time (self, GST_CLOCK_TIME_NONE);
  else
    set_earliest_time (self, timestamp + diff);

  /* Past the base class, which would drop late frames. */
  return gst_pad_push_event (trans->sinkpad, event);
}

/* Frames */

static void
before_transform (GstBaseTransform * trans, GstBuffer * buffer)
{
  GstDanAlign *self = GST_DAN_ALIGN (trans);
  GstClockTime time = gst_dan_stream_time (&trans->segment, buffer);

  if (GST_CLOCK_TIME_IS_VALID (time))
    gst_object_sync_values (GST_OBJECT (self), time);
  update_passthrough (self);
}

/* Whether a frame at running @time is late and earlier landmarks can stand in
 * for its own. */
static gboolean
is_late (GstDanAlign * self, GstClockTime time)
{
  GstClockTime earliest;

  if (!gst_base_transform_is_qos_enabled (GST_BASE_TRANSFORM (self)))
    return FALSE;

  GST_OBJECT_LOCK (self);
  earliest = self->earliest_time;
  GST_OBJECT_UNLOCK (self);

  return GST_CLOCK_TIME_IS_VALID (earliest) && GST_CLOCK_TIME_IS_VALID (time)
      && GST_CLOCK_TIME_IS_VALID (self->faces_time) && time < earliest
      && time >= self->faces_time && time - self->faces_time <= MAX_REUSE;
}

static gboolean
has_region (const GstDanSettings * settings)
{
  return settings->region && *settings->region;
}

/* The face of the fixed region. Another region is for another face. */
static void
collect_region (GstDanAlign * self, const GstDanSettings * settings)
{
  GstDanFace face = {.detection_confidence = -1 };

  gst_dan_parse_region (settings->region, &face.box);
  if (memcmp (&face.box, &self->region, sizeof face.box) != 0)
    gst_dan_engine_forget (&self->engine);
  self->region = face.box;
  g_array_append_val (self->faces, face);
}

/* Where the landmarks of the faces are, by their boxes. */
static void
place_faces (GstDanAlign * self, const GstDanSettings * settings)
{
  const GstVideoInfo *info = &GST_VIDEO_FILTER (self)->in_info;

  for (guint i = 0; i < self->faces->len; i++) {
    GstDanFace *face = &g_array_index (self->faces, GstDanFace, i);

    self->map = gst_dan_settings_box_map (settings);
    if (settings->box == GST_DAN_BOX_AUTO && face->roi
        && gst_dan_detection_read (face->roi, GST_VIDEO_INFO_WIDTH (info),
            GST_VIDEO_INFO_HEIGHT (info), &face->tight, &face->roll))
      self->map = DAN_BOX_MAP_LANDMARKS;
    else
      face->tight = dan_box_map (face->box, self->map);
  }
}

static void
collect_faces (GstDanAlign * self, GstBuffer * buffer,
    const GstDanSettings * settings)
{
  g_array_set_size (self->faces, 0);
  if (has_region (settings)) {
    collect_region (self, settings);
  } else if (settings->roi_types) {
    gchar **types = g_strsplit (settings->roi_types, ",", -1);

    for (gchar ** type = types; *type; type++)
      g_strstrip (*type);
    gst_dan_faces_collect (self->faces, buffer, types);
    gst_dan_analytics_collect (self->faces, buffer, types);
    g_strfreev (types);
  }
  /* The tracker has a limit of its own, of faces that are not known yet. */
  gst_dan_faces_select (self->faces,
      settings->tracking ? 0 : settings->max_faces);
  place_faces (self, settings);
}

/* Finds the landmarks of the faces of the frame at running @time. */
static void
align_faces (GstDanAlign * self, GstBuffer * buffer, GstClockTime time,
    const GstDanSettings * settings)
{
  GstObject *log = GST_OBJECT (self);
  GstVideoFrame frame;
  DanImage image;

  if (self->faces->len == 0 && !settings->tracking)
    return;
  if (!gst_video_frame_map (&frame, &GST_VIDEO_FILTER (self)->in_info, buffer,
          GST_MAP_READ | GST_VIDEO_FRAME_MAP_FLAG_NO_REF)) {
    GST_WARNING_OBJECT (self, "cannot read the frame");
    g_array_set_size (self->faces, 0);
    return;
  }
  gst_dan_image_from_frame (&image, &frame);
  if (settings->tracking) {
    gst_dan_engine_set_tracking (&self->engine,
        has_region (settings) ? 1 : settings->max_faces, settings->recurrent);
    gst_dan_engine_track (&self->engine, log, &image, time, self->map,
        self->faces);
  } else {
    gst_dan_engine_align (&self->engine, log, &image, self->faces);
  }
  gst_dan_faces_drop_doubtful (self->faces, settings->min_confidence);
  gst_video_frame_unmap (&frame);
}

/* Has the landmarks of the last frame, or what becomes of them by running
 * @time, stand in for those of a late one. */
static void
reuse_faces (GstDanAlign * self, GstClockTime time,
    const GstDanSettings * settings)
{
  GST_LOG_OBJECT (self, "late, landmarks of %" GST_TIME_FORMAT " reused",
      GST_TIME_ARGS (self->faces_time));
  if (settings->tracking) {
    gst_dan_engine_extrapolate (&self->engine, time, self->map, self->faces);
    gst_dan_faces_drop_doubtful (self->faces, settings->min_confidence);
    return;
  }
  for (guint i = 0; i < self->faces->len; i++)
    g_array_index (self->faces, GstDanFace, i).status = GST_DAN_FACE_REUSED;
}

static gboolean
is_of_this_frame (const GstDanFace * face)
{
  return face->status == GST_DAN_FACE_ALIGNED ||
      face->status == GST_DAN_FACE_TRACKED;
}

/* The buffer goes on without us, and what it says of the faces with it. */
static void
leave_buffer (GstDanAlign * self)
{
  for (guint i = 0; i < self->faces->len; i++) {
    GstDanFace *face = &g_array_index (self->faces, GstDanFace, i);

    face->roi = NULL;
    face->has_od = FALSE;
  }
}

/* Leaves the landmarks wherever they are wanted as data. */
static void
publish (GstDanAlign * self, GstBuffer * buffer,
    const GstDanSettings * settings, const GstDanRecordInfo * info)
{
  const GstStructure *landmarks =
      gst_dan_meta_attach (buffer, info, self->faces);

  for (guint i = 0; i < self->faces->len; i++) {
    GstDanFace *face = &g_array_index (self->faces, GstDanFace, i);

    if (!face->roi && is_of_this_frame (face))
      face->roi = gst_dan_roi_add_region (buffer, &face->box, info->width,
          info->height);
    gst_dan_roi_add_landmarks (info, face);
  }
  gst_dan_analytics_add_faces (buffer, info, self->faces,
      settings->keypoints);
  leave_buffer (self);
  if (settings->message)
    gst_dan_message_post (GST_BASE_TRANSFORM (self), buffer, landmarks);
}

static void
attach_drawing (GstDanAlign * self, GstBuffer * buffer,
    const GstDanSettings * settings, const GstDanRecordInfo * info)
{
  GstVideoOverlayComposition *composition =
      gst_dan_overlay_new (settings, info, self->faces);

  if (!composition)
    return;
  gst_dan_overlay_attach (buffer, composition);
  gst_video_overlay_composition_unref (composition);
}

static void
blend_drawing (GstDanAlign * self, GstBuffer * buffer,
    const GstDanSettings * settings, const GstDanRecordInfo * info)
{
  GstVideoFrame frame;
  gboolean drawn = FALSE;

  if (self->faces->len == 0)
    return;
  if (gst_video_frame_map (&frame, &GST_VIDEO_FILTER (self)->in_info, buffer,
          GST_MAP_READWRITE | GST_VIDEO_FRAME_MAP_FLAG_NO_REF)) {
    drawn = gst_dan_overlay_blend (self->blender, settings, info, self->faces,
        &frame);
    gst_video_frame_unmap (&frame);
  }
  if (!drawn)
    GST_WARNING_OBJECT (self, "cannot draw on the frame");
}

static GstFlowReturn
transform_ip (GstBaseTransform * trans, GstBuffer * buffer)
{
  GstDanAlign *self = GST_DAN_ALIGN (trans);
  GstVideoInfo *video = &GST_VIDEO_FILTER (self)->in_info;
  GstClockTime time = gst_dan_running_time (&trans->segment, buffer);
  GstDanRecordInfo info = {
    .width = GST_VIDEO_INFO_WIDTH (video),
    .height = GST_VIDEO_INFO_HEIGHT (video),
    .time = time,
    .scheme = dan_model_scheme (self->engine.model),
    .n_points = dan_model_n_points (self->engine.model),
  };
  GstDanSettings settings;

  info.contours = dan_model_contours (self->engine.model, &info.n_contours);
  snapshot (self, &settings);
  if (gst_dan_timeline_breaks (&self->timeline, &trans->segment, buffer, video))
    forget (self);
  if (is_late (self, time)) {
    reuse_faces (self, time, &settings);
  } else {
    collect_faces (self, buffer, &settings);
    align_faces (self, buffer, time, &settings);
    self->faces_time = time;
  }
  publish (self, buffer, &settings, &info);
  if (settings.draw && self->attach)
    attach_drawing (self, buffer, &settings, &info);
  else if (settings.draw)
    blend_drawing (self, buffer, &settings, &info);
  gst_dan_settings_clear (&settings);
  return GST_FLOW_OK;
}

/* Type */

static void
finalize (GObject * object)
{
  GstDanAlign *self = GST_DAN_ALIGN (object);

  g_array_unref (self->faces);
  gst_dan_settings_clear (&self->settings);
  G_OBJECT_CLASS (gst_dan_align_parent_class)->finalize (object);
}

static void
gst_dan_align_class_init (GstDanAlignClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  gst_dan_settings_install (object_class);

  gst_element_class_set_static_metadata (element_class, "Facial landmarks",
      "Filter/Effect/Analyzer/Video",
      "Finds facial landmarks by a Deep Alignment Network",
      "The danalign authors");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  element_class->change_state = change_state;

  trans_class->start = start;
  trans_class->stop = stop;
  trans_class->transform_caps = transform_caps;
  trans_class->fixate_caps = fixate_caps;
  trans_class->propose_allocation = propose_allocation;
  trans_class->sink_event = sink_event;
  trans_class->src_event = src_event;
  trans_class->before_transform = before_transform;
  /* Not the video filter's transform_frame_ip, for which each frame would be
   * mapped for writing, and so copied when others hold it too. */
  trans_class->transform_ip = transform_ip;
  trans_class->transform_ip_on_passthrough = FALSE;

  GST_VIDEO_FILTER_CLASS (klass)->set_info = set_info;
}

static void
gst_dan_align_init (GstDanAlign * self)
{
  self->faces = g_array_new (FALSE, TRUE, sizeof (GstDanFace));
  self->faces_time = GST_CLOCK_TIME_NONE;
  self->map = DAN_BOX_MAP_LANDMARKS;
  self->earliest_time = GST_CLOCK_TIME_NONE;
  gst_dan_fields_init (&self->settings, G_OBJECT (self));
  gst_base_transform_set_in_place (GST_BASE_TRANSFORM (self), TRUE);
}
