/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The face detector: its network by one table of kernels against the reference,
 * what cells mean, and dan_detect() around it.
 *
 * usage: test-detector TABLE; exits with 77 (skipped) where it cannot run. */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "detections.h"
#include "guard.h"
#include "model-writer.h"
#include "random.h"
#include "table.h"

static DanModel *
open_model (uint32_t seed)
{
  const DanModelSpec spec = { .n_points = DAN_DETECTION_POINTS,
    .image_size = DAN_DETECTOR_STRIDE, .channels = { 24, 32, 40, 64 },
    .seed = seed };
  DanModel *model = NULL;
  DanError error = {};
  void *data;
  size_t size;

  CHECK (dan_model_write_random (&data, &size, &spec, &error) == DAN_OK
          && dan_model_open_memory (&model, data, size, &error) == DAN_OK,
      "%s", error.message);
  free (data);
  return model;
}

static double
tolerance (const DanKernels *kernels)
{
  return kernels->precision == DAN_PRECISION_FP32 ? 1e-4 : .1;
}

/* Every value of every cell of level @l. */
static void
compare_cells (const DanDetectorNetwork networks[2], int l, double allowed,
    const char *what)
{
  const DanSize size = networks[0].levels[l].scores.size;
  double errors = 0, squares = 0;

  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++) {
      float values[2][DAN_DETECTOR_VALUES];

      for (int i = 0; i < 2; i++)
        dan_detector_network_read (&networks[i], l, x, y, values[i]);
      for (int i = 0; i < DAN_DETECTOR_VALUES; i++) {
        const double error = (double) values[0][i] - values[1][i];

        errors += error * error;
        squares += (double) values[1][i] * values[1][i];
      }
    }
  CHECK (squares > 0 && sqrt (errors / squares) <= allowed,
      "%s: off by %g, allowed are %g", what, sqrt (errors / squares), allowed);
}

typedef struct {
  float *pixels;
  int width;
} Image;

static const float *
read_rows (void *data, int y, int worker)
{
  const Image *image = data;

  return image->pixels + (size_t) y * image->width;
}

static void
test_network (const DanKernels *kernels, DanModel *model, DanSize size,
    int n_workers)
{
  const DanKernels *tables[] = { kernels, &dan_kernels_c };
  const size_t n = (size_t) size.width * size.height;
  DanPool *pool = dan_pool_new (n_workers);
  DanDetectorNetwork networks[2];
  Image image = { malloc (n * sizeof *image.pixels), size.width };
  char what[80];

  random_fill (image.pixels, n, VALUES_ORDINARY);
  for (int i = 0; i < 2; i++) {
    CHECK (dan_detector_network_init (&networks[i], model, tables[i], pool)
            && dan_detector_network_resize (&networks[i],
                (DanSize) { 2 * DAN_DETECTOR_STRIDE, DAN_DETECTOR_STRIDE })
            && dan_detector_network_resize (&networks[i], size),
        "no memory");
    dan_detector_network_run (&networks[i], read_rows, &image);
  }
  for (int l = 0; l < DAN_DETECTOR_LEVELS; l++) {
    snprintf (what, sizeof what, "%s %dx%d, level %d", kernels->name,
        size.width, size.height, l);
    compare_cells (networks, l, tolerance (kernels), what);
  }
  for (int i = 0; i < 2; i++)
    dan_detector_network_clear (&networks[i]);
  free (image.pixels);
  dan_pool_free (pool);
}

/* A network whose values are its first features, without a face in any cell. */
static void
init_plain (DanDetectorNetwork *network, const DanKernels *kernels,
    DanModel *model, DanPool *pool, DanSize image)
{
  CHECK (dan_detector_network_init (network, model, kernels, pool)
          && dan_detector_network_resize (network, image),
      "no memory");
  for (int l = 0; l < DAN_DETECTOR_LEVELS; l++) {
    DanPackedLevel *level = &network->levels[l];
    const int channels = level->head.channels;
    const DanSize size = level->scores.size;

    memset (level->head.bias, 0, sizeof level->head.bias);
    memset (level->head.weights, 0,
        sizeof (float) * DAN_DETECTOR_VALUES * 9 * channels);
    for (int i = 0; i < DAN_DETECTOR_VALUES; i++)
      level->head.weights[(i * 9 + 4) * channels + i] = 1;
    for (int i = 0; i < size.width * size.height; i++)
      level->scores.pixels[i] = -5;
  }
}

