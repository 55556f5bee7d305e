/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstdansettings.h"

#include "gstdanfields.h"

/* When a property may be changed. */
#define BASE (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)
#define BEFORE_START (BASE | GST_PARAM_MUTABLE_READY)
#define ANY_TIME (BASE | GST_PARAM_MUTABLE_PLAYING)
#define ANY_FRAME (BASE | GST_PARAM_MUTABLE_PLAYING | GST_PARAM_CONTROLLABLE)

GType
gst_dan_box_kind_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {GST_DAN_BOX_AUTO, "What danfacedetect says; as haar where nothing is said",
        "auto"},
    {GST_DAN_BOX_HAAR, "OpenCV's frontal Haar cascades (facedetect)", "haar"},
    {GST_DAN_BOX_LANDMARKS, "The tight box of the landmarks", "landmarks"},
    {GST_DAN_BOX_CUSTOM, "As the box-scale and box-offset properties say",
        "custom"},
    {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstDanBoxKind", values));
  return type;
}

GType
gst_dan_precision_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {DAN_PRECISION_AUTO, "The fastest that keeps the landmarks", "auto"},
    {DAN_PRECISION_FP32, "Products of floats", "fp32"},
    {DAN_PRECISION_BF16, "Products of bfloat16, sums of floats; an error where "
          "the CPU lacks them", "bf16"},
    {DAN_PRECISION_INT8, "Products of integers of 8 bits; an error where the CPU "
          "lacks them", "int8"},
    {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstDanPrecision",
            values));
  return type;
}

#define PROP(field) GST_DAN_FIELD (GstDanSettings, field)

