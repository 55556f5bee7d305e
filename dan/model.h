/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A loaded model: what the file declares, as pointers into it. The format is
 * described in docs/model-format.md; model.c checks every byte of it, so that
 * nothing behind this header has to. */
#ifndef DAN_MODEL_H
#define DAN_MODEL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "dan/dan.h"
#include "image.h"

#define DAN_MAX_STAGES 8
#define DAN_MAX_POINTS 1024
#define DAN_N_CONVS 8 /* conv1a, conv1b ... conv4b */
#define DAN_N_UPS 4   /* convolutions of a decoder, in front of its heatmaps */

typedef struct DanNetwork DanNetwork;

/* A product's weights, fp16 rows of `in` values (convolutions: in * 3 * 3,
 * channel-major, then rows), and its fp32 biases. */
typedef struct {
  const uint16_t *weights;
  const float *bias;
  int in, out;
} DanLayer;

typedef struct {
  DanLayer conv[DAN_N_CONVS];
  DanLayer fc1, fc2;
  /* The error head: from fc1's activations to a hidden layer, and from there to
   * the logarithm of the error that is to be expected. NULL and zero if the
   * model has none, which all of its stages have in common. */
  DanLayer error1, error2;
  /* From the second stage on; else NULL and zero. */
  DanLayer feature;
  const float *input_scale, *input_shift; /* image, heatmap, feature planes */
  /* From the second stage on there may be a decoder, see decoder.h; else NULL and
   * zero. Its @share, from 0 to 1, is what it counts in each landmark. */
  DanLayer up[DAN_N_UPS], heatmaps;
  const float *share;
} DanStage;

/* Of a decoder's layer up[i], i from 0: how often its image is half as large as the
 * canonical one, and how many planes of the stage's own, pooled as often, are
 * joined to those of the layer before. */
static inline int
dan_up_halvings (int i)
{
  static const int halvings[DAN_N_UPS] = { 3, 2, 2, 1 };

  return halvings[i];
}

static inline int
dan_up_joins (const DanStage *stage, int i)
{
  return i == 2 ? 0 : stage->conv[2 * dan_up_halvings (i) - 1].out;
}

/* A face detector: a convolution, the stem, on the frame folded into planes, and
 * then levels of two convolutions, like a stage's. Before each level there is
 * 2x2 maximum pooling; a head is one more convolution on what its level made,
 * without a ReLU. Level i has a cell for 8 << i pixels of the frame. */
#define DAN_DETECTOR_LEVELS 4
#define DAN_DETECTOR_FOLD 4 /* planes are the frame's 4 x 4 phases */
#define DAN_DETECTOR_STRIDE 64 /* of the last level: sizes are multiples */
/* Of a cell: the score's logit, the box's centre, the logarithms of its width
 * and height, and the points; lengths are in strides, places from the cell's
 * centre. */
#define DAN_DETECTOR_VALUES (1 + 2 + 2 + 2 * DAN_DETECTION_POINTS)

extern const char *const dan_conv_names[DAN_N_CONVS]; /* conv1a to conv4b */
extern const char *const dan_up_names[DAN_N_UPS]; /* up1 to up4 */

typedef struct {
  DanLayer conv[2];
  DanLayer head;
} DanDetectorLevel;

typedef struct {
  DanLayer stem;
  DanDetectorLevel levels[DAN_DETECTOR_LEVELS];
} DanDetectorLayers;

struct DanModel {
  atomic_int references;
  void *mapping;
  size_t mapping_size;
  bool mapped; /* by mmap(), else from malloc() */

  const char *name, *scheme, *licence;
  int n_points, n_stages, image_size;
  float image_mean, image_std; /* of luma / 255 */
  const DanPoint *mean_shape;
  /* What faces are turned upright onto before each stage but the first; the mean
   * shape, if the file has nothing else. If it has, these stages look at the
   * frame again, and not at the canonical image. */
  const DanPoint *upright_shape;
  bool looks_again;
  /* Behind the stages of the cascade there may be one more, the recurrent one: it
   * alone follows a face that was found in the frame before, and its feature
   * image is made of the activations that led there, the last stage's or its own. */
  DanStage stages[DAN_MAX_STAGES + 1];
  bool recurrent;
  DanDetectorLayers detector; /* if there are no stages */

  /* Packed weights, one for each set of kernels in use; see network.h. */
  pthread_mutex_t networks_lock;
  DanNetwork *networks;
};

/* The recurrent stage counts. */
static inline int
dan_model_all_stages (const DanModel *model)
{
  return model->n_stages + model->recurrent;
}

static inline bool
dan_model_has_decoders (const DanModel *model)
{
  for (int s = 0; s < dan_model_all_stages (model); s++)
    if (model->stages[s].share)
      return true;
  return false;
}

/* Of luma from 0 to 1. */
static inline DanNorm
dan_model_luma_norm (const DanModel *model)
{
  return (DanNorm) { 1 / model->image_std,
    -model->image_mean / model->image_std };
}

/* Takes another hold, to be given up with dan_model_close(). */
DanModel *dan_model_ref (DanModel *model);

/* Lets go of the weights' pages, which are packed by now: if they are asked for
 * again they come from the file. */
void dan_model_drop_pages (const DanModel *model);

#endif