typedef struct {
  float *score, *features;
} Cell;

static Cell
cell_at (DanDetectorNetwork *network, int l, int x, int y)
{
  const DanActivation *scores = &network->levels[l].scores;
  const DanActivation *features = &network->levels[l].features;

  return (Cell) { scores->pixels + y * scores->row + x,
    features->pixels + y * features->row + x * features->channels };
}

static void
set_cell (Cell cell, const float values[DAN_DETECTOR_VALUES])
{
  *cell.score = values[0];
  memcpy (cell.features, values, DAN_DETECTOR_VALUES * sizeof *values);
}

/* The points of a cell: a symmetric face, turned by @roll degrees. */
static void
set_points (Cell cell, double roll)
{
  static const double face[DAN_DETECTION_POINTS][2]
      = { { -.8, -1 }, { .8, -1 }, { 0, .2 }, { -.6, 1 }, { .6, 1 } };
  const double c = cos (roll * M_PI / 180), s = sin (roll * M_PI / 180);

  for (int i = 0; i < DAN_DETECTION_POINTS; i++) {
    cell.features[5 + 2 * i] = (float) (c * face[i][0] - s * face[i][1]);
    cell.features[6 + 2 * i] = (float) (s * face[i][0] + c * face[i][1]);
  }
}

/* Cells whose meaning was worked out by hand, in an image of 128x64. */
static void
test_meaning (const DanKernels *kernels, DanModel *model)
{
  const float values[DAN_DETECTOR_VALUES]
      = { 2, .5f, -.25f, logf (3), logf (2), -1, 1, 0, 0, .5f, .5f, 0, -2, 4, 0 };
  DanPool *pool = dan_pool_new (1);
  DanDetectorNetwork network;
  DanCandidates *candidates = malloc (sizeof *candidates);
  const DanDetection *found = candidates->items;

  init_plain (&network, kernels, model, pool, (DanSize) { 128, 64 });
  set_cell (cell_at (&network, 1, 3, 2), values);
  *cell_at (&network, 3, 1, 0).score = 4;
  set_points (cell_at (&network, 3, 1, 0), -130);
  dan_candidates_collect (candidates, &network, .5f);
  if (CHECK (candidates->n == 2, "%d candidates", candidates->n)) {
    CHECK (fabsf (found[0].confidence - 1 / (1 + expf (-4))) < 1e-6,
        "confidence %g", found[0].confidence);
    CHECK (found[0].box.x == 95.5f - 32 && found[0].box.width == 64,
        "from %g, %g wide", found[0].box.x, found[0].box.width);
    CHECK (fabsf (found[0].roll + 130) < 1e-3f, "turned by %g", found[0].roll);
    /* The cell's centre is (55.5, 39.5), a stride 16 pixels. */
    CHECK (fabsf (found[1].box.x - (55.5f + 8 - 24)) < 1e-4
            && fabsf (found[1].box.y - (39.5f - 4 - 16)) < 1e-4
            && fabsf (found[1].box.width - 48) < 1e-4
            && fabsf (found[1].box.height - 32) < 1e-4,
        "%g %g %g %g", found[1].box.x, found[1].box.y, found[1].box.width,
        found[1].box.height);
    CHECK (found[1].points[0].x == 39.5f && found[1].points[0].y == 55.5f
            && found[1].points[4].x == 119.5f && found[1].points[4].y == 39.5f,
        "points (%g, %g) and (%g, %g)", found[1].points[0].x,
        found[1].points[0].y, found[1].points[4].x, found[1].points[4].y);
  }
  *cell_at (&network, 1, 3, 2).score = NAN;
  dan_candidates_collect (candidates, &network, .5f);
  CHECK (candidates->n == 1, "%d candidates beside one that is NaN",
      candidates->n);
  free (candidates);
  dan_detector_network_clear (&network);
  dan_pool_free (pool);
}

