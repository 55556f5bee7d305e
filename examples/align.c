/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Prints the landmarks of one face of a grey picture, with libdan alone:
 *
 *   align FILE.pgm X Y WIDTH HEIGHT
 *
 * The box is the face's, from the brows to the chin. A picture in another
 * format becomes a PGM with, for example,
 *
 *   gst-launch-1.0 filesrc location=a.jpg ! decodebin ! videoconvert \
 *       ! video/x-raw,format=GRAY8 ! pnmenc ! filesink location=a.pgm
 */

#include <dan/dan.h>
#include <stdio.h>
#include <stdlib.h>

/* The next number of a PGM's header, where comments may stand; -1: none. */
static int
read_number (FILE *file)
{
  int c, value;

  while ((c = getc (file)) == '#' || c == ' ' || c == '\t' || c == '\n'
      || c == '\r')
    if (c == '#')
      while (c != '\n' && c != EOF)
        c = getc (file);
  ungetc (c, file);
  return fscanf (file, "%5d", &value) == 1 ? value : -1;
}

/* The pixels of an 8-bit binary PGM, to be freed; NULL: it is none. */
static unsigned char *
read_pgm (FILE *file, int *width, int *height)
{
  unsigned char *pixels;
  size_t size;

  if (getc (file) != 'P' || getc (file) != '5')
    return NULL;
  *width = read_number (file);
  *height = read_number (file);
  if (*width < 1 || *height < 1 || read_number (file) != 255)
    return NULL;
  getc (file); /* the one blank before the pixels */
  size = (size_t) *width * *height;
  pixels = malloc (size);
  if (pixels && fread (pixels, 1, size, file) != size) {
    free (pixels);
    return NULL;
  }
  return pixels;
}

/* Prints the landmarks of the face in @box, which has to be the tight box of
 * the landmarks or near it. */
static DanStatus
print_landmarks (const DanImage *image, DanBox box, DanError *error)
{
  DanModel *model;
  DanContext *context = NULL;
  DanPoint *points = NULL;
  DanStatus status;

  status = dan_model_open (&model, NULL, error);
  if (status == DAN_OK)
    status = dan_context_open (&context, model, NULL, error);
  if (status == DAN_OK) {
    size_t n = dan_model_n_points (model);
    DanFace face = { .box = box };

    face.landmarks = points = calloc (n, sizeof *points);
    status = dan_align (context, image, &face, 1, error);
    for (size_t i = 0; status == DAN_OK && i < n; i++)
      printf ("%.2f %.2f\n", points[i].x, points[i].y);
  }
  free (points);
  dan_context_close (&context);
  dan_model_close (&model);
  return status;
}

int
main (int argc, char **argv)
{
  FILE *file = argc == 6 ? fopen (argv[1], "rb") : NULL;
  DanImage image = { .format = DAN_FORMAT_GRAY8, .range = DAN_RANGE_FULL };
  unsigned char *pixels;
  DanStatus status;
  DanError error;
  DanBox box;

  if (argc != 6) {
    fprintf (stderr, "usage: %s FILE.pgm X Y WIDTH HEIGHT\n", argv[0]);
    return 2;
  }
  if (!file) {
    perror (argv[1]);
    return 1;
  }
  pixels = read_pgm (file, &image.width, &image.height);
  fclose (file);
  if (!pixels) {
    fprintf (stderr, "%s: cannot be read as an 8-bit binary PGM\n", argv[1]);
    return 1;
  }
  image.data = pixels;
  image.stride = image.width;
  box = (DanBox) { .x = atof (argv[2]), .y = atof (argv[3]),
    .width = atof (argv[4]), .height = atof (argv[5]) };
  status = print_landmarks (&image, box, &error);
  if (status != DAN_OK)
    fprintf (stderr, "%s\n", error.message);
  free (pixels);
  return status == DAN_OK ? 0 : 1;
}
