/* SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * libdan: facial landmarks by a Deep Alignment Network (Kowalski, Naruniec
 * and Trzcinski, CVPR-W 2017, arXiv 1706.01789), on a CPU.
 *
 * House rules, said once:
 *
 * - Coordinates are pixels of the image that was passed in; pixel centres lie
 *   on integers, so the first pixel covers -0.5 to 0.5.
 * - Functions that can fail return a DanStatus and, if `error` is not NULL,
 *   fill it with the same status and a sentence that says why. Nothing
 *   aborts, nothing prints, no locale or signal state is touched.
 * - Whoever creates an object closes it. Close functions take the address of
 *   the pointer, accept NULL in it, and set it to NULL.
 * - A DanModel is immutable and may be shared by any number of threads. A
 *   DanContext serves one thread at a time.
 * - Pointers that getters return belong to the object they came from.
 */
#ifndef DAN_DAN_H
#define DAN_DAN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DAN_API __attribute__ ((visibility ("default")))
#else
#define DAN_API
#endif

/* Results and errors */

typedef enum {
  DAN_OK = 0,
  DAN_ERROR_ARGUMENT,    /**< a NULL or out-of-range argument */
  DAN_ERROR_IO,          /**< a file could not be opened or read */
  DAN_ERROR_MODEL,       /**< not a model file, damaged, or of an unknown version */
  DAN_ERROR_MEMORY,      /**< out of memory */
  DAN_ERROR_BOX,         /**< a face box or shape that no face can be placed in */
  DAN_ERROR_UNSUPPORTED, /**< valid, but this build or CPU cannot do it */
} DanStatus;

typedef struct {
  DanStatus status;
  char message[256]; /**< one sentence, without a newline; "" when DAN_OK */
} DanError;

/** A short name of @status, such as "invalid box"; static, never NULL. */
DAN_API const char *dan_status_name (DanStatus status);

/** The library's version, "major.minor.micro"; static. */
DAN_API const char *dan_version (void);

/* Geometry */

typedef struct {
  float x, y;
} DanPoint;

/** Left, top, width and height. A tight box of landmarks runs from the
 * smallest to the largest coordinate, so it may have fractional corners. */
typedef struct {
  float x, y, width, height;
} DanBox;

/**
 * How a detector's box relates to the network's, which is the tight box of
 * the landmarks: multiplied about its centre by (scale_x, scale_y), with its
 * centre moved by (offset_x, offset_y) of the detector's width and height.
 */
typedef struct {
  float scale_x, scale_y;
  float offset_x, offset_y;
} DanBoxMap;

/** The box already is the tight box of the landmarks. */
#define DAN_BOX_MAP_LANDMARKS ((DanBoxMap) { 1.f, 1.f, 0.f, 0.f })

/** OpenCV's frontal Haar cascades, as GStreamer's `facedetect` runs them. */
#define DAN_BOX_MAP_HAAR ((DanBoxMap) { .849f, .837f, .009f, .153f })

/** Applies @map to @box. Thread-safe. */
DAN_API DanBox dan_box_map (DanBox box, DanBoxMap map);

/** The tight box of @n_points points, all zero if there are none. */
DAN_API DanBox dan_box_around (const DanPoint *points, size_t n_points);

/** Intersection over union: the area that both boxes cover over the area that
 * either covers, 0 to 1. 0 for boxes that are empty or not numbers.
 * Thread-safe. */
DAN_API float dan_box_overlap (DanBox a, DanBox b);

/* Images */

/** Memory layouts, named after the bytes in memory. Planar and semi-planar
 * YUV is passed as its luma plane. What is ignored may have any value, but has
 * to be memory that can be read. */
