/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Model files with random weights, for tests and benchmarks. */
#ifndef DAN_MODEL_WRITER_H
#define DAN_MODEL_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dan/dan.h"

/* Without stages, and with 5 points and an image size of 64, a face detector: of
 * the rest only @channels, the first also for the stem, and @seed count. */
typedef struct {
  int n_points, n_stages, image_size;
  int channels[4]; /* of conv1a and conv1b, conv2a and conv2b ... */
  int hidden; /* width of fc1 */
  int error_hidden; /* width of the error heads' hidden layers; 0: no heads */
  uint32_t seed;
  bool upright; /* with an upright shape, larger than the mean shape */
  bool recurrent; /* with a recurrent stage; takes heads */
  int decoder; /* planes of all layers of a decoder, which the last stage of the
                * cascade has; takes an upright shape; 0: no decoder */
} DanModelSpec;

/* Makes a valid file: He-normal weights, small biases, updates of about a
 * pixel, a mean shape in the central half of the image, expected errors around
 * 8 %. *@data is the
 * caller's, to be given back with free(); NULL on failure.
 *
 * Errors: DAN_ERROR_ARGUMENT, DAN_ERROR_MEMORY. */
DanStatus dan_model_write_random (void **data, size_t *size,
    const DanModelSpec *spec, DanError *error);

/* Makes the checksum of @size bytes at @data right again after a change.
 * Does nothing to less than a header. */
void dan_model_seal (void *data, size_t size);

#endif
