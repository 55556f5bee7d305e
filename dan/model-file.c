/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model-file.h"

#include "checksum.h"
#include "error.h"

#include <inttypes.h>
#include <string.h>

/* Strings are shown to people and written into error messages, so they are
 * printable ASCII, ended and filled up with zeros, and never empty. */
static bool
is_string (const char *field, size_t size)
{
  size_t length = strnlen (field, size);

  if (length == 0 || length == size)
    return false;
  for (size_t i = 0; i < length; i++)
    if (field[i] < 0x20 || field[i] > 0x7e)
      return false;
  for (size_t i = length; i < size; i++)
    if (field[i] != 0)
      return false;
  return true;
}

static bool
is_zero (const uint8_t *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    if (bytes[i] != 0)
      return false;
  return true;
}

/* The loops run to the end whatever they find, so that they vectorise. */
static bool
is_finite_f16 (const uint16_t *values, size_t n)
{
  uint16_t bad = 0;

  for (size_t i = 0; i < n; i++)
    bad |= (values[i] & 0x7c00) == 0x7c00;
  return !bad;
}

static bool
is_finite_f32 (const uint32_t *bits, size_t n)
{
  uint32_t bad = 0;

  for (size_t i = 0; i < n; i++)
    bad |= (bits[i] & 0x7f800000) == 0x7f800000;
  return !bad;
}

static bool
is_finite_array (const uint8_t *data, const DanFileArray *array)
{
  const void *values = data + array->offset;

  if (array->dtype == DAN_DTYPE_F16)
    return is_finite_f16 (values, array->bytes / sizeof (uint16_t));
  return is_finite_f32 (values, array->bytes / sizeof (uint32_t));
}

/* A detector has no upright shape, and without one there are no decoders. */
static bool
is_known_version (const DanFileHeader *header)
{
  const uint32_t kind = dan_file_kind (header);
  const bool upright = dan_file_has_upright_shape (header);

  return kind >= DAN_FILE_VERSION && kind <= DAN_FILE_VERSION_RECURRENT
      && !(upright && kind == DAN_FILE_VERSION_DETECTOR)
      && (upright || !dan_file_has_decoders (header));
}

/* What tells a model file from any other, and a whole one from a damaged. */
static DanStatus
check_envelope (const DanFileHeader *header, size_t size, DanError *error)
{
  if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
    return dan_fail (error, DAN_ERROR_UNSUPPORTED,
        "model files are little endian, this machine is not");
  if (size == 0)
    return dan_fail (error, DAN_ERROR_MODEL, "the file is empty");
  if (size < sizeof header->magic
      || memcmp (header->magic, DAN_FILE_MAGIC, sizeof header->magic) != 0)
    return dan_fail (error, DAN_ERROR_MODEL, "not a model file");
  if (size < sizeof *header)
    return dan_fail (error, DAN_ERROR_MODEL,
        "truncated: %zu bytes, the header alone has %zu", size,
        sizeof *header);
  if (header->endianness != DAN_FILE_ENDIANNESS)
    return dan_fail (error, DAN_ERROR_MODEL,
        "wrong byte order: 0x%08" PRIx32 ", should be 0x%08x",
        header->endianness, DAN_FILE_ENDIANNESS);
  if (!is_known_version (header))
    return dan_fail (error, DAN_ERROR_MODEL,
        "format version %" PRIu32 ", only 1 to 6, 8, 13, 14 and 16 are known",
        header->version);
  if (size < header->file_size)
    return dan_fail (error, DAN_ERROR_MODEL,
        "truncated: %zu of %" PRIu64 " bytes", size, header->file_size);
  if (size > header->file_size)
    return dan_fail (error, DAN_ERROR_MODEL,
        "%" PRIu64 " bytes too many behind its %" PRIu64,
        size - header->file_size, header->file_size);
  if (header->checksum != dan_checksum ((const uint8_t *) header
              + DAN_FILE_CHECKED_FROM, size - DAN_FILE_CHECKED_FROM))
    return dan_fail (error, DAN_ERROR_MODEL,
        "damaged: the checksum does not match");
  return DAN_OK;
}