typedef enum {
  DAN_FORMAT_GRAY8,    /**< also the luma plane of I420, NV12, Y42B, Y444 ... */
  DAN_FORMAT_GRAY10LE, /**< 10 low bits of 16, little endian: I420_10LE ... */
  DAN_FORMAT_GRAY10HI, /**< 10 high bits of 16, little endian: P010_10LE */
  DAN_FORMAT_YUYV, /**< packed, luma in bytes 0 and 2, chroma is ignored:
                    * YUY2, YVYU */
  DAN_FORMAT_UYVY, /**< packed, luma in bytes 1 and 3, chroma is ignored */
  DAN_FORMAT_RGB,
  DAN_FORMAT_BGR,
  DAN_FORMAT_RGBX, /**< the fourth byte is ignored: RGBA too */
  DAN_FORMAT_BGRX,
  DAN_FORMAT_XRGB, /**< the first byte is ignored: ARGB too */
  DAN_FORMAT_XBGR,
} DanFormat;

typedef enum {
  DAN_RANGE_FULL,    /**< black 0, white 255 (1023 for 10 bits) */
  DAN_RANGE_LIMITED, /**< black 16, white 235 (64, 940), expanded when read */
} DanRange;

/**
 * A view of pixels that stay the caller's; they are only read, and only
 * during the call. A crop is a view with moved @data and smaller sizes.
 */
typedef struct {
  const void *data; /**< the first pixel; 16-bit formats: 2-byte aligned */
  ptrdiff_t stride; /**< bytes from a row to the next; may be negative */
  int width, height; /**< pixels, 1 to 32767 */
  DanFormat format;
  DanRange range;
} DanImage;

/* Models */

typedef struct DanModel DanModel;

/** The model that is used when none is named: the environment variable
 * DAN_MODEL if set and not empty, else the installed one. Valid until the
 * environment changes. */
DAN_API const char *dan_default_model_path (void);

/**
 * Maps the model file at @path (UTF-8; NULL: the default) and checks all of
 * it. On success *@model is the caller's, to be given to dan_model_close();
 * on failure *@model is NULL.
 *
 * Errors: DAN_ERROR_ARGUMENT, DAN_ERROR_IO, DAN_ERROR_MODEL, DAN_ERROR_MEMORY,
 * DAN_ERROR_UNSUPPORTED (a big-endian machine). The message names the file.
 */
DAN_API DanStatus dan_model_open (DanModel **model, const char *path,
    DanError *error);

/** Like dan_model_open() for @size bytes at @data, which are copied. */
DAN_API DanStatus dan_model_open_memory (DanModel **model, const void *data,
    size_t size, DanError *error);

/** Gives up the caller's hold. Contexts keep what they need of a model, so
 * it may be closed before them. */
DAN_API void dan_model_close (DanModel **model);

/** Landmarks per face, 68 in the shipped models; a detector has 5. */
DAN_API size_t dan_model_n_points (const DanModel *model);
/** Stages of the cascade; 0: the model is a face detector's. */
DAN_API size_t dan_model_n_stages (const DanModel *model);
/** The side of the canonical image in pixels, 112 in the shipped models; of a
 * detector, whose images may have any size, what their sides are multiples of. */
DAN_API int dan_model_image_size (const DanModel *model);
/** The order and meaning of the landmarks, "ibug-68" in the shipped models. */
DAN_API const char *dan_model_scheme (const DanModel *model);
/** The model's own name. */
DAN_API const char *dan_model_name (const DanModel *model);
/** The licence terms of the weights, one line. */
DAN_API const char *dan_model_licence (const DanModel *model);
/** The mean shape S0 in the canonical image: dan_model_n_points() points. NULL: the
 * model is a face detector's. */
DAN_API const DanPoint *dan_model_mean_shape (const DanModel *model);
/** Multiply-accumulates that a face costs in a pass of all stages, direct
 * convolution. */
DAN_API uint64_t dan_model_macs (const DanModel *model);

/** A line along a part of the face: through the landmarks @first to @last,
 * both included. */
typedef struct {
  size_t first, last;
  int closed; /**< not 0: and back to @first */
} DanContour;

/** The lines to draw a face by, along jaw, brows, nose, eyes and mouth: an
 * array of *@n_contours, static. NULL and 0 if the model's scheme is not one
 * that they are known for. Thread-safe. */
