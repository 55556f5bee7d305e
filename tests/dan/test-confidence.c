/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a model says of its own landmarks: which head is asked, and that no
 * answer of it does harm. What a head computes is test-golden's. */
#include "made-model.h"

#define N_STAGES 3

/* A model whose heads say the logarithm @values[stage], whatever the face. */
static DanModel *
opinionated (const float *values)
{
  const DanModelSpec spec = small_spec (N_STAGES);
  const Bytes file = make_model (&spec);

  for (int s = 1; s <= N_STAGES; s++) {
    char name[32];

    snprintf (name, sizeof name, "s%d.error2.w", s);
    fill_halves (file, name, 0, 0);
    snprintf (name, sizeof name, "s%d.error2.b", s);
    fill_floats (file, name, values[s - 1], 0);
  }
  return open_bytes (file);
}

/* Closes @model. */
static DanFace
align_one (DanModel *model, int stages)
{
  static DanPoint points[N];
  DanContext *context = open_context (model, 1, stages);
  DanFace face = { .box = { 60, 50, 70, 65 }, .landmarks = points };

  CHECK (dan_align (context, &image, &face, 1, NULL) == DAN_OK, "no face");
  dan_context_close (&context);
  dan_model_close (&model);
  return face;
}

static bool
is_near (float value, float expected)
{
  return fabsf (value - expected) <= 1e-5f * expected;
}

static void
test_faces_differ (void)
{
  DanModel *model = small_model (N_STAGES);
  DanContext *context = open_context (model, 1, 0);
  float previous = -1;

  for (int i = 0; i < 5; i++) {
    DanPoint points[N];
    DanFace face = { .box = { 20 * i, 15 * i, 60, 70 }, .landmarks = points };
    float e;

    CHECK (dan_align (context, &image, &face, 1, NULL) == DAN_OK, "face %d", i);
    e = face.expected_error;
    CHECK (e > 0 && e <= 10 && e != previous, "face %d: %g after %g", i, e,
        previous);
    CHECK (is_near (face.confidence, 1 / (1 + e * e / .0064f)),
        "face %d: confidence %g of %g", i, face.confidence, e);
    previous = e;
  }
  dan_context_close (&context);
  dan_model_close (&model);
}

static void
test_last_stage_is_asked (void)
{
  const float values[N_STAGES] = { logf (.04f), logf (.08f), logf (.16f) };
  const struct {
    int stages;
    float error, confidence;
  } cases[] = { { 1, .04f, .8f }, { 2, .08f, .5f }, { 3, .16f, .2f },
    { 0, .16f, .2f } };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const DanFace face = align_one (opinionated (values), cases[i].stages);

    CHECK (is_near (face.expected_error, cases[i].error)
            && is_near (face.confidence, cases[i].confidence),
        "%d stages: %g, %g", cases[i].stages, face.expected_error,
        face.confidence);
  }
}

static void
test_extremes (void)
{
  const float values[N_STAGES] = { 3e38f, -3e38f, 2.31f };
  DanFace face = align_one (opinionated (values), 1);

  CHECK (face.expected_error == 10 && face.confidence > 0
          && face.confidence < 1e-4f,
      "%g, %g", face.expected_error, face.confidence);
  face = align_one (opinionated (values), 2);
  CHECK (face.expected_error == 0 && face.confidence == 1, "%g, %g",
      face.expected_error, face.confidence);
  face = align_one (opinionated (values), 3);
  CHECK (face.expected_error == 10, "%g", face.expected_error);
}

/* Infinity less infinity. */
static void
test_overflow (void)
{
  const DanModelSpec spec = small_spec (1);
  const Bytes file = make_model (&spec);
  DanFace face;

  fill_floats (file, "s1.error1.b", 3e38f, 3e38f);
  fill_halves (file, "s1.error2.w", 0x7bff, 0xfbff);
  face = align_one (open_bytes (file), 0);
  CHECK (face.expected_error == 10 && face.confidence < 1e-4f, "%g, %g",
      face.expected_error, face.confidence);
}

static void
test_no_heads (void)
{
  DanModelSpec spec = small_spec (2);
  DanFace face;

  spec.error_hidden = 0;
  face = align_one (open_bytes (make_model (&spec)), 0);
  CHECK (face.expected_error < 0 && face.confidence < 0, "%g, %g",
      face.expected_error, face.confidence);
}

static void
test_failure_changes_nothing (void)
{
  DanModel *model = small_model (1);
  DanContext *context = open_context (model, 1, 0);
  DanPoint points[N];
  DanFace face = { .box = { 60, 50, 2, 2 }, .landmarks = points,
    .expected_error = 123, .confidence = 45 };

  CHECK (dan_align (context, &image, &face, 1, NULL) == DAN_ERROR_BOX,
      "a small box");
  CHECK (face.expected_error == 123 && face.confidence == 45, "%g, %g",
      face.expected_error, face.confidence);
  dan_context_close (&context);
  dan_model_close (&model);
}

int
main (void)
{
  draw_pixels ();
  test_faces_differ ();
  test_last_stage_is_asked ();
  test_extremes ();
  test_overflow ();
  test_no_heads ();
  test_failure_changes_nothing ();
  return check_summary ("confidence");
}
