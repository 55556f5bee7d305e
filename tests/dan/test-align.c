/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The public interface: boxes, errors, threads and ownership. */
#include <string.h>

#include "small-model.h"

static void
test_boxes_are_mapped (void)
{
  const DanPoint points[] = { { 3, 9 }, { -1, 4 }, { 2, 12 } };
  const DanBox tight = dan_box_around (points, 3);
  const DanBox haar
      = dan_box_map ((DanBox) { 100, 50, 200, 100 }, DAN_BOX_MAP_HAAR);

  CHECK (tight.x == -1 && tight.y == 4 && tight.width == 4
          && tight.height == 8,
      "tight box: %g %g %g %g", tight.x, tight.y, tight.width, tight.height);
  CHECK (dan_box_around (points, 0).width == 0, "no points");
  CHECK (fabsf (haar.width - 169.8f) < 1e-3f
          && fabsf (haar.height - 83.7f) < 1e-3f
          && fabsf (haar.x + haar.width / 2 - 201.8f) < 1e-3f
          && fabsf (haar.y + haar.height / 2 - 115.3f) < 1e-3f,
      "Haar box: %g %g %g %g", haar.x, haar.y, haar.width, haar.height);
}

/* The same face in a frame that is moved has landmarks that are moved. */
static void
test_translation (DanModel *model)
{
  DanContext *context = open_context (model, 1, 0);
  DanImage crop = image;
  DanPoint a[N], b[N];
  DanFace face = { .box = { 80, 60, 40, 40 }, .landmarks = a };

  crop.data = pixels + 10 * WIDTH + 20;
  crop.width -= 20;
  crop.height -= 10;
  CHECK (dan_align (context, &image, &face, 1, NULL) == DAN_OK, "whole frame");
  face = (DanFace) { .box = { 60, 50, 40, 40 }, .landmarks = b };
  CHECK (dan_align (context, &crop, &face, 1, NULL) == DAN_OK, "crop");
  for (int i = 0; i < N; i++)
    CHECK (hypotf (a[i].x - b[i].x - 20, a[i].y - b[i].y - 10) < 1e-2f,
        "point %d: (%g, %g) and (%g, %g)", i, a[i].x, a[i].y, b[i].x, b[i].y);
  dan_context_close (&context);
}

/* The frame, turned clockwise by a quarter. */
static DanImage
turned_image (void)
{
  static uint8_t turned[WIDTH * HEIGHT];

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      turned[x * HEIGHT + HEIGHT - 1 - y] = pixels[y * WIDTH + x];
  return (DanImage) { turned, HEIGHT, HEIGHT, WIDTH, DAN_FORMAT_GRAY8 };
}

/* So has a face that is turned, if one says how (by 10 degrees less, which are
 * the network's); what bfloat16 rounds the other
 * way moves landmarks by some tenths of a pixel. */
static void
test_roll (DanModel *model)
{
  const DanImage frame = turned_image ();
  DanContext *context = open_context (model, 1, 0);
  DanPoint a[N], b[N];
  DanFace face = { .box = { 80, 60, 40, 30 }, .landmarks = a };

  CHECK (dan_align (context, &image, &face, 1, NULL) == DAN_OK, "upright");
  face = (DanFace) { .box = { HEIGHT - 60 - 30 - 1, 80, 30, 40 }, .roll = 100,
    .landmarks = b };
  CHECK (dan_align (context, &frame, &face, 1, NULL) == DAN_OK, "turned");
  for (int i = 0; i < N; i++)
    CHECK (hypotf (HEIGHT - 1 - a[i].y - b[i].x, a[i].x - b[i].y) < .7f,
        "point %d: (%g, %g) and (%g, %g)", i, a[i].x, a[i].y, b[i].x, b[i].y);
  face.roll = NAN;
  CHECK (dan_align (context, &frame, &face, 1, NULL) == DAN_ERROR_BOX,
      "turned by no number");
  dan_context_close (&context);
}

static void
test_threads_agree (DanModel *model)
{
  DanPoint first[N], other[N];

  for (int threads = 1; threads <= 5; threads++) {
    DanContext *context = open_context (model, threads, 0);
    DanFace face = { .box = { 60, 50, 70, 65 },
      .landmarks = threads == 1 ? first : other };

    CHECK (dan_align (context, &image, &face, 1, NULL) == DAN_OK,
        "%d threads", threads);
    CHECK (threads == 1 || memcmp (first, other, sizeof first) == 0,
        "%d threads differ from 1", threads);
    dan_context_close (&context);
  }
}