DAN_API const DanContour *dan_model_contours (const DanModel *model,
    size_t *n_contours);

/* Alignment */

/** What the products of the convolutions are made of. All else is the same. */
typedef enum {
  /** The fastest that keeps the landmarks: INT8 where the CPU, and DAN_CPU, have
   * it, else BF16, else FP32. No error, unless DAN_CPU names no kernels. */
  DAN_PRECISION_AUTO,
  DAN_PRECISION_FP32, /**< products of floats, on any CPU */
  /** Products of bfloat16, sums of floats. Where the CPU, or DAN_CPU, has no
   * kernels for them, dan_context_open() gives DAN_ERROR_UNSUPPORTED. */
  DAN_PRECISION_BF16,
  /** Products of integers of 8 bits, scaled by the largest number that each tile
   * of an image has; of bfloat16 in layers of few channels, where the CPU has
   * those too. Not to be had everywhere either. */
  DAN_PRECISION_INT8,
} DanPrecision;

typedef struct {
  /** Threads that work on one call, the caller among them; 0: one per CPU,
   * at most 64. */
  int threads;
  /** BF16 and INT8 move the shipped model's landmarks by up to about 0.3 pixels of
   * the canonical image: ask for FP32 where CPUs have to agree. */
  DanPrecision precision;
  /** Stages to run, 0: all. Fewer are cheaper and less exact. */
  int stages;
  /** Runs of the whole cascade, at most 4; 0 is 1 too. Each run after the first
   * crops the face anew by the landmarks of the one before, which makes up for
   * a box that was off. One that fails leaves those landmarks as they are. */
  int passes;
} DanSettings;

/** Fills @settings with the defaults: 1 thread, AUTO, all stages, 1 pass. */
DAN_API void dan_settings_default (DanSettings *settings);

typedef struct DanContext DanContext;

/**
 * Prepares @model for alignment: packs its weights (once per model and
 * kernel, shared between contexts) and takes all memory that alignment needs.
 * @settings may be NULL for the defaults. On success *@context is the
 * caller's, to be given to dan_context_close(); on failure it is NULL.
 *
 * The environment variable DAN_CPU (c, openblas, neon, avx2, avx2-vnni, avx512,
 * avx512-vnni, avx512-bf16, avx512-mixed: slowest first) is a ceiling on the
 * kernels, read here.
 *
 * Errors: DAN_ERROR_ARGUMENT (also a DAN_CPU that names no kernels),
 * DAN_ERROR_MEMORY, DAN_ERROR_UNSUPPORTED (the precision).
 */
DAN_API DanStatus dan_context_open (DanContext **context, DanModel *model,
    const DanSettings *settings, DanError *error);

DAN_API void dan_context_close (DanContext **context);

/** The kernels in use: "c", "openblas", "neon", "avx2", "avx2-vnni", "avx512",
 * "avx512-vnni", "avx512-bf16" or "avx512-mixed"; static. Of these,
 * "avx512-bf16" are DAN_PRECISION_BF16, "avx2-vnni", "avx512-vnni" and
 * "avx512-mixed" DAN_PRECISION_INT8, all others DAN_PRECISION_FP32. */
DAN_API const char *dan_context_kernels (const DanContext *context);

/** One face of a call to dan_align(). */
typedef struct {
  /** Where the face is: the tight box of its landmarks. Not read if @shape
   * is set. It may lie partly outside of the image, which counts as black
   * there; its larger side must be at least 4 pixels. */
  DanBox box;
  /** How it is turned in the image, in degrees, positive: clockwise. A guess is
   * enough: up to 10 degrees are left to the network. Not read if @shape is
   * set. */
  float roll;
  /** Earlier landmarks of this face to start from, or NULL. */
  const DanPoint *shape;
  /** Room for dan_model_n_points() points, filled with the landmarks.
   * May be the same memory as @shape. Unchanged on failure. */
  DanPoint *landmarks;
  /** The error of the landmarks that the network itself expects: their mean
   * distance from the true ones over that of the outer eye corners, 0 to 10,
   * and about 1 where it sees no face. Negative: the model does not tell.
   * Unchanged on failure. */
  float expected_error;
  /** The same from 0, no face, to 1, certain: 1 / (1 + (expected_error /
   * 0.08)^2), a half where an error customarily counts as a failure.
   * Negative: the model does not tell. Unchanged on failure. */
  float confidence;
  /** DAN_OK or why this face has no landmarks. */
  DanStatus status;
} DanFace;

