/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* dan_detect(): from a frame to faces. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "box.h"
#include "detections.h"
#include "error.h"
#include "luma.h"
#include "strips.h"

/* Faces of so many pixels of its image, and larger ones, the network finds well
 * (docs/detection.md). */
#define EASY_FACE 32
/* Enlarged three times, few more faces of 16 pixels are found. */
#define MAX_SCALE 2
/* What the longer side of the frame becomes if no smallest face is asked for: in
 * one of 640 pixels most faces of 24 pixels are found (docs/detection.md). */
#define USUAL_SIDE 768
/* With which danface.dan has 0.03 false alarms a picture. */
#define USUAL_THRESHOLD .57f

struct DanDetector {
  DanModel *model;
  DanPool *pool;
  DanDetectorSettings settings;
  DanDetectorNetwork network;
  DanSize size; /* that there is memory for */
  DanStrips strips;
  DanCandidates candidates;
};

void
dan_detector_settings_default (DanDetectorSettings *settings)
{
  *settings = (DanDetectorSettings) { .threads = 1,
    .precision = DAN_PRECISION_AUTO, .threshold = USUAL_THRESHOLD,
    .overlap = .4f };
}

/* Fills @taken with @settings, or the defaults if there are none. On failure it
 * stays as it is. */
static DanStatus
take_settings (DanDetectorSettings *taken, const DanDetectorSettings *settings,
    DanError *error)
{
  if (!settings) {
    dan_detector_settings_default (taken);
    return dan_ok (error);
  }
  if (settings->min_size < 0)
    return dan_fail (error, DAN_ERROR_ARGUMENT,
        "faces of %d pixels: should be 0 or more", settings->min_size);
  /* Negated, so that NaN fails. */
  if (!(settings->threshold > 0 && settings->threshold < 1))
    return dan_fail (error, DAN_ERROR_ARGUMENT,
        "threshold %g: should be between 0 and 1", settings->threshold);
  if (!(settings->overlap >= 0 && settings->overlap <= 1))
    return dan_fail (error, DAN_ERROR_ARGUMENT,
        "overlap %g: should be 0 to 1", settings->overlap);
  *taken = *settings;
  return dan_ok (error);
}

static DanStatus
detector_init (DanDetector *detector, DanModel *model,
    const DanDetectorSettings *settings, DanError *error)
{
  const DanKernels *kernels;
  DanStatus status = dan_kernels_choose (&kernels, settings->precision, error);

  if (status == DAN_OK)
    status = dan_pool_open (&detector->pool, settings->threads, error);
  if (status != DAN_OK)
    return status;
  detector->model = dan_model_ref (model);
  detector->settings = *settings;
  if (!dan_detector_network_init (&detector->network, model, kernels,
          detector->pool))
    return dan_fail (error, DAN_ERROR_MEMORY,
        "no memory for the model \"%s\"", model->name);
  return dan_ok (error);
}

DanStatus
dan_detector_open (DanDetector **detector, DanModel *model,
    const DanDetectorSettings *settings, DanError *error)
{
  DanDetectorSettings taken;
  DanStatus status;

  if (!detector)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no place for the detector");
  *detector = NULL;
  if (!model)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no model was given");
  if (model->n_stages > 0)
    return dan_fail (error, DAN_ERROR_ARGUMENT,
        "the model \"%s\" finds landmarks, and detects no faces",
        model->name);
  status = take_settings (&taken, settings, error);
  if (status != DAN_OK)
    return status;
  *detector = calloc (1, sizeof **detector);
  if (!*detector)
    return dan_fail (error, DAN_ERROR_MEMORY, "no memory for a detector");
  status = detector_init (*detector, model, &taken, error);
  if (status != DAN_OK)
    dan_detector_close (detector);
  return status;
}

DanStatus
dan_detector_set_search (DanDetector *detector,
    const DanDetectorSettings *settings, DanError *error)
{
  if (!detector)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no detector was given");
  return take_settings (&detector->settings, settings, error);
}

