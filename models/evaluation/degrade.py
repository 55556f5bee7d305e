# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pictures made worse. Each function takes a grey picture, the points of its face, a level and a random generator,
and gives the picture and the points."""

import dataclasses
import math
import typing
import zlib

import cv2
import numpy as np

from faces import WORSE_FACE, DataError, Faces, face_size

EYES, NOSE_TIP = slice(36, 48), 30


def _to_bytes(picture):
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def resized(picture, points, size, _rng=None):
    """The face @size pixels large; never enlarged."""
    factor = size / face_size(points)
    if factor >= 1:
        return picture, points
    height, width = picture.shape
    new = max(1, round(width * factor)), max(1, round(height * factor))
    return cv2.resize(picture, new, interpolation=cv2.INTER_AREA), (points + .5) * np.divide(new, (width, height)) - .5


def blurred(picture, points, sigma, _rng):
    """@sigma: in pixels of which a face has WORSE_FACE."""
    if not sigma:
        return picture, points
    return cv2.GaussianBlur(picture, (0, 0), sigma * face_size(points) / WORSE_FACE), points


def noisy(picture, points, deviation, rng):
    """@deviation: in grey levels, of the same pixels."""
    picture, points = resized(picture, points, WORSE_FACE)
    return _to_bytes(picture + rng.normal(0, 1, picture.shape) * deviation), points


def lit(picture, points, gain, _rng):
    return _to_bytes(picture * float(gain)), points


def flattened(picture, points, contrast, _rng):
    return _to_bytes(128 + (picture - 128.) * contrast), points


def compressed(picture, points, quality, _rng):
    """JPEG, of the same pixels. @quality 0: none."""
    picture, points = resized(picture, points, WORSE_FACE)
    if not quality:
        return picture, points
    _, data = cv2.imencode('.jpg', picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), points


def _block(points, part, rng):
    """Left, top, right and bottom of what hides @part: a share of the face's side, or a name."""
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    if part == 'eyes':
        (_, eyes_top), (_, eyes_bottom) = points[EYES].min(axis=0), points[EYES].max(axis=0)
        margin = (eyes_bottom - eyes_top) / 2
        return left, eyes_top - margin, right, eyes_bottom + margin
    if part == 'below the nose':
        return left, points[NOSE_TIP, 1], right, bottom
    if part == 'one side':
        middle = (left + right) / 2
        return (left, top, middle, bottom) if rng.random() < .5 else (middle, top, right, bottom)
    width, height = part * (right - left), part * (bottom - top)
    x, y = rng.uniform(left, right - width), rng.uniform(top, bottom - height)
    return x, y, x + width, y + height


def occluded(picture, points, part, rng):
    """A block of one grey, of any brightness."""
    if not part:
        return picture, points
    grey = rng.integers(256)
    left, top, right, bottom = (max(0, round(float(v))) for v in _block(points, part, rng))
    picture = picture.copy()
    picture[top:bottom, left:right] = grey
    return picture, points


def rotated(picture, points, degrees, rng):
    """About its centre, to either side, on a larger black canvas."""
    angle = math.radians(degrees) * rng.choice((-1, 1))
    height, width = picture.shape
    cosine, sine = math.cos(angle), math.sin(angle)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    new = np.ceil(np.abs(turn) @ (width, height)).astype(int)
    move = (new - 1) / 2 - turn @ ((width - 1) / 2, (height - 1) / 2)
    matrix = np.column_stack([turn, move])
    return cv2.warpAffine(picture, matrix, tuple(map(int, new)), flags=cv2.INTER_LINEAR), points @ turn.T + move


NONE = 0


@dataclasses.dataclass
class Degradation:
    name: str
    unit: str
    levels: tuple  # a text names itself; above NONE, numbers of `form`
    function: typing.Callable
    form: str = 'g'

    def label(self, level):
        if isinstance(level, str):
            return level
        return format(level, self.form) if level != NONE else 'none'


DEGRADATIONS = (
    Degradation('blur', 'sigma of a Gaussian, pixels of which the face has 56', (NONE, .5, 1, 2, 3, 4), blurred),
    Degradation('noise', 'standard deviation, grey levels', (NONE, 5, 10, 20, 40), noisy),
    Degradation('light', 'factor on all grey levels', (.05, .1, .2, .5, 1, 2, 4), lit),
    Degradation('contrast', 'factor on the distance from middle grey', (.05, .1, .2, .5, 1), flattened),
    Degradation('JPEG', 'quality', (NONE, 50, 30, 20, 10, 5), compressed),
    Degradation('occlusion', 'what is hidden', (NONE, .25, .4, .5, 'eyes', 'below the nose', 'one side'), occluded,
                '.0%'),
    Degradation('size', 'larger side of the face, pixels', (24, 32, 48, 64, 96), resized),
    Degradation('rotation', 'degrees', (NONE, 15, 30, 45, 60), rotated),
)


def degraded(faces, degradation, level, folder):
    """Faces with pictures that are written to @folder. The random choices are the same for all levels."""
    images, points = [], []
    for i, (image, truth) in enumerate(zip(faces.images, faces.points, strict=True)):
        picture = cv2.imread(image, cv2.IMREAD_GRAYSCALE)
        if picture is None:
            raise DataError(f'{image} cannot be read')
        rng = np.random.default_rng([zlib.crc32(degradation.name.encode()), i])
        picture, truth = degradation.function(picture, truth, level, rng)
        images.append(str(folder / f'{i}.png'))
        points.append(truth)
        if not cv2.imwrite(images[-1], picture, [cv2.IMWRITE_PNG_COMPRESSION, 1]):
            raise DataError(f'{images[-1]} cannot be written')
    return Faces(images, np.array(points))