/**
 * Finds the landmarks of @n_faces faces of @image. A face that cannot be
 * placed gets its own status and does not keep the others from theirs; the
 * return value is then the first such status and @error describes it.
 * Faces of one call share the weights' way from memory: one call is cheaper
 * than one for each face. Allocates nothing.
 *
 * Errors: DAN_ERROR_ARGUMENT (nothing was done), DAN_ERROR_BOX, DAN_ERROR_MODEL
 * (a model whose landmarks of this face are no shape).
 */
DAN_API DanStatus dan_align (DanContext *context, const DanImage *image,
    DanFace *faces, size_t n_faces, DanError *error);

/* Detection */

#define DAN_DETECTION_POINTS 5

typedef struct {
  /** The tight box of the landmarks that the face would have. */
  DanBox box;
  /** The middles of the subject's right and left eye, the tip of the nose, and
   * the right and left corner of the mouth. */
  DanPoint points[DAN_DETECTION_POINTS];
  float roll; /**< of the points, degrees, as in DanFace */
  float confidence; /**< 0 to 1 */
} DanDetection;

typedef struct {
  /** Threads that work on one call, the caller among them; 0: one per CPU,
   * at most 64. */
  int threads;
  DanPrecision precision;
  /** The larger side of the smallest faces to look for, in pixels; below 32 the
   * frame is enlarged for it, up to twice, which is for 16. 0: as small as the
   * detector finds in the frame scaled to a longer side of 768 pixels, enlarged
   * at most twice. Cost falls with its square. */
  int min_size;
  /** The least confidence, 0 to 1. */
  float threshold;
  /** Of two detections whose intersection over union exceeds this, the less
   * confident one is dropped; 0 to 1. */
  float overlap;
} DanDetectorSettings;

/** Fills @settings with the defaults: 1 thread, AUTO, 0, 0.57 and 0.4. */
DAN_API void dan_detector_settings_default (DanDetectorSettings *settings);

/** The detector's model that is used when none is named: the environment
 * variable DAN_FACE_MODEL if set and not empty, else the installed one. Valid
 * until the environment changes. */
DAN_API const char *dan_default_detector_path (void);

/** A detector and its memory; serves one thread at a time. */
typedef struct DanDetector DanDetector;

/**
 * Prepares @model, which has to be a detector's, whose dan_model_n_stages() are
 * 0. @settings may be NULL for the defaults. On success *@detector is the
 * caller's, to be given to dan_detector_close(); on failure it is NULL. DAN_CPU
 * is read as by dan_context_open().
 *
 * Errors: DAN_ERROR_ARGUMENT (also a model of landmarks), DAN_ERROR_MEMORY,
 * DAN_ERROR_UNSUPPORTED (the precision).
 */
DAN_API DanStatus dan_detector_open (DanDetector **detector, DanModel *model,
    const DanDetectorSettings *settings, DanError *error);

/**
 * From the next dan_detect() on, faces are searched by the min_size, threshold and
 * overlap of @settings (NULL: the defaults); its threads and precision stay what
 * they were. On failure nothing changes.
 *
 * Errors: DAN_ERROR_ARGUMENT.
 */
DAN_API DanStatus dan_detector_set_search (DanDetector *detector,
    const DanDetectorSettings *settings, DanError *error);

DAN_API void dan_detector_close (DanDetector **detector);

/**
 * Finds the faces of @image, upright ones and turned ones. Writes the
 * *@n_found most confident, at most @n_detections, to @detections, the most
 * confident first. None is wholly outside of @image. Allocates only if that has
 * another size than before.
 *
 * Errors: DAN_ERROR_ARGUMENT, DAN_ERROR_MEMORY; *@n_found is 0 then.
 */
