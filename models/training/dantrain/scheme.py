# SPDX-License-Identifier: LGPL-2.1-or-later
"""The order of the 68 landmarks of iBUG / 300-W. Right and left are the
subject's own."""

N_POINTS = 68
JAW, NOSE = slice(0, 17), slice(27, 36)
RIGHT_BROW, LEFT_BROW = slice(17, 22), slice(22, 27)
RIGHT_EYE, LEFT_EYE = slice(36, 42), slice(42, 48)
OUTER_LIPS, INNER_LIPS = slice(48, 60), slice(60, 68)
OUTER_CORNERS = (36, 45)  # of the eyes
RIGHT_LIDS, LEFT_LIDS = ((37, 41), (38, 40)), ((43, 47), (44, 46))  # pairs of an upper and a lower landmark

# Where each landmark's mirror image stands.
MIRROR = [*range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1),
          45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
          *range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), *range(67, 64, -1)]