static void
install_inference (GObjectClass * klass)
{
  /**
   * GstDanAlign:enabled:
   *
   * Whether to work at all. If not, buffers pass untouched.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (enabled),
      g_param_spec_boolean ("enabled", "Enabled",
          "Find landmarks; if not, buffers pass untouched", TRUE, ANY_FRAME));
  /**
   * GstDanAlign:model:
   *
   * The model file. By default the one that the environment variable
   * `DAN_MODEL` names, else the installed one.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (model),
      g_param_spec_string ("model", "Model",
          "Model file (NULL: $DAN_MODEL, else the installed one)", NULL,
          BEFORE_START));
  /**
   * GstDanAlign:threads:
   *
   * Threads that work on one frame; 0 is one per CPU.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (threads),
      g_param_spec_uint ("threads", "Threads",
          "Threads that work on one frame (0: one per CPU)", 0, 64, 1,
          BEFORE_START));
  /**
   * GstDanAlign:stages:
   *
   * Stages of the cascade to run; 0 is all. Fewer are faster and less exact.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (stages),
      g_param_spec_uint ("stages", "Stages",
          "Stages of the network to run (0: all of the model's)", 0, 64, 0,
          BEFORE_START));
  /**
   * GstDanAlign:passes:
   *
   * Runs of the whole cascade, each after the first from the landmarks of the
   * one before. More make up for boxes that are off, and take as many times as
   * long.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (passes),
      g_param_spec_uint ("passes", "Passes",
          "Runs of the network, each from the landmarks of the one before", 1,
          4, 1, BEFORE_START));
  /**
   * GstDanAlign:precision:
   *
   * What the network's products are made of. `auto` is the fastest that the
   * CPU has and that keeps the landmarks: `int8` where that is to be had, else
   * `fp32`. To ask for what the CPU lacks is an error.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (precision),
      g_param_spec_enum ("precision", "Precision",
          "Precision of the network's products",
          GST_TYPE_DAN_PRECISION, DAN_PRECISION_AUTO, BEFORE_START));
  /**
   * GstDanAlign:message:
   *
   * Whether to post an element message named `danalign` for each frame.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (message),
      g_param_spec_boolean ("message", "Message",
          "Post an element message with the landmarks of each frame", FALSE,
          ANY_FRAME));
  /**
   * GstDanAlign:keypoints:
   *
   * Whether to add the landmarks to the buffer's relation meta of GstAnalytics
   * too, from GStreamer 1.30 on. Of many faces they take megabytes.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (keypoints),
      g_param_spec_boolean ("keypoints", "Keypoints",
          "Add the landmarks to GstAnalytics' meta, as groups of keypoints",
          TRUE, ANY_FRAME));
}

static void
install_faces (GObjectClass * klass)
{
  /**
   * GstDanAlign:roi-types:
   *
   * Types of the #GstVideoRegionOfInterestMeta that are faces, separated by
   * commas.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (roi_types),
      g_param_spec_string ("roi-types", "ROI types",
          "Types of the regions of interest that are faces, separated by "
          "commas", "face", ANY_TIME));
  /**
   * GstDanAlign:region:
   *
   * A fixed face box "x,y,width,height" in pixels, used in place of the
   * buffers' regions of interest. A tracked face is followed from there.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (region),
      g_param_spec_string ("region", "Region",
          "Fixed face box \"x,y,width,height\" in pixels, used in place of "
          "regions of interest", NULL, ANY_TIME));
  /**
   * GstDanAlign:max-faces:
   *
   * Faces per frame, the largest first, and of tracked faces the oldest; 0 is
   * no limit.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (max_faces),
      g_param_spec_uint ("max-faces", "Max faces",
          "Faces per frame, the largest first (0: no limit)", 0, G_MAXUINT,
          32, ANY_FRAME));
  /**
   * GstDanAlign:tracking:
   *
   * Whether faces carry over from frame to frame: they keep their ids, do not
   * tremble, and have to be detected only once. If not, each frame stands for
   * itself.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (tracking),
      g_param_spec_boolean ("tracking", "Tracking",
          "Follow faces from frame to frame", TRUE, ANY_FRAME));
  /**
   * GstDanAlign:recurrent:
   *
   * With #GstDanAlign:tracking: whether a face that was found in the frame before
   * and hardly moves goes through the network's recurrent stage alone. If the
   * model has none, or the outcome is doubtful, all others run.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (recurrent),
      g_param_spec_boolean ("recurrent", "Recurrent",
          "With tracking: one stage alone for faces that were found in the "
          "frame before and hardly move, if the model has one for that", TRUE,
          ANY_FRAME));
  /**
   * GstDanAlign:min-confidence:
   *
   * Faces in whose landmarks the network has less confidence are neither
   * reported nor drawn. Where it tells no confidence, all are.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (min_confidence),
      g_param_spec_double ("min-confidence", "Min confidence",
          "Least confidence in a face's landmarks for it to be reported and "
          "drawn, if the model tells it", 0, 1, 0, ANY_FRAME));
  /**
   * GstDanAlign:box:
   *
   * What the boxes of the faces enclose, for the detector's boxes as for
   * #GstDanAlign:region. `auto` believes what danfacedetect says of its own, and
   * takes all others for Haar's.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (box),
      g_param_spec_enum ("box", "Box", "What the faces' boxes enclose",
          GST_TYPE_DAN_BOX_KIND, GST_DAN_BOX_AUTO, ANY_FRAME));
}

static void
install_box_map (GObjectClass * klass)
{
  /**
   * GstDanAlign:box-scale-x:
   *
   * With box=custom: width of the landmarks' tight box per box width.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (box_scale_x),
      g_param_spec_double ("box-scale-x", "Box scale X",
          "With box=custom: width of the landmarks' tight box per box width",
          0.01, 100, 1, ANY_FRAME));
  /**
   * GstDanAlign:box-scale-y:
   *
   * With box=custom: height of the landmarks' tight box per box height.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (box_scale_y),
      g_param_spec_double ("box-scale-y", "Box scale Y",
          "With box=custom: height of the landmarks' tight box per box height",
          0.01, 100, 1, ANY_FRAME));
  /**
   * GstDanAlign:box-offset-x:
   *
   * With box=custom: how far right of the box's centre the landmarks' centre
   * is, in box widths.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (box_offset_x),
      g_param_spec_double ("box-offset-x", "Box offset X",
          "With box=custom: offset of the landmarks' centre in box widths",
          -10, 10, 0, ANY_FRAME));
  /**
   * GstDanAlign:box-offset-y:
   *
   * With box=custom: how far below the box's centre the landmarks' centre
   * is, in box heights.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (box_offset_y),
      g_param_spec_double ("box-offset-y", "Box offset Y",
          "With box=custom: offset of the landmarks' centre in box heights",
          -10, 10, 0, ANY_FRAME));
}

static void
install_drawing (GObjectClass * klass)
{
  /**
   * GstDanAlign:draw:
   *
   * Whether to draw onto the video, or to attach an overlay if downstream
   * takes one.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (draw),
      g_param_spec_boolean ("draw", "Draw", "Draw the faces onto the video",
          FALSE, ANY_FRAME));
  /**
   * GstDanAlign:draw-points:
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (draw_points),
      g_param_spec_boolean ("draw-points", "Draw points",
          "With draw: a dot on each landmark", TRUE, ANY_FRAME));
  /**
   * GstDanAlign:draw-contours:
   *
   * Lines along jaw, brows, nose, eyes and mouth; for models of the 68-point
   * scheme.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (draw_contours),
      g_param_spec_boolean ("draw-contours", "Draw contours",
          "With draw: lines along the parts of the face", TRUE, ANY_FRAME));
  /**
   * GstDanAlign:draw-box:
   *
   * The box that the face was found in, as it was given.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (draw_box),
      g_param_spec_boolean ("draw-box", "Draw box",
          "With draw: the box that the face was found in", FALSE, ANY_FRAME));
  /**
   * GstDanAlign:draw-size:
   *
   * Diameter of the dots and twice the width of the lines in pixels; 0 fits
   * them to the face.
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (draw_size),
      g_param_spec_double ("draw-size", "Draw size",
          "Diameter of the dots, twice the width of the lines, in pixels "
          "(0: fit the face)", 0, 100, 0, ANY_FRAME));
}

static void
install_colors (GObjectClass * klass)
{
  /**
   * GstDanAlign:point-color:
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (point_color),
      g_param_spec_uint ("point-color", "Point colour",
          "Colour of the dots, 0xAARRGGBB", 0, G_MAXUINT32, 0xff00ff40,
          ANY_FRAME));
  /**
   * GstDanAlign:contour-color:
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (contour_color),
      g_param_spec_uint ("contour-color", "Contour colour",
          "Colour of the lines, 0xAARRGGBB", 0, G_MAXUINT32, 0xc0ffffff,
          ANY_FRAME));
  /**
   * GstDanAlign:box-color:
   *
   * Since: 0.1
   */
  g_object_class_install_property (klass, PROP (box_color),
      g_param_spec_uint ("box-color", "Box colour",
          "Colour of the box, 0xAARRGGBB", 0, G_MAXUINT32, 0xc0ffc000,
          ANY_FRAME));
}