/* Of landmark models; detectors have none to choose. */
static DanStatus
check_sizes (const DanFileHeader *header, DanError *error)
{
  if (header->n_points < 2 || header->n_points > DAN_MAX_POINTS)
    return dan_fail (error, DAN_ERROR_MODEL,
        "%" PRIu32 " points, should be 2 to %d", header->n_points,
        DAN_MAX_POINTS);
  if (header->n_stages < 1 || header->n_stages > DAN_MAX_STAGES)
    return dan_fail (error, DAN_ERROR_MODEL,
        "%" PRIu32 " stages, should be 1 to %d", header->n_stages,
        DAN_MAX_STAGES);
  if (dan_file_kind (header) == DAN_FILE_VERSION_RECURRENT && header->n_stages < 2)
    return dan_fail (error, DAN_ERROR_MODEL,
        "a recurrent stage beside 1 stage, should be 2 or more");
  if (header->image_size < DAN_MIN_IMAGE_SIZE
      || header->image_size > DAN_MAX_IMAGE_SIZE
      || header->image_size % DAN_POOLING != 0)
    return dan_fail (error, DAN_ERROR_MODEL,
        "image size %" PRIu32 ", should be %d to %d in steps of %d",
        header->image_size, DAN_MIN_IMAGE_SIZE, DAN_MAX_IMAGE_SIZE,
        DAN_POOLING);
  return DAN_OK;
}

static DanStatus
check_detector_sizes (const DanFileHeader *header, DanError *error)
{
  if (header->n_points != DAN_DETECTION_POINTS || header->n_stages != 0
      || header->image_size != DAN_DETECTOR_STRIDE)
    return dan_fail (error, DAN_ERROR_MODEL,
        "a detector with %" PRIu32 " points, %" PRIu32 " stages and sizes in "
        "steps of %" PRIu32 ", should be %d, 0 and %d", header->n_points,
        header->n_stages, header->image_size, DAN_DETECTION_POINTS,
        DAN_DETECTOR_STRIDE);
  return DAN_OK;
}

static DanStatus
check_numbers (const DanFileHeader *header, DanError *error)
{
  /* Of values between 0 and 1. Negated, so that NaN fails. */
  if (!(header->image_mean >= 0 && header->image_mean <= 1))
    return dan_fail (error, DAN_ERROR_MODEL,
        "image mean %g, should be 0 to 1", header->image_mean);
  if (!(header->image_std >= 1e-3f && header->image_std <= 1e3f))
    return dan_fail (error, DAN_ERROR_MODEL,
        "image standard deviation %g, should be 0.001 to 1000",
        header->image_std);
  if (header->n_arrays < 1 || header->n_arrays > DAN_MAX_ARRAYS)
    return dan_fail (error, DAN_ERROR_MODEL,
        "%" PRIu32 " arrays, should be 1 to %d", header->n_arrays,
        DAN_MAX_ARRAYS);
  return DAN_OK;
}

static DanStatus
check_strings (const DanFileHeader *header, DanError *error)
{
  const struct {
    const char *what, *field;
    size_t size;
  } strings[] = {
    { "scheme", header->scheme, sizeof header->scheme },
    { "box convention", header->boxes, sizeof header->boxes },
    { "name", header->name, sizeof header->name },
    { "licence", header->licence, sizeof header->licence },
  };

  for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
    if (!is_string (strings[i].field, strings[i].size))
      return dan_fail (error, DAN_ERROR_MODEL,
          "its %s is empty, not ended or not printable", strings[i].what);
  if (strcmp (header->boxes, DAN_FILE_BOXES) != 0)
    return dan_fail (error, DAN_ERROR_MODEL,
        "box convention '%s', only '%s' is known", header->boxes,
        DAN_FILE_BOXES);
  if (!is_zero (header->reserved, sizeof header->reserved))
    return dan_fail (error, DAN_ERROR_MODEL,
        "the header's reserved bytes are not zero");
  return DAN_OK;
}

/* Describes an array whose place and contents nobody looked at yet. */
static DanStatus
check_entry (const DanFileArray *array, uint32_t i, DanError *error)
{
  uint64_t bytes;

  if (!is_string (array->name, sizeof array->name))
    return dan_fail (error, DAN_ERROR_MODEL,
        "the name of array %" PRIu32 " is empty, not ended or not printable",
        i);
  if (array->dtype != DAN_DTYPE_F32 && array->dtype != DAN_DTYPE_F16)
    return dan_fail (error, DAN_ERROR_MODEL,
        "array %s has the unknown type %" PRIu32, array->name, array->dtype);
  if (array->rank < 1 || array->rank > 4)
    return dan_fail (error, DAN_ERROR_MODEL,
        "array %s has rank %" PRIu32 ", should be 1 to 4", array->name,
        array->rank);
  for (uint32_t d = array->rank; d < 4; d++)
    if (array->dims[d] != 0)
      return dan_fail (error, DAN_ERROR_MODEL,
          "array %s has a dimension beyond its rank %" PRIu32, array->name,
          array->rank);
  bytes = dan_file_array_bytes (array->dtype, array->rank, array->dims);
  if (bytes == 0)
    return dan_fail (error, DAN_ERROR_MODEL,
        "array %s has a zero dimension or is too large", array->name);
  if (bytes != array->bytes)
    return dan_fail (error, DAN_ERROR_MODEL,
        "array %s claims %" PRIu64 " bytes, its dimensions take %" PRIu64,
        array->name, array->bytes, bytes);
  return DAN_OK;
}