/* One face fails, its neighbours do not, and it keeps its memory. */
static void
test_faces_are_independent (DanModel *model)
{
  const DanBox boxes[] = { { 60, 50, 70, 65 }, { NAN, 0, 50, 50 },
    { 500, 500, 50, 50 }, { 60, 50, 70, 65 } };
  DanContext *context = open_context (model, 1, 0);
  DanPoint points[4][N];
  DanFace faces[4];
  DanError error;

  memset (points, 0x11, sizeof points);
  for (int i = 0; i < 4; i++)
    faces[i] = (DanFace) { .box = boxes[i], .landmarks = points[i] };
  CHECK (dan_align (context, &image, faces, 4, &error) == DAN_ERROR_BOX
          && error.status == DAN_ERROR_BOX && strstr (error.message, "nan"),
      "\"%s\"", error.message);
  CHECK (faces[0].status == DAN_OK && faces[1].status == DAN_ERROR_BOX
          && faces[2].status == DAN_ERROR_BOX && faces[3].status == DAN_OK,
      "%d %d %d %d", faces[0].status, faces[1].status, faces[2].status,
      faces[3].status);
  CHECK (memcmp (points[0], points[3], sizeof points[0]) == 0,
      "the same box twice gives two results");
  CHECK (((uint8_t *) points[1])[5] == 0x11, "a failed face was written");
  CHECK (dan_align (context, &image, faces, 0, &error) == DAN_OK, "no faces");
  dan_context_close (&context);
}

/* Landmarks as the start: a face that is turned upside down stays so. */
static void
test_shape_start (DanModel *model)
{
  const DanPoint *mean = dan_model_mean_shape (model);
  DanContext *context = open_context (model, 1, 0);
  DanPoint shape[N];
  DanFace face = { .shape = shape, .landmarks = shape };
  DanBox box;

  for (int i = 0; i < N; i++)
    shape[i] = (DanPoint) { 150 - mean[i].x, 140 - mean[i].y };
  box = dan_box_around (shape, N);
  CHECK (dan_align (context, &image, &face, 1, NULL) == DAN_OK, "in place");
  for (int i = 0; i < N; i++)
    CHECK (hypotf (shape[i].x - (150 - mean[i].x),
               shape[i].y - (140 - mean[i].y))
            < box.width,
        "point %d went to (%g, %g)", i, shape[i].x, shape[i].y);
  for (int i = 0; i < N; i++)
    shape[i] = (DanPoint) { i < N / 2 ? 50 : 50.f + i, INFINITY };
  CHECK (dan_align (context, &image, &face, 1, NULL) == DAN_ERROR_BOX,
      "infinite landmarks are a start");
  dan_context_close (&context);
}

/* A model's mean shape may be a line, which a roll turns until it has no width. */
static void
test_thin_mean_shape (void)
{
  static const DanBox boxes[] = { { -4e5f, -4e5f, 1e6f, 1e6f },
    { 80, 60, 40, 40 } };
  DanModel *model = small_model (1);
  DanPoint *mean = (DanPoint *) dan_model_mean_shape (model);
  DanContext *context;

  for (int i = 0; i < N; i++)
    mean[i] = (DanPoint) { 10.f + 2 * i, 10.f + 2 * i };
  context = open_context (model, 1, 0);
  for (int i = 0; i < 2; i++) {
    DanPoint points[N];
    DanFace face = { .box = boxes[i], .roll = 55, .landmarks = points };

    CHECK (dan_align (context, &image, &face, 1, NULL) == DAN_ERROR_BOX,
        "box %d: status %d", i, face.status);
  }
  dan_context_close (&context);
  dan_model_close (&model);
}

/* No box and no frame may crash; what comes out is finite or an error. */
static void
test_any_box (DanModel *model)
{
  DanContext *context = open_context (model, 1, 0);

  for (int i = 0; i < 3000; i++) {
    const float scale = expf (random_value (VALUES_ORDINARY) * 16);
    DanImage any = image;
    DanPoint points[N];
    DanFace face = { .landmarks = points };

    any.width = 1 + random_below (WIDTH);
    any.height = 1 + random_below (HEIGHT);
    face.box = (DanBox) { random_value (VALUES_ORDINARY) * scale,
      random_value (VALUES_ORDINARY) * scale,
      random_value (VALUES_ORDINARY) * scale,
      random_value (VALUES_ORDINARY) * scale };
    if (dan_align (context, &any, &face, 1, NULL) != DAN_OK) {
      CHECK (face.status == DAN_ERROR_BOX, "case %d: status %d", i,
          face.status);
      continue;
    }
    for (int p = 0; p < N; p++)
      CHECK (isfinite (points[p].x) && isfinite (points[p].y),
          "case %d: point %d is (%g, %g)", i, p, points[p].x, points[p].y);
  }
  dan_context_close (&context);
}

static void
test_huge_frame (DanModel *model)
{
  DanContext *context = open_context (model, 1, 0);
  uint8_t *data = calloc (3840, 2160);
  DanImage frame = { data, 3840, 3840, 2160, DAN_FORMAT_GRAY8 };
  DanPoint points[N];
  const DanBox boxes[] = { { 900, 100, 2000, 2000 }, { 3000, 1500, 16, 16 },
    { -1000, -1000, 5000, 5000 }, { 3830, 2150, 300, 300 } };

  for (int i = 0; i < 4; i++) {
    DanFace face = { .box = boxes[i], .landmarks = points };

    CHECK (dan_align (context, &frame, &face, 1, NULL) == DAN_OK, "box %d", i);
  }
  free (data);
  dan_context_close (&context);
}