DAN_API DanStatus dan_detect (DanDetector *detector, const DanImage *image,
    DanDetection *detections, size_t n_detections, size_t *n_found,
    DanError *error);

/* What landmarks say of a head */

/** How a head is turned, in degrees: first about its own vertical axis, then it
 * nods, then it leans. All are 0 where the average person looks into the
 * camera. */
typedef struct {
  float yaw;   /**< -180 to 180; positive: the nose moves right in the image */
  float pitch; /**< -90 to 90; positive: the nose moves up */
  float roll;  /**< -180 to 180; positive: clockwise in the image */
} DanPose;

/**
 * The pose of the head that @points are the landmarks of: a mean head, turned,
 * scaled and moved to the smallest sum of squared distances from them, as if
 * seen from afar (weak perspective; in closed form: the best affine projection
 * of the head, then the closest one that is a scaled rotation). A pixel counts
 * as a square.
 *
 * On generated faces with known poses (yaw to 32 degrees, pitch to 15) the mean
 * error of yaw, pitch and roll is 0.5, 0.3 and 0.1 degrees with the true
 * landmarks, and 2, 2 and 1 with those of the shipped model. Real faces, which
 * differ from the mean head, may come out a few degrees up or down. Takes less
 * than a microsecond and allocates nothing. Thread-safe.
 *
 * @scheme, @n_points: as of the model that found the landmarks.
 * On failure @pose is unchanged.
 * Errors: DAN_ERROR_ARGUMENT (NULL), DAN_ERROR_UNSUPPORTED (a scheme other than
 * "ibug-68" of 68 points), DAN_ERROR_BOX (landmarks that are not finite, or all
 * on a line).
 */
DAN_API DanStatus dan_pose_estimate (const char *scheme,
    const DanPoint *points, size_t n_points, DanPose *pose, DanError *error);

/**
 * How far eyes and mouth are open, as fractions of the distance between the
 * outer corners of the eyes: the mean distance of the landmarks 37-41 and 38-40
 * (the subject's right eye), 43-47 and 44-46 (left), 61-67, 62-66 and 63-65
 * (inner lips), as they would be in a frontal view. 0 is shut; an open eye has
 * about 0.08.
 */
typedef struct {
  float right_eye, left_eye, mouth;
} DanOpenings;

/**
 * The openings of the face that @points are the landmarks of. @pose, as from
 * dan_pose_estimate(), takes the foreshortening out; beyond 75 degrees it no
 * longer grows. Thread-safe; allocates nothing.
 *
 * @scheme, @n_points: as of the model that found the landmarks.
 * On failure @openings is unchanged.
 * Errors: DAN_ERROR_ARGUMENT (NULL), DAN_ERROR_UNSUPPORTED (a scheme other than
 * "ibug-68" of 68 points), DAN_ERROR_BOX (the corners of the eyes coincide, or
 * coordinates are not finite).
 */
DAN_API DanStatus dan_openings_measure (const char *scheme,
    const DanPoint *points, size_t n_points, const DanPose *pose,
    DanOpenings *openings, DanError *error);

/* Tracking */

/** Where a tracked face's landmarks are from. */
typedef enum {
  DAN_TRACK_DETECTED, /**< aligned in this frame, from a detection's box */
  DAN_TRACK_TRACKED,  /**< aligned in this frame, from the frames before */
  DAN_TRACK_EXTRAPOLATED, /**< where they should be by the frames before */
} DanTrackStatus;

typedef struct {
  /** The same while the face is in view and through short occlusions, and
   * nobody else's: the tracker counts its faces from 0. */
  uint32_t id;
  DanTrackStatus status;
  double age; /**< seconds since the tracker first saw it */
  /** dan_model_n_points() points without the network's jitter. */
  const DanPoint *landmarks;
  /** The number of the call's detection that is of this face, or -1. */
  int detection;
  float expected_error, confidence; /**< the network's last, as in DanFace */
} DanTrackedFace;

