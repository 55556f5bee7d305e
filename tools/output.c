/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "output.h"

#include <errno.h>
#include <stdio.h>

static gint first_errno;        /* why printing failed; 0: it did not */

/* GLib's own handler says nothing of what failed. */
static void
print (const gchar * text)
{
  if ((fputs (text, stdout) == EOF || fflush (stdout) != 0)
      && first_errno == 0)
    first_errno = errno;
}

void
output_begin (void)
{
  g_set_print_handler (print);
}

gint
output_finish (gint code)
{
  if (first_errno == 0)
    return code;
  g_printerr ("%s: standard output cannot be written: %s\n", g_get_prgname (),
      g_strerror (first_errno));
  return EXIT_CODE_FAILED;
}