/* More cells than there is room for, in an image of 384x384, and the best of
 * them is the last. */
static void
test_many (const DanKernels *kernels, DanModel *model)
{
  enum { CELLS = 48 * 48, STEP = 1009 }; /* without a common divisor */
  DanPool *pool = dan_pool_new (1);
  DanDetectorNetwork network;
  DanCandidates *candidates = malloc (sizeof *candidates);

  init_plain (&network, kernels, model, pool, (DanSize) { 384, 384 });
  for (int i = 0; i < CELLS; i++)
    *cell_at (&network, 0, i % 48, i / 48).score
        = (float) (i * STEP % CELLS) / CELLS;
  *cell_at (&network, 3, 5, 5).score = 4;
  dan_candidates_collect (candidates, &network, .5f);
  if (CHECK (candidates->n == DAN_MAX_CANDIDATES, "%d candidates",
          candidates->n))
    for (int i = 0; i < candidates->n; i++) {
      const float logit = i ? (float) (CELLS - i) / CELLS : 4;
      const float confidence = 1 / (1 + expf (-logit));

      CHECK (fabsf (candidates->items[i].confidence - confidence) < 1e-6f,
          "candidate %d: %g, not %g", i, candidates->items[i].confidence,
          confidence);
    }
  free (candidates);
  dan_detector_network_clear (&network);
  dan_pool_free (pool);
}

static void
test_suppression (void)
{
  static DanCandidates candidates = { .n = 4,
    .items = { { .box = { 0, 0, 10, 10 }, .confidence = .9f },
        { .box = { 5, 0, 10, 10 }, .confidence = .8f },    /* 1/3 of the first */
        { .box = { 4, 0, 10, 10 }, .confidence = .7f },    /* 3/7, and 9/11 */
        { .box = { 30, 30, 10, 10 }, .confidence = .6f } } };
  DanCandidates some = candidates;

  dan_candidates_suppress (&some, .4f);
  CHECK (some.n == 3 && some.items[1].confidence == .8f
          && some.items[2].confidence == .6f,
      "%d left", some.n);
  some = candidates;
  dan_candidates_suppress (&some, .3f);
  CHECK (some.n == 2 && some.items[1].confidence == .6f, "%d left", some.n);
}

static void
draw_noise (uint8_t *pixels, int n)
{
  for (int i = 0; i < n; i++)
    pixels[i] = (uint8_t) random_below (256);
}

/* The frame is scaled and padded, and results come back to it: the same
 * detections, whatever surrounds dan_detect(). */