typedef struct {
  const DanTrackedFace *faces; /**< the tracker's, until it is called again */
  size_t n;
} DanTrackedFaces;

/**
 * Follows faces through the frames of a video. Where a face is in a frame
 * comes from the frames before; detections are needed to find new ones only.
 * It serves one thread at a time.
 */
typedef struct DanTracker DanTracker;

/**
 * A tracker that aligns by @context, which has to outlive it and may be used
 * for other things between calls. On success *@tracker is the caller's, to be
 * given to dan_tracker_close(); on failure it is NULL.
 *
 * Errors: DAN_ERROR_ARGUMENT, DAN_ERROR_MEMORY.
 */
DAN_API DanStatus dan_tracker_open (DanTracker **tracker, DanContext *context,
    DanError *error);

DAN_API void dan_tracker_close (DanTracker **tracker);

/** Faces that are told at most; at first, and with 0, any number. While there are
 * that many, detections of others are left aside; where there are more, because
 * it became smaller or somebody older turned up again, the youngest go. */
DAN_API void dan_tracker_set_max_faces (DanTracker *tracker, size_t max_faces);

/** Whether a face that was found in the frame before, and hardly moves, goes
 * through the network's recurrent stage alone, with what made its landmarks there;
 * at first: yes (not 0). Where the outcome is doubtful all others run too. Takes
 * a model that has one, and DanSettings.stages to be all; else the others run in
 * each frame. */
DAN_API void dan_tracker_set_recurrent (DanTracker *tracker, int recurrent);

/** Forgets all faces, as before the first frame of another video. Numbers are
 * not given again. */
DAN_API void dan_tracker_reset (DanTracker *tracker);

/**
 * Takes in the next frame: @image, at @time seconds from wherever, with
 * @n_detections of faces, none of them found twice, from dan_detect() or any
 * other detector: of each the box and the roll count, which mean what they do in
 * DanFace. Gives the faces of this frame, the oldest first.
 *
 * A detection that overlaps a known face is that one's, others are new faces.
 * A face that the network trusts stays without detections; one that it does
 * not is only told while it is detected. A face is lost when the network sees
 * none where it should be: it is told as extrapolated for less than 0.1 s, and
 * gets its number back if it turns up within 2 s about where it should be. If
 * the model does not tell confidences, detections are all there is to tell
 * faces by, and a face without one is lost after 2 s. Everything is forgotten
 * when the scene changes, when more than a second passed since the last frame,
 * and when @time goes back or is not finite.
 *
 * A face that cannot be aligned, as dan_align() says, is not told and no error.
 * Allocates memory only for more faces, or detections, than there ever were.
 *
 * Errors: DAN_ERROR_ARGUMENT (nothing was done), DAN_ERROR_MEMORY (and all is
 * forgotten).
 */
DAN_API DanStatus dan_tracker_update (DanTracker *tracker,
    const DanImage *image, double time, const DanDetection *detections,
    size_t n_detections, DanTrackedFaces *faces, DanError *error);

/**
 * Tells where the faces of the last frame should be at @time, for a frame that
 * there is no time to look at. They are DAN_TRACK_EXTRAPOLATED; none more than
 * a second after the last frame, or before it.
 */
DAN_API void dan_tracker_extrapolate (DanTracker *tracker, double time,
    DanTrackedFaces *faces);

/* Profiling */

/** Called after each step: @stage counts from 0; @layer is a static name such
 * as "conv2a", "fc1", "crop" or "heatmap". Some steps take one face after the
 * other, some several of a call together: @seconds and @macs, the step's direct
 * cost, are of all faces that it took. */
typedef void (*DanProfileFunc) (void *user_data, int stage, const char *layer,
    double seconds, uint64_t macs);

/** Reports each step of dan_align() to @func on the calling thread, until
 * called again; NULL stops it. */
DAN_API void dan_context_set_profile (DanContext *context, DanProfileFunc func,
    void *user_data);

#ifdef __cplusplus
}
#endif

#endif /* DAN_DAN_H */
