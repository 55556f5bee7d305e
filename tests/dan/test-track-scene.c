/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is a cut, and what is not. */

#include <math.h>
#include <string.h>

#include "check.h"
#include "track-scene.h"

#define WIDTH 320
#define HEIGHT 200

static uint8_t pixels[WIDTH * HEIGHT];

/* Scene @k, of @contrast, moved by @shift pixels. */
static DanImage
scene_of (int k, int shift, double contrast)
{
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++) {
      const double u = (x + shift) * (k ? .021 : .034), v = y * (k ? .05 : .03);

      pixels[y * WIDTH + x]
          = (uint8_t) (128 + contrast * sin (u + k) * cos (v - k));
    }
  return (DanImage) { pixels, WIDTH, WIDTH, HEIGHT, DAN_FORMAT_GRAY8 };
}

static bool
cut_to (DanScene *scene, DanImage image)
{
  return dan_scene_cut (scene, &dan_image_kernels_c, &image);
}

static void
test_scenes (void)
{
  DanScene scene = { .known = false };

  CHECK (!cut_to (&scene, scene_of (0, 0, 100)), "there was nothing before");
  CHECK (!cut_to (&scene, scene_of (0, 0, 100)), "the same");
  CHECK (!cut_to (&scene, scene_of (0, 10, 100)), "it moves");
  CHECK (!cut_to (&scene, scene_of (0, 10, 30)), "darker");
  CHECK (cut_to (&scene, scene_of (1, 0, 100)), "another");
  CHECK (!cut_to (&scene, scene_of (1, 5, 100)), "that one moves");
}

/* A flash, or a black frame, is no cut; but what comes after may be one. */
static void
test_flat (void)
{
  DanScene scene = { .known = false };

  CHECK (!cut_to (&scene, scene_of (0, 0, 0)), "flat from the start");
  CHECK (!cut_to (&scene, scene_of (0, 0, 100)), "out of nothing");
  CHECK (!cut_to (&scene, scene_of (0, 0, 0)), "a flash");
  CHECK (!cut_to (&scene, scene_of (0, 0, 100)), "after a flash");
  CHECK (!cut_to (&scene, scene_of (0, 0, 0)), "a black frame");
  CHECK (cut_to (&scene, scene_of (1, 0, 100)), "another scene after it");
}

/* Images with fewer pixels than there are cells. */
static void
test_small (void)
{
  for (int width = 1; width < 40; width += 3)
    for (int height = 1; height < 30; height += 3) {
      DanScene scene = { .known = false };
      DanImage image = scene_of (0, 0, 100);

      image.width = width;
      image.height = height;
      cut_to (&scene, image);
      CHECK (!cut_to (&scene, image), "%dx%d", width, height);
      for (int i = 0; i < DAN_SCENE_CELLS; i++)
        CHECK (!scene.known || fabsf (scene.cells[i]) <= 1, "%g",
            scene.cells[i]);
    }
}

int
main (void)
{
  test_scenes ();
  test_flat ();
  test_small ();
  return check_summary ("track-scene");
}