static void
test_detect (DanModel *model)
{
  enum { MANY = 400, WIDTH = 190, HEIGHT = 101 };
  const DanDetectorSettings settings[] = {
    { .threads = 1, .precision = DAN_PRECISION_AUTO, .threshold = .5f,
        .overlap = .4f },
    { .threads = 3, .precision = DAN_PRECISION_AUTO, .threshold = .5f,
        .overlap = .4f },
  };
  static DanDetection detections[2][MANY];
  size_t n[2] = {};
  Guard guard;
  uint8_t *pixels = guard_alloc (&guard, WIDTH * HEIGHT);
  const DanImage image = { pixels, WIDTH, WIDTH, HEIGHT, DAN_FORMAT_GRAY8 };
  const DanImage part = { pixels, WIDTH, 70, 60, DAN_FORMAT_GRAY8 };

  draw_noise (pixels, WIDTH * HEIGHT);
  for (int i = 0; i < 2; i++) {
    DanDetector *detector;
    DanError error = {};

    if (!CHECK (dan_detector_open (&detector, model, &settings[i], &error)
                == DAN_OK,
            "%s", error.message))
      continue;
    if (i == 1) /* another size before */
      dan_detect (detector, &part, detections[i], MANY, &n[i], NULL);
    CHECK (dan_detect (detector, &image, detections[i], MANY, &n[i], &error)
            == DAN_OK,
        "%s", error.message);
    dan_detector_close (&detector);
    CHECK (!detector, "not NULL after its close");
  }
  for (size_t i = 0; i < n[0]; i++) {
    const DanBox box = detections[0][i].box;

    CHECK (box.x < WIDTH && box.x + box.width > 0 && box.y < HEIGHT
            && box.y + box.height > 0,
        "from (%g, %g), %g x %g", box.x, box.y, box.width, box.height);
  }
  CHECK (n[0] > 0 && n[0] == n[1]
          && memcmp (detections[0], detections[1], n[0] * sizeof **detections)
              == 0,
      "%zu detections, then %zu", n[0], n[1]);
  guard_free (&guard);
}

static size_t
detect_from (DanModel *model, int min_size, const DanImage *image,
    DanDetection *detections, size_t n)
{
  DanDetectorSettings settings;
  DanDetector *detector;
  DanError error = {};

  dan_detector_settings_default (&settings);
  settings.min_size = min_size;
  CHECK (dan_detector_open (&detector, model, &settings, &error) == DAN_OK
          && dan_detect (detector, image, detections, n, &n, &error) == DAN_OK,
      "%s", error.message);
  dan_detector_close (&detector);
  return n;
}

/* The pixel of the bilinearly doubled image of width @width: sixteenths that are
 * whole where all pixels are multiples of 16, and black outside. */
static int
doubled_pixel (const uint8_t *pixels, int width, int height, int x, int y)
{
  int sum = 0;

  for (int dy = 0; dy < 2; dy++)
    for (int dx = 0; dx < 2; dx++) {
      const int column = (x + 1) / 2 - 1 + dx, row = (y + 1) / 2 - 1 + dy;
      const int weight = (dx == x % 2 ? 1 : 3) * (dy == y % 2 ? 1 : 3);

      if (column >= 0 && column < width && row >= 0 && row < height)
        sum += weight * pixels[row * width + column];
    }
  return sum / 16;
}

static bool
is_half (const DanDetection *small, const DanDetection *large)
{
  return fabsf (small->confidence - large->confidence) < .01f
      && fabsf (2 * small->box.x + .5f - large->box.x) < 1
      && fabsf (2 * small->box.y + .5f - large->box.y) < 1
      && fabsf (2 * small->box.width - large->box.width) < 1
      && fabsf (2 * small->points[4].y + .5f - large->points[4].y) < 1;
}

/* How many of @small are the half of one of @large. Of faces with nearly the same
 * confidence, rounding decides which comes first, or hides the other. */
static size_t
count_halves (const DanDetection *small, size_t n_small,
    const DanDetection *large, size_t n_large)
{
  size_t n = 0;

  for (size_t i = 0; i < n_small; i++)
    for (size_t k = 0; k < n_large; k++)
      if (is_half (&small[i], &large[k])) {
        n++;
        break;
      }
  return n;
}

/* Small faces are searched in the frame enlarged, at most twice: the same as the
 * faces of 32 pixels of an enlarged frame. So it is for a small frame, whatever
 * is searched. */