void
gst_dan_settings_install (GObjectClass * klass)
{
  install_inference (klass);
  install_faces (klass);
  install_box_map (klass);
  install_drawing (klass);
  install_colors (klass);

  gst_type_mark_as_plugin_api (GST_TYPE_DAN_BOX_KIND, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_DAN_PRECISION, 0);
}

/* Makes @copy, which holds nothing before, independent of @settings. */
void
gst_dan_settings_copy (GstDanSettings * copy, const GstDanSettings * settings)
{
  *copy = *settings;
  copy->model = g_strdup (settings->model);
  copy->roi_types = g_strdup (settings->roi_types);
  copy->region = g_strdup (settings->region);
}

void
gst_dan_settings_clear (GstDanSettings * settings)
{
  g_clear_pointer (&settings->model, g_free);
  g_clear_pointer (&settings->roi_types, g_free);
  g_clear_pointer (&settings->region, g_free);
}

/* How libdan is to run the model. */
DanSettings
gst_dan_settings_inference (const GstDanSettings * settings)
{
  DanSettings inference;

  dan_settings_default (&inference);
  inference.threads = settings->threads;
  inference.stages = settings->stages;
  inference.passes = settings->passes;
  inference.precision = settings->precision;
  return inference;
}

DanBoxMap
gst_dan_settings_box_map (const GstDanSettings * settings)
{
  switch (settings->box) {
    case GST_DAN_BOX_AUTO:
    case GST_DAN_BOX_HAAR:
      return DAN_BOX_MAP_HAAR;
    case GST_DAN_BOX_LANDMARKS:
      return DAN_BOX_MAP_LANDMARKS;
    default:
      return (DanBoxMap) {settings->box_scale_x, settings->box_scale_y,
            settings->box_offset_x, settings->box_offset_y};
  }
}
