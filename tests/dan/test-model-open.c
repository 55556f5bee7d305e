/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Opening by path: what is no regular file is refused at once, with its name.
 * usage: test-model-open SHIPPED.dan */
#include "tiny-model.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAC_PER_STAGE 640e6 /* of a network of width 0.5 */

static char directory[] = "/tmp/test-model-XXXXXX";

static const char *
in_directory (const char *name)
{
  static char path[512];

  snprintf (path, sizeof path, "%s/%s", directory, name);
  return path;
}

static bool
write_file (const char *name, const void *data, size_t size)
{
  FILE *file = fopen (in_directory (name), "wb");
  bool written;

  if (!file)
    return false;
  written = fwrite (data, 1, size, file) == size;
  return fclose (file) == 0 && written;
}

static void
check_open_fails (const char *path, DanStatus expected, const char *reason)
{
  DanModel *model = (DanModel *) &model;
  DanError error = { 0 };
  DanStatus status = dan_model_open (&model, path, &error);

  CHECK (status == expected && error.status == status && !model,
      "%s: status %d, should be %d", path, status, expected);
  CHECK (strstr (error.message, reason) && !strchr (error.message, '\n'),
      "%s: '%s', should have '%s'", path, error.message, reason);
  CHECK (strstr (error.message, ": "), "%s: no name in '%s'", path,
      error.message);
}

static void
test_refusals (void)
{
  check_open_fails (in_directory ("missing"), DAN_ERROR_IO,
      "missing: No such file");
  check_open_fails (directory, DAN_ERROR_IO, ": Is a directory");
  check_open_fails ("", DAN_ERROR_IO, "No such file");
  CHECK (mkfifo (in_directory ("fifo"), 0600) == 0, "cannot make a fifo");
  check_open_fails (in_directory ("fifo"), DAN_ERROR_IO,
      "fifo: not a regular file");
  check_open_fails ("/dev/null", DAN_ERROR_IO, "null: not a regular file");
  CHECK (write_file ("empty", "", 0), "cannot write");
  check_open_fails (in_directory ("empty"), DAN_ERROR_MODEL,
      "empty: the file is empty");
  CHECK (write_file ("text", "Dear model,\n", 12), "cannot write");
  check_open_fails (in_directory ("text"), DAN_ERROR_MODEL,
      "text: not a model file");
  if (geteuid () != 0) { /* whom no permission stops */
    CHECK (chmod (in_directory ("text"), 0) == 0, "cannot chmod");
    check_open_fails (in_directory ("text"), DAN_ERROR_IO, "Permission");
  }
}

static void
test_arguments (void)
{
  DanModel *model = (DanModel *) &model;

  CHECK (dan_model_open (&model, in_directory ("missing"), NULL)
      == DAN_ERROR_IO && !model, "without an error, %p", (void *) model);
  CHECK (dan_model_open (NULL, in_directory ("missing"), NULL)
      == DAN_ERROR_ARGUMENT, "without a place");
}

static void
test_odd_names (void)
{
  char path[301];

  check_open_fails ("/no/such\nfile\x7f", DAN_ERROR_IO,
      "/no/such?file?: No such file");
  memset (path, 'x', sizeof path - 1);
  path[sizeof path - 1] = 0;
  path[0] = '/';
  /* The last 100 bytes are shown, but not the second half of an umlaut. */
  memcpy (path + 199, "\xc3\xa4\xc3\xa4", 4);
  check_open_fails (path, DAN_ERROR_IO, "...\xc3\xa4xxx");
  check_open_fails (path, DAN_ERROR_IO, "xxx: File name too long");
}

static void
test_default_path (void)
{
  Bytes tiny = make_tiny_model ();
  DanModel *model;
  DanError error;

  unsetenv ("DAN_MODEL");
  CHECK (strstr (dan_default_model_path (), ".dan"), "%s",
      dan_default_model_path ());
  setenv ("DAN_MODEL", "", 1);
  CHECK (strstr (dan_default_model_path (), ".dan"), "%s",
      dan_default_model_path ());

  CHECK (write_file ("tiny.dan", tiny.data, tiny.size), "cannot write");
  setenv ("DAN_MODEL", in_directory ("tiny.dan"), 1);
  CHECK (dan_model_open (&model, NULL, &error) == DAN_OK, "%s", error.message);
  if (model)
    CHECK (strcmp (dan_model_name (model), "random 1") == 0, "%s",
        dan_model_name (model));
  dan_model_close (&model);
  unsetenv ("DAN_MODEL");
  free (tiny.data);
}

static double
seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

static void
test_shipped (const char *path)
{
  DanModel *model = NULL;
  DanError error;
  double best = 1e9;

  for (int i = 0; i < 10; i++) {
    double start = seconds (), taken;

    dan_model_close (&model);
    start = seconds ();
    if (!CHECK (dan_model_open (&model, path, &error) == DAN_OK, "%s",
            error.message))
      return;
    taken = seconds () - start;
    best = taken < best ? taken : best;
  }
  printf ("%s: '%s', %s; opened in %.1f ms\n", path, dan_model_name (model),
      dan_model_licence (model), best * 1e3);
  CHECK (dan_model_n_points (model) == 68, "%zu", dan_model_n_points (model));
  CHECK (dan_model_image_size (model) == 112, "%d",
      dan_model_image_size (model));
  CHECK (strcmp (dan_model_scheme (model), "ibug-68") == 0, "%s",
      dan_model_scheme (model));
  CHECK (dan_model_macs (model) > .9 * MAC_PER_STAGE
      * dan_model_n_stages (model), "%g MAC", (double) dan_model_macs (model));
  CHECK (dan_model_macs (model) < 1.1 * MAC_PER_STAGE
      * dan_model_n_stages (model), "%g MAC", (double) dan_model_macs (model));
  dan_model_close (&model);
}

int
main (int argc, char **argv)
{
  static const char *const made[] = { "fifo", "empty", "text", "tiny.dan" };

  if (argc != 2) {
    fprintf (stderr, "usage: %s SHIPPED.dan\n", argv[0]);
    return 2;
  }
  if (!CHECK (mkdtemp (directory), "cannot make %s", directory))
    return check_summary ("model-open");
  alarm (60); /* nothing here may wait */
  test_refusals ();
  test_arguments ();
  test_odd_names ();
  test_default_path ();
  test_shipped (argv[1]);
  for (size_t i = 0; i < sizeof made / sizeof *made; i++)
    unlink (in_directory (made[i]));
  CHECK (rmdir (directory) == 0, "%s is not empty", directory);
  return check_summary ("model-open");
}