static void
test_small_faces (DanModel *model)
{
  enum { MANY = 400, WIDTH = 96, HEIGHT = 64, FEW = 3 };
  static const int min_sizes[] = { 16, 1, 0 };
  static uint8_t pixels[WIDTH * HEIGHT], doubled[4 * WIDTH * HEIGHT];
  static DanDetection small[MANY], large[MANY];
  const DanImage frame = { pixels, WIDTH, WIDTH, HEIGHT, DAN_FORMAT_GRAY8 };
  const DanImage twice
      = { doubled, 2 * WIDTH, 2 * WIDTH, 2 * HEIGHT, DAN_FORMAT_GRAY8 };
  size_t n;

  for (int i = 0; i < WIDTH * HEIGHT; i++)
    pixels[i] = (uint8_t) (16 * random_below (16));
  for (int i = 0; i < 4 * WIDTH * HEIGHT; i++)
    doubled[i] = (uint8_t) doubled_pixel (pixels, WIDTH, HEIGHT,
        i % (2 * WIDTH), i / (2 * WIDTH));
  n = detect_from (model, 32, &twice, large, MANY);
  CHECK (n >= FEW, "%zu in the doubled frame", n);
  for (int i = 0; i < 3; i++) {
    const size_t found = detect_from (model, min_sizes[i], &frame, small, MANY);
    const size_t halves = count_halves (small, found, large, n);

    CHECK (found >= FEW && halves >= .8 * found, "%zu of %zu of size %d",
        halves, found, min_sizes[i]);
  }
}

/* If no smallest face is asked for, the frame's longer side becomes 768: one of 576
 * is seen as if for faces of 24 pixels. */
static void
test_usual_side (DanModel *model)
{
  enum { MANY = 400, WIDTH = 576, HEIGHT = 90 };
  static uint8_t pixels[WIDTH * HEIGHT];
  static DanDetection usual[MANY], asked[MANY];
  const DanImage frame = { pixels, WIDTH, WIDTH, HEIGHT, DAN_FORMAT_GRAY8 };
  size_t n_usual, n_asked;

  draw_noise (pixels, WIDTH * HEIGHT);
  n_usual = detect_from (model, 0, &frame, usual, MANY);
  n_asked = detect_from (model, 24, &frame, asked, MANY);
  CHECK (n_usual > 0 && n_usual == n_asked
          && memcmp (usual, asked, n_usual * sizeof *usual) == 0,
      "%zu detections, %zu of 24 pixels", n_usual, n_asked);
}

static void
expect_argument_error (DanModel *model, DanDetectorSettings settings,
    const char *what)
{
  DanDetector *detector;
  DanError error = {};

  CHECK (dan_detector_open (&detector, model, &settings, &error)
              == DAN_ERROR_ARGUMENT
          && !detector && error.message[0],
      "%s was accepted", what);
}

/* An open detector searches as one that was opened with the same settings, and
 * what cannot be is refused. */
static void
test_set_search (DanModel *model)
{
  enum { MANY = 400, WIDTH = 160, HEIGHT = 120 };
  static uint8_t pixels[WIDTH * HEIGHT];
  static DanDetection opened[MANY], tuned[MANY];
  const DanImage frame = { pixels, WIDTH, WIDTH, HEIGHT, DAN_FORMAT_GRAY8 };
  DanDetectorSettings settings;
  DanDetector *detector;
  size_t n_opened, n_tuned = 0, n_usual = 0;

  draw_noise (pixels, WIDTH * HEIGHT);
  n_opened = detect_from (model, 20, &frame, opened, MANY);
  dan_detector_settings_default (&settings);
  settings.min_size = 20;
  if (!CHECK (dan_detector_open (&detector, model, NULL, NULL) == DAN_OK,
          "not opened"))
    return;
  dan_detect (detector, &frame, tuned, MANY, &n_usual, NULL);
  CHECK (dan_detector_set_search (detector, &settings, NULL) == DAN_OK,
      "settings were refused");
  settings.overlap = 2;
  CHECK (dan_detector_set_search (detector, &settings, NULL)
              == DAN_ERROR_ARGUMENT
          && dan_detector_set_search (NULL, NULL, NULL) == DAN_ERROR_ARGUMENT,
      "an overlap of 2, or no detector");
  dan_detect (detector, &frame, tuned, MANY, &n_tuned, NULL);
  CHECK (n_opened > 0 && n_tuned == n_opened
          && memcmp (tuned, opened, n_tuned * sizeof *tuned) == 0,
      "%zu detections, %zu", n_opened, n_tuned);
  CHECK (dan_detector_set_search (detector, NULL, NULL) == DAN_OK
          && dan_detect (detector, &frame, tuned, MANY, &n_tuned, NULL) == DAN_OK
          && n_tuned == n_usual && n_usual != n_opened,
      "by default %zu detections, %zu before", n_tuned, n_usual);
  dan_detector_close (&detector);
}