/* @end is where the bytes before the array end, then where its own do. */
static DanStatus
check_place (const DanFileHeader *header, const DanFileArray *array,
    uint64_t *end, DanError *error)
{
  const uint8_t *data = (const uint8_t *) header;

  if (array->offset % DAN_FILE_ALIGNMENT != 0)
    return dan_fail (error, DAN_ERROR_MODEL,
        "array %s lies at %" PRIu64 ", not aligned to %d", array->name,
        array->offset, DAN_FILE_ALIGNMENT);
  if (array->offset > header->file_size
      || array->bytes > header->file_size - array->offset)
    return dan_fail (error, DAN_ERROR_MODEL,
        "array %s, %" PRIu64 " bytes at %" PRIu64
        ", reaches beyond the end of the file", array->name, array->bytes,
        array->offset);
  if (array->offset < *end)
    return dan_fail (error, DAN_ERROR_MODEL,
        "array %s at %" PRIu64 " overlaps what lies before it, up to %" PRIu64,
        array->name, array->offset, *end);
  if (array->offset - *end >= DAN_FILE_ALIGNMENT
      || !is_zero (data + *end, array->offset - *end))
    return dan_fail (error, DAN_ERROR_MODEL,
        "stray bytes before array %s", array->name);
  if (!is_finite_array (data, array))
    return dan_fail (error, DAN_ERROR_MODEL,
        "array %s has values that are not finite", array->name);
  *end = array->offset + array->bytes;
  return DAN_OK;
}

uint64_t
dan_file_array_bytes (uint32_t dtype, uint32_t rank, const uint32_t dims[4])
{
  uint64_t bytes = dtype == DAN_DTYPE_F16 ? sizeof (uint16_t) : sizeof (float);

  for (uint32_t d = 0; d < rank; d++)
    if (__builtin_mul_overflow (bytes, dims[d], &bytes))
      return 0;
  return bytes;
}

DanStatus
dan_file_check (DanFile *file, const void *data, size_t size, DanError *error)
{
  const DanFileHeader *header = data;
  const DanFileArray *arrays = (const DanFileArray *) (header + 1);
  DanStatus status;
  uint64_t end;

  if ((status = check_envelope (header, size, error)) != DAN_OK
      || (status = header->version == DAN_FILE_VERSION_DETECTOR
                 ? check_detector_sizes (header, error)
                 : check_sizes (header, error)) != DAN_OK
      || (status = check_numbers (header, error)) != DAN_OK
      || (status = check_strings (header, error)) != DAN_OK)
    return status;

  end = sizeof *header + header->n_arrays * sizeof *arrays;
  if (end > size)
    return dan_fail (error, DAN_ERROR_MODEL,
        "the table of %" PRIu32 " arrays reaches beyond the end of the file",
        header->n_arrays);
  for (uint32_t i = 0; i < header->n_arrays; i++)
    if ((status = check_entry (&arrays[i], i, error)) != DAN_OK
        || (status = check_place (header, &arrays[i], &end, error)) != DAN_OK)
      return status;
  if (end != size)
    return dan_fail (error, DAN_ERROR_MODEL,
        "%" PRIu64 " stray bytes behind the last array", size - end);

  *file = (DanFile) { .header = header, .arrays = arrays };
  return DAN_OK;
}

const DanFileArray *
dan_file_find (DanFile *file, const char *name, DanError *error)
{
  const DanFileArray *found = NULL;

  for (uint32_t i = 0; i < file->header->n_arrays; i++) {
    if (strcmp (file->arrays[i].name, name) != 0)
      continue;
    if (found) {
      dan_fail (error, DAN_ERROR_MODEL, "array %s is there twice", name);
      return NULL;
    }
    found = &file->arrays[i];
    file->used[i] = true;
  }
  if (!found)
    dan_fail (error, DAN_ERROR_MODEL, "array %s is missing", name);
  return found;
}

bool
dan_file_has (const DanFile *file, const char *name)
{
  for (uint32_t i = 0; i < file->header->n_arrays; i++)
    if (strcmp (file->arrays[i].name, name) == 0)
      return true;
  return false;
}

DanStatus
dan_file_check_all_used (const DanFile *file, DanError *error)
{
  for (uint32_t i = 0; i < file->header->n_arrays; i++)
    if (!file->used[i])
      return dan_fail (error, DAN_ERROR_MODEL,
          "array %s belongs to no layer", file->arrays[i].name);
  return DAN_OK;
}
