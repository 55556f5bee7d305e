# SPDX-License-Identifier: LGPL-2.1-or-later
"""How steadily landmarks follow a video. Shapes are (frames, points, 2), and lengths fractions of the inter-ocular
distances of the frames, unless said otherwise."""

import numpy as np

# A face that is farther from the truth than this is another one, or none.
SAME_FACE = .2
LAGS = np.arange(-3, 3.001, .05)  # frames


def second_differences(shapes, inter_ocular):
    """Of each point between the first and the last frame: (frames - 2, points)."""
    differences = shapes[2:] - 2 * shapes[1:-1] + shapes[:-2]
    return np.linalg.norm(differences, axis=2) / inter_ocular[1:-1, None]


def jitter(shapes, inter_ocular):
    """The root of the mean square of the second differences."""
    return float(np.sqrt(np.mean(second_differences(shapes, inter_ocular) ** 2)))


def errors(shapes, truth, inter_ocular):
    """The mean distance of the points from the truth in each frame."""
    return np.linalg.norm(shapes - truth, axis=2).mean(axis=1) / inter_ocular


def scatter(shapes, truth, inter_ocular):
    """The mean error that is left without the constant part, in which two ways to annotate a face differ."""
    offsets = (shapes - truth) / inter_ocular[:, None, None]
    return float(np.linalg.norm(offsets - offsets.mean(axis=0), axis=2).mean())


def shifted(shapes, frames):
    """@shapes as they are @frames later, linear between frames, where both exist."""
    margin = int(np.ceil(np.abs(LAGS).max())) + 1
    at = np.arange(margin, len(shapes) - margin) + frames
    before = np.floor(at).astype(int)
    part = (at - before)[:, None, None]
    return shapes[before] * (1 - part) + shapes[before + 1] * part, slice(margin, len(shapes) - margin)


def mismatch(shapes, truth, frames):
    """The mean square distance to the truth of @frames before, but for constant offsets."""
    moved, where = shifted(shapes, frames)
    offsets = moved - truth[where]
    return float(np.mean((offsets - offsets.mean(axis=0)) ** 2))


def lag(shapes, truth):
    """By how many frames @shapes come after the truth."""
    return float(LAGS[np.argmin([mismatch(shapes, truth, frames) for frames in LAGS])])


def nearest(faces, truth, inter_ocular):
    """That of @faces, which have a `shape`, that is @truth's, or None."""
    distances = [np.linalg.norm(face.shape - truth, axis=1).mean() / inter_ocular for face in faces]
    best = int(np.argmin(distances)) if distances else -1
    return faces[best] if best >= 0 and distances[best] < SAME_FACE else None
