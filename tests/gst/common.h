/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tests of the element share. */

#ifndef DAN_TEST_COMMON_H
#define DAN_TEST_COMMON_H

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <gst/dan/gstdanmeta.h>

/* Where dan_test_frame() draws its face, as a tight box of landmarks. */
#define FACE_X 90
#define FACE_Y 60
#define FACE_SIZE 120

#define WIDTH 320
#define HEIGHT 240

/* A drawn face of @format, at its place whatever the frame's size. */
GstBuffer *dan_test_frame (GstVideoFormat format, gint width, gint height);

void dan_test_add_face (GstBuffer * buffer, gint x, gint y, guint w, guint h,
    gint id);
/* A frame with one face, at FACE_X, FACE_Y. */
GstBuffer *dan_test_face_frame (GstVideoFormat format, gint width,
    gint height);

GstCaps *dan_test_caps (GstVideoFormat format, gint width, gint height);
/* A harness around the elements of @launch with such caps. */
GstHarness *dan_test_harness (const gchar * launch, GstVideoFormat format,
    gint width, gint height);

/* Pushes @buffer and pulls what comes out; it must come. */
GstBuffer *dan_test_process (GstHarness * h, GstBuffer * buffer);

/* The structure of @buffer's landmarks, which it must have, with @n_faces. */
const GstStructure *dan_test_landmarks (GstBuffer * buffer, guint n_faces);
/* Points of face @i, as x0, y0, x1 ... */
void dan_test_points (GstBuffer * buffer, guint i, gfloat xy[136]);

/* All bytes of the buffer's memory, to be freed. */
GBytes *dan_test_bytes (GstBuffer * buffer);

/* That the element of @launch asks upstream for GstVideoMeta, but not for
 * GstVideoCropMeta, though downstream knows both. */
void dan_test_no_crop_is_asked_for (const gchar * launch);

#endif /* DAN_TEST_COMMON_H */
