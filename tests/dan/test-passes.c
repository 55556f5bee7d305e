/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Passes after the first: each is what a call would be that starts from the
 * landmarks so far, and one that fails takes nothing away. */
#include "made-model.h"

#define MOST 9 /* more than a batch */
#define MOST_PASSES 4
#define MOVE 10.f /* of made models, in pixels of the canonical image */
#define SIDE 40.f /* of the boxes that those get */

/* Pixels of the frame that such a box is moved by. */
static float
step (const DanModel *model)
{
  const DanBox mean = dan_box_around (dan_model_mean_shape (model), N);

  return MOVE * (SIDE / mean.width + SIDE / mean.height) / 2;
}

static Bytes
mover_bytes (void)
{
  DanModelSpec spec = small_spec (1);
  Bytes file;

  for (int i = 0; i < 4; i++)
    spec.channels[i] = 1;
  file = make_model (&spec);
  fill_halves (file, "s1.fc2.w", 0, 0);
  fill_floats (file, "s1.fc2.b", MOVE, 0);
  return file;
}

/* Whatever it sees, it moves the landmarks to the right by MOVE. */
static DanModel *
mover (void)
{
  return open_bytes (mover_bytes ());
}

/* The same, but its landmarks overflow where it sees anything bright. Each
 * convolution multiplies what is bright by 9 * 768, and makes zeros of black,
 * which is negative. */
static DanModel *
mover_in_the_dark (void)
{
  const Bytes file = mover_bytes ();
  char name[32];

  for (int i = 0; i < DAN_N_CONVS; i++) {
    snprintf (name, sizeof name, "s1.%s.w", dan_conv_names[i]);
    fill_halves (file, name, 0x6200, 0x6200);
    snprintf (name, sizeof name, "s1.%s.b", dan_conv_names[i]);
    fill_floats (file, name, 0, 0);
  }
  fill_halves (file, "s1.fc1.w", 0x7bff, 0x7bff);
  fill_floats (file, "s1.fc1.b", 0, 0);
  fill_halves (file, "s1.fc2.w", 0x7bff, 0x7bff);
  return open_bytes (file);
}

/* As many calls as passes, each from where the one before ended. */
static DanFace
align_by_calls (DanContext *one, DanBox box, DanPoint *points, int passes)
{
  DanFace face = { .box = box, .landmarks = points };

  for (int pass = 0; pass < passes; pass++) {
    CHECK (dan_align (one, &image, &face, 1, NULL) == DAN_OK, "call %d", pass);
    face.shape = points;
  }
  return face;
}

/* How far to the right of its box a face has come. */
static float
way_of (const DanFace *face)
{
  const DanBox box = dan_box_around (face->landmarks, N);

  return box.x + box.width / 2 - face->box.x - face->box.width / 2;
}

static void
test_calls (int passes)
{
  DanModel *model = small_model (1);
  DanContext *one = open_context (model, 1, 0);
  DanContext *several = open_passes (model, 1, 0, passes);
  DanPoint points[MOST][N], wanted[N], first[N];
  DanFace faces[MOST];

  for (int i = 0; i < MOST; i++)
    faces[i] = (DanFace) { .box = { 9 * i, 5 * i, 50 + i, 60 },
      .landmarks = points[i] };
  CHECK (dan_align (several, &image, faces, MOST, NULL) == DAN_OK, "%d passes",
      passes);
  for (int i = 0; i < MOST; i++) {
    const DanFace face
        = align_by_calls (one, faces[i].box, wanted, passes ? passes : 1);

    CHECK (farthest (points[i], wanted) < 1e-3,
        "face %d is %g px from that of %d calls", i,
        farthest (points[i], wanted), passes);
    CHECK (fabsf (faces[i].expected_error - face.expected_error)
            < 1e-4f * face.expected_error,
        "face %d: %g, not %g", i, faces[i].expected_error,
        face.expected_error);
    align_by_calls (one, faces[i].box, first, 1);
    CHECK (passes < 2 || farthest (points[i], first) > .1,
        "face %d: %d passes do nothing", i, passes);
  }
  dan_context_close (&one);
  dan_context_close (&several);
  dan_model_close (&model);
}

/* Moved out of the picture, a face stays where it was moved to. */
static void
test_out_of_the_picture (void)
{
  static const int expected[] = { 4, 2, 4, 1 };
  DanModel *model = mover ();
  DanContext *context = open_passes (model, 1, 0, MOST_PASSES);
  DanPoint points[4][N];
  DanFace faces[4];
  const float move = step (model);

  for (int i = 0; i < 4; i++)
    faces[i] = (DanFace) { .box = { WIDTH - .5f - (expected[i] - .5f) * move,
                               20 + 20 * i, SIDE, SIDE },
      .landmarks = points[i] };
  CHECK (dan_align (context, &image, faces, 4, NULL) == DAN_OK, "out");
  for (int i = 0; i < 4; i++) {
    CHECK (fabsf (way_of (&faces[i]) - expected[i] * move) < .1f,
        "face %d was moved by %g, not by %d times %g", i, way_of (&faces[i]),
        expected[i], move);
    CHECK (faces[i].status == DAN_OK, "face %d: status %d", i, faces[i].status);
  }
  dan_context_close (&context);
  dan_model_close (&model);
}

/* The right half of the picture is white, and the first face comes to see it,
 * the second does not. */
static void
test_lost (void)
{
  static uint8_t shades[WIDTH * HEIGHT];
  const DanImage picture = { shades, WIDTH, WIDTH, HEIGHT, DAN_FORMAT_GRAY8 };
  DanModel *model = mover_in_the_dark ();
  DanContext *one = open_context (model, 1, 0);
  DanContext *three = open_passes (model, 1, 0, 3);
  DanPoint points[2][N], wanted[N];
  DanFace faces[2] = {
    { .box = { 30, 60, SIDE, SIDE }, .landmarks = points[0] },
    { .box = { -30, 60, SIDE, SIDE }, .landmarks = points[1] },
  };
  DanFace face = { .box = faces[0].box, .landmarks = wanted };

  for (int i = 0; i < WIDTH * HEIGHT; i++)
    shades[i] = i % WIDTH < WIDTH / 2 ? 0 : 255;
  CHECK (dan_align (one, &picture, &face, 1, NULL) == DAN_OK, "in the dark");
  face.shape = wanted;
  CHECK (dan_align (one, &picture, &face, 1, NULL) == DAN_ERROR_MODEL,
      "in the light");

  CHECK (dan_align (three, &picture, faces, 2, NULL) == DAN_OK
          && faces[0].status == DAN_OK && faces[0].confidence > 0,
      "status %d, confidence %g", faces[0].status, faces[0].confidence);
  CHECK (farthest (points[0], wanted) < 1e-3, "%g px from the first pass",
      farthest (points[0], wanted));
  CHECK (fabsf (way_of (&faces[1]) - 3 * step (model)) < .1f,
      "the second face was moved by %g, not by 3 times %g",
      way_of (&faces[1]), step (model));
  dan_context_close (&one);
  dan_context_close (&three);
  dan_model_close (&model);
}

int
main (void)
{
  draw_pixels ();
  for (int passes = 0; passes <= MOST_PASSES; passes++)
    test_calls (passes);
  test_out_of_the_picture ();
  test_lost ();
  return check_summary ("passes");
}
