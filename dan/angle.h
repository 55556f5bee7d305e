/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Angles are in degrees wherever users see them. */
#ifndef DAN_ANGLE_H
#define DAN_ANGLE_H

#define DAN_DEGREE 57.295779513082320877 /* of a radian */
#define DAN_RADIAN 0.017453292519943295769

#endif
