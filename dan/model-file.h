/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The model file as it lies on disk; docs/model-format.md describes it. A
 * header, a table of arrays, then the arrays in the table's order. */
#ifndef DAN_MODEL_FILE_H
#define DAN_MODEL_FILE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

#define DAN_FILE_MAGIC "DANMODEL" /* without the final 0 */
#define DAN_FILE_VERSION 1
#define DAN_FILE_VERSION_ERRORS 2 /* the same with error heads */
#define DAN_FILE_VERSION_DETECTOR 3 /* a face detector */
#define DAN_FILE_VERSION_RECURRENT 4 /* 2 with a recurrent stage */
#define DAN_FILE_VERSION_UPRIGHT 4 /* added to 1, 2 or 4: an upright shape */
/* Added to those: stages with decoders. */
#define DAN_FILE_VERSION_DECODERS 8
#define DAN_FILE_ENDIANNESS 0x01020304
#define DAN_FILE_BOXES "landmarks"
#define DAN_FILE_ALIGNMENT 64

#define DAN_MIN_IMAGE_SIZE 32
#define DAN_MAX_IMAGE_SIZE 512
#define DAN_POOLING 16 /* four poolings halve the image */
#define DAN_MAX_WIDTH 4096 /* of a convolution, and of fc1 */

/* mean_shape, upright_shape; for each stage weights and bias of each convolution, fc1 and
 * fc2, and of error1 and error2 if it has an error head; from the second stage
 * on weights and bias of feature, input.scale and input.shift, and of up1 to up4 and
 * heatmaps, and share, if it has a decoder. The recurrent stage is one more. */
#define DAN_STAGE_ARRAYS (2 * (DAN_N_CONVS + 2 + 2))
#define DAN_CONNECTION_ARRAYS 4
#define DAN_DECODER_ARRAYS (2 * (DAN_N_UPS + 1) + 1)
#define DAN_MAX_ARRAYS \
  (2 + (DAN_MAX_STAGES + 1) \
      * (DAN_STAGE_ARRAYS + DAN_CONNECTION_ARRAYS + DAN_DECODER_ARRAYS))

typedef enum {
  DAN_DTYPE_F32 = 1,
  DAN_DTYPE_F16 = 2,
} DanDtype;

typedef struct {
  char name[32];
  uint32_t dtype;
  uint32_t rank;
  uint32_t dims[4]; /* 0 beyond the rank */
  uint64_t offset; /* from the start of the file */
  uint64_t bytes;
} DanFileArray;

typedef struct {
  char magic[8];
  uint32_t version;
  uint32_t endianness;
  uint64_t file_size;
  uint64_t checksum; /* of everything behind it */
  uint32_t n_points, n_stages, image_size, n_arrays;
  float image_mean, image_std;
  char scheme[32];
  char boxes[32];
  char name[64];
  char licence[192];
  uint8_t reserved[8]; /* 0 */
} DanFileHeader;

#define DAN_FILE_CHECKED_FROM \
  (offsetof (DanFileHeader, checksum) + sizeof (uint64_t))

static_assert (sizeof (DanFileArray) == 72, "array entries have no padding");
static_assert (sizeof (DanFileHeader) == 384, "the header has no padding");
static_assert (DAN_FILE_CHECKED_FROM == 32, "the checksum ends at byte 32");

/* A file in memory whose header and table were found sound. */
typedef struct {
  const DanFileHeader *header;
  const DanFileArray *arrays;
  bool used[DAN_MAX_ARRAYS]; /* by dan_file_find() */
} DanFile;

/* Whether stages have decoders; the version without them. */
static inline bool
dan_file_has_decoders (const DanFileHeader *header)
{
  return header->version > DAN_FILE_VERSION_RECURRENT + DAN_FILE_VERSION_UPRIGHT;
}

static inline uint32_t
dan_file_version_undecoded (const DanFileHeader *header)
{
  return dan_file_has_decoders (header)
      ? header->version - DAN_FILE_VERSION_DECODERS
      : header->version;
}

/* Whether there is an upright shape; the version without that, either. */
static inline bool
dan_file_has_upright_shape (const DanFileHeader *header)
{
  return dan_file_version_undecoded (header) > DAN_FILE_VERSION_UPRIGHT;
}

static inline uint32_t
dan_file_kind (const DanFileHeader *header)
{
  return dan_file_version_undecoded (header)
      - (dan_file_has_upright_shape (header) ? DAN_FILE_VERSION_UPRIGHT : 0);
}

/* Checks all that can be said of @size bytes at @data, which are 64-byte
 * aligned and stay the caller's, without knowing which arrays a network has. */
DanStatus dan_file_check (DanFile *file, const void *data, size_t size,
    DanError *error);

/* The entry called @name, marked as used, or NULL with @error filled: there
 * is none, or more than one. */
const DanFileArray *dan_file_find (DanFile *file, const char *name,
    DanError *error);

/* Whether there is one. */
bool dan_file_has (const DanFile *file, const char *name);

/* Fails if an array was never asked for. */
DanStatus dan_file_check_all_used (const DanFile *file, DanError *error);

/* The bytes that @dims of @dtype take, or 0 if that is nothing, too much for
 * an address, or an unknown dtype. */
uint64_t dan_file_array_bytes (uint32_t dtype, uint32_t rank,
    const uint32_t dims[4]);

/* Fills the description, mean shape and stages of @model with pointers into
 * @data: dan_file_check(), then everything that the network demands. */
DanStatus dan_model_bind (DanModel *model, const void *data, size_t size,
    DanError *error);

#endif
