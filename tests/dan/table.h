/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef DAN_TESTS_TABLE_H
#define DAN_TESTS_TABLE_H

#include <stdio.h>
#include <string.h>

#include "kernels.h"

/* The kernels called @name, NULL if this build or machine lacks them. */
static inline const DanKernels *
find_table (const char *name)
{
  DanKernelChoice choices[DAN_N_KERNELS];

  dan_kernels_list (choices);
  for (int i = 0; i < DAN_N_KERNELS; i++)
    if (strcmp (choices[i].name, name) == 0 && choices[i].usable)
      return choices[i].kernels;
  return NULL;
}

/* The kernels that the first argument names; NULL, and says so, if they cannot
 * be tested here. */
static inline const DanKernels *
require_table (int argc, char **argv)
{
  const char *name = argc < 2 ? "" : argv[1];
  const DanKernels *kernels = find_table (name);

  if (kernels)
    printf ("exercising: %s\n", name);
  else
    printf ("this machine or build has no kernels \"%s\": not run\n", name);
  return kernels;
}

#endif