static void
test_errors (DanModel *model)
{
  DanDetectorSettings usual;
  DanDetector *detector;
  DanDetection detection;
  DanImage image = { "", 1, 1, 1, DAN_FORMAT_GRAY8 };
  size_t n = 7;

  dan_detector_settings_default (&usual);
  for (int i = 0; i < 5; i++) {
    static const char *const names[] = { "threads", "min_size", "threshold 1",
      "threshold NaN", "overlap" };
    DanDetectorSettings settings = usual;

    settings.threads = i == 0 ? -1 : 1;
    settings.min_size = i == 1 ? -1 : 0;
    settings.threshold = i == 2 ? 1 : i == 3 ? NAN : .5f;
    settings.overlap = i == 4 ? 1.1f : .4f;
    expect_argument_error (model, settings, names[i]);
  }
  expect_argument_error (NULL, usual, "no model");
  CHECK (dan_detector_open (&detector, model, NULL, NULL) == DAN_OK, "failed");
  CHECK (dan_detect (detector, &image, &detection, 1, &n, NULL) == DAN_OK
          && n <= 1,
      "a frame of one pixel");
  image.width = 0;
  n = 7;
  CHECK (dan_detect (detector, &image, &detection, 1, &n, NULL)
              == DAN_ERROR_ARGUMENT
          && n == 0,
      "an empty frame");
  dan_detector_close (&detector);
  dan_detector_close (&detector);
}

/* Each kind of model in the other's place. */
static void
test_kinds (DanModel *detector_model)
{
  const DanModelSpec spec = { .n_points = 4, .n_stages = 1, .image_size = 32,
    .channels = { 2, 2, 2, 2 }, .hidden = 2 };
  DanModel *landmarks = NULL;
  DanDetector *detector;
  DanContext *context;
  DanError error = {};
  void *data;
  size_t size;

  CHECK (dan_model_write_random (&data, &size, &spec, NULL) == DAN_OK
          && dan_model_open_memory (&landmarks, data, size, NULL) == DAN_OK,
      "no model");
  free (data);
  CHECK (dan_detector_open (&detector, landmarks, NULL, &error)
              == DAN_ERROR_ARGUMENT
          && strstr (error.message, "landmarks"),
      "%s", error.message);
  CHECK (dan_context_open (&context, detector_model, NULL, &error)
              == DAN_ERROR_ARGUMENT
          && strstr (error.message, "detects faces"),
      "%s", error.message);
  CHECK (dan_model_n_stages (detector_model) == 0
          && dan_model_n_points (detector_model) == DAN_DETECTION_POINTS
          && dan_model_macs (detector_model) == 0,
      "getters");
  dan_model_close (&landmarks);
}

int
main (int argc, char **argv)
{
  const DanKernels *kernels = require_table (argc, argv);
  DanModel *model;

  if (!kernels)
    return CHECK_EXIT_SKIPPED;
  model = open_model (5);
  test_network (kernels, model, (DanSize) { 64, 64 }, 1);
  test_network (kernels, model, (DanSize) { 192, 128 }, 2);
  test_network (kernels, model, (DanSize) { 64, 320 }, 3);
  test_meaning (kernels, model);
  test_many (kernels, model);
  test_suppression ();
  setenv ("DAN_CPU", kernels->name, 1);
  test_detect (model);
  test_small_faces (model);
  test_usual_side (model);
  test_set_search (model);
  test_errors (model);
  test_kinds (model);
  dan_model_close (&model);
  return check_summary ("detector");
}