static void
test_bad_arguments (DanModel *model)
{
  DanContext *context = (DanContext *) model;
  DanSettings settings;
  DanPoint points[N];
  DanFace face = { .box = { 60, 50, 70, 65 } };
  DanError error;

  dan_settings_default (&settings);
  settings.threads = 65;
  CHECK (dan_context_open (&context, model, &settings, &error)
              == DAN_ERROR_ARGUMENT
          && !context && strstr (error.message, "65"),
      "\"%s\"", error.message);
  dan_settings_default (&settings);
  settings.stages = 9;
  CHECK (dan_context_open (&context, model, &settings, &error)
          == DAN_ERROR_ARGUMENT,
      "9 stages");
  for (int passes = -1; passes <= 5; passes += 6) {
    dan_settings_default (&settings);
    settings.passes = passes;
    CHECK (dan_context_open (&context, model, &settings, &error)
            == DAN_ERROR_ARGUMENT,
        "%d passes", passes);
  }
  dan_settings_default (&settings);
  settings.precision = 99;
  CHECK (dan_context_open (&context, model, &settings, &error)
              == DAN_ERROR_ARGUMENT
          && strstr (error.message, "99"),
      "\"%s\"", error.message);
  CHECK (dan_context_open (&context, NULL, NULL, &error) == DAN_ERROR_ARGUMENT,
      "no model");
  CHECK (dan_context_open (NULL, model, NULL, NULL) == DAN_ERROR_ARGUMENT,
      "no place");
  setenv ("DAN_CPU", "abacus\n", 1);
  CHECK (dan_context_open (&context, model, NULL, &error) == DAN_ERROR_ARGUMENT
          && strstr (error.message, "abacus?"),
      "\"%s\"", error.message);
  unsetenv ("DAN_CPU");

  context = open_context (model, 1, 0);
  CHECK (dan_align (context, &image, &face, 1, &error) == DAN_ERROR_ARGUMENT,
      "no room for landmarks");
  face.landmarks = points;
  CHECK (dan_align (context, NULL, &face, 1, &error) == DAN_ERROR_ARGUMENT,
      "no image");
  CHECK (dan_align (context, &image, NULL, 1, &error) == DAN_ERROR_ARGUMENT,
      "no faces");
  CHECK (dan_align (NULL, &image, &face, 1, &error) == DAN_ERROR_ARGUMENT,
      "no context");
  dan_context_close (&context);
  dan_context_close (&context);
}

typedef struct {
  int steps[3];
  uint64_t macs;
} Profile;

static void
count_steps (void *user_data, int stage, const char *layer, double seconds,
    uint64_t macs)
{
  Profile *profile = user_data;

  CHECK (stage >= 0 && stage < 3 && layer && seconds >= 0, "%d %s %g", stage,
      layer, seconds);
  profile->steps[stage]++;
  profile->macs += macs;
}

static void
test_profile (DanModel *model)
{
  DanContext *context = open_context (model, 1, 0);
  Profile profile = {};
  DanPoint points[N];
  DanFace face = { .box = { 60, 50, 70, 65 }, .landmarks = points };

  dan_context_set_profile (context, count_steps, &profile);
  dan_align (context, &image, &face, 1, NULL);
  CHECK (profile.steps[0] == 10 && profile.steps[1] == 12 && profile.steps[2] == 13, "%d %d %d steps",
      profile.steps[0], profile.steps[1], profile.steps[2]);
  CHECK (profile.macs == dan_model_macs (model), "%lu of %lu macs",
      (unsigned long) profile.macs, (unsigned long) dan_model_macs (model));
  dan_context_set_profile (context, NULL, NULL);
  dan_align (context, &image, &face, 1, NULL);
  CHECK (profile.steps[0] == 10, "it goes on after NULL");
  dan_context_close (&context);
}

static void
test_stages (DanModel *model)
{
  DanPoint one[N], three[N];
  DanFace face = { .box = { 60, 50, 70, 65 }, .landmarks = one };
  DanContext *context = open_context (model, 1, 1);

  CHECK (dan_align (context, &image, &face, 1, NULL) == DAN_OK, "one stage");
  dan_context_close (&context);
  context = open_context (model, 1, 3);
  face.landmarks = three;
  CHECK (dan_align (context, &image, &face, 1, NULL) == DAN_OK, "three");
  CHECK (memcmp (one, three, sizeof one) != 0, "later stages do nothing");
  /* The context holds what it needs. */
  dan_model_close (&model);
  CHECK (model == NULL, "not set to NULL");
  CHECK (dan_align (context, &image, &face, 1, NULL) == DAN_OK, "orphaned");
  dan_context_close (&context);
}

int
main (void)
{
  DanModel *model = small_model (3);

  draw_pixels ();
  test_boxes_are_mapped ();
  test_translation (model);
  test_roll (model);
  test_threads_agree (model);
  test_faces_are_independent (model);
  test_shape_start (model);
  test_thin_mean_shape ();
  test_any_box (model);
  test_huge_frame (model);
  test_bad_arguments (model);
  test_profile (model);
  test_stages (model);
  return check_summary ("align");
}