void
dan_detector_close (DanDetector **detector)
{
  DanDetector *old = *detector;

  if (!old)
    return;
  dan_detector_network_clear (&old->network);
  dan_strips_clear (&old->strips);
  dan_pool_free (old->pool);
  dan_model_close (&old->model);
  free (old);
  *detector = NULL;
}

/* Pixels of the network's image for one of the frame. */
static double
scale_for (const DanDetector *detector, const DanImage *image)
{
  const int longer = image->width > image->height ? image->width
                                                  : image->height;
  const double scale = detector->settings.min_size > 0
      ? (double) EASY_FACE / detector->settings.min_size
      : (double) USUAL_SIDE / longer;

  return fmin (scale, MAX_SCALE);
}

static int
padded_side (int side, double scale)
{
  const int scaled = (int) ceil (side * scale);

  return (scaled + DAN_DETECTOR_STRIDE - 1) / DAN_DETECTOR_STRIDE
      * DAN_DETECTOR_STRIDE;
}

static bool
resize (DanDetector *detector, DanSize size)
{
  if (size.width == detector->size.width
      && size.height == detector->size.height)
    return true;
  detector->size = (DanSize) {};
  dan_strips_clear (&detector->strips);
  if (!dan_strips_init (&detector->strips, size.width,
          dan_pool_n_workers (detector->pool), detector->network.kernels->image)
      || !dan_detector_network_resize (&detector->network, size))
    return false;
  detector->size = size;
  return true;
}

static DanPoint
point_in_frame (DanPoint point, DanSimilarity t)
{
  dan_similarity_apply (t, &point, &point, 1);
  return point;
}

static DanDetection
detection_in_frame (DanDetection detection, DanSimilarity t)
{
  const float scale = (float) dan_similarity_scale (t);
  const DanPoint corner
      = point_in_frame ((DanPoint) { detection.box.x, detection.box.y }, t);

  detection.box = (DanBox) { corner.x, corner.y, scale * detection.box.width,
    scale * detection.box.height };
  for (int i = 0; i < DAN_DETECTION_POINTS; i++)
    detection.points[i] = point_in_frame (detection.points[i], t);
  return detection;
}

/* The best @n candidates that can be seen at all. Returns how many there are. */
static size_t
tell (const DanDetector *detector, const DanImage *image, DanSimilarity to_frame,
    DanDetection *detections, size_t n)
{
  const DanBox whole = { 0, 0, image->width, image->height };
  size_t n_told = 0;

  for (int i = 0; n_told < n && i < detector->candidates.n; i++) {
    const DanDetection detection
        = detection_in_frame (detector->candidates.items[i], to_frame);

    if (dan_box_overlap (detection.box, whole) > 0)
      detections[n_told++] = detection;
  }
  return n_told;
}

DanStatus
dan_detect (DanDetector *detector, const DanImage *image,
    DanDetection *detections, size_t n_detections, size_t *n_found,
    DanError *error)
{
  DanSimilarity to_image;
  DanStatus status;
  double scale;

  if (!n_found)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no place for the number");
  *n_found = 0;
  if (!detector || (!detections && n_detections > 0))
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no %s given",
        detector ? "place for detections was" : "detector was");
  status = dan_image_check (image, error);
  if (status != DAN_OK)
    return status;
  scale = scale_for (detector, image);
  if (!resize (detector,
          (DanSize) { padded_side (image->width, scale),
            padded_side (image->height, scale) }))
    return dan_fail (error, DAN_ERROR_MEMORY, "no memory for %d x %d pixels",
        image->width, image->height);

  /* Pixel centres lie on integers: the corner at -0.5 stays where it is. */
  to_image = (DanSimilarity) { scale, 0, (scale - 1) / 2, (scale - 1) / 2 };
  dan_strips_show (&detector->strips, image, to_image,
      dan_model_luma_norm (detector->model));
  dan_detector_network_run (&detector->network, dan_strips_read,
      &detector->strips);
  dan_candidates_collect (&detector->candidates, &detector->network,
      detector->settings.threshold);
  dan_candidates_suppress (&detector->candidates, detector->settings.overlap);
  *n_found = tell (detector, image, dan_similarity_invert (to_image), detections,
      n_detections);
  return dan_ok (error);
}
