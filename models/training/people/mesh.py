# SPDX-License-Identifier: LGPL-2.1-or-later
"""The surface of a head: triangles over the landmarks and over points beyond
them, and the drawing of a texture by them.

A texture lies in the plane of the mean head seen from the front: its pixels
are the head's x and y, moved by Frame.low and times Frame.scale.
"""

import cv2
import numpy as np
from scipy.spatial import Delaunay

from dantrain import scheme

SKULL_CENTRE = np.array([0, -.52, .72])
SKULL_RADII = np.array([.93, 1.13, 1.0])
SIDES = .9  # share of the radii where the front of the skull ends and its steep sides begin
RIM = .12  # how far the surface goes beyond the jaw, for the soft edge of the texture


class Frame:
    """The rectangle from @low to @high of the head's x and y, at @scale pixels a unit."""

    def __init__(self, low, high, scale):
        self.low, self.scale = np.array(low), scale
        self.size = tuple(int(round(v * scale)) for v in np.subtract(high, low))  # width, height

    def pixels(self, points):
        return (points[..., :2] - self.low) * self.scale

    def grid(self):
        """The head's x and y at each pixel, each (height, width)."""
        width, height = self.size
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        return x / self.scale + self.low[0], y / self.scale + self.low[1]


def _skull_points():
    points = []
    for ratio, count in ((.42, 7), (.6, 9), (.78, 11), (.92, 15), (1, 17), (1.13, 17)):
        for turn in np.linspace(-.12, 1.12, count) * np.pi:
            depth = -np.sqrt(1 - (ratio / SIDES) ** 2) if ratio < SIDES else ratio - SIDES
            point = SKULL_CENTRE + SKULL_RADII * [ratio * np.cos(turn), -ratio * np.sin(turn), depth]
            if point[1] < -.86 or abs(point[0]) > .9:
                points.append(point)
    return points


def _ear_points():
    return [(side * x, y, z) for side in (-1, 1)
            for x, y, z in ((1.0, -.25, 1.0), (.97, .05, .95))]


BEYOND = np.array(_skull_points() + _ear_points())


def _jaw_rim(shape):
    jaw = shape[scheme.JAW]
    return jaw + RIM * (jaw - jaw.mean(0))


def _areas(corners):
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]


class Mesh:
    """Triangles over the landmarks and the points beyond them of the head @mean (68, 3)."""

    def __init__(self, mean):
        self.mean = mean
        self.flat = self.vertices(mean, BEYOND)[:, :2]
        self.triangles = Delaunay(self.flat).simplices

    def vertices(self, shape, beyond):
        return np.concatenate([shape, _jaw_rim(shape), beyond])

    def beyond(self, head):
        """The points beyond the landmarks of @head (68, 3), as it differs from the mean."""
        terms = np.column_stack([self.mean[:, :2], np.ones(scheme.N_POINTS)])
        affine = np.linalg.lstsq(terms, head[:, :2], rcond=None)[0]
        moved = BEYOND.copy()
        moved[:, :2] = np.column_stack([BEYOND[:, :2], np.ones(len(BEYOND))]) @ affine
        return moved

    def _shown(self, corners, solid):
        """Which triangles with the @corners (n, 3, 2) can be drawn: those with an
        area; of a @solid head, the front ones, and beyond the face none that is
        seen almost from its edge."""
        areas = _areas(corners)
        if not solid:
            return np.abs(areas) > 1e-6
        share = areas / _areas(self.flat[self.triangles])
        edge_on = share < .05 * np.median(share)
        return (share > 1e-6) & ~(edge_on & (self.triangles >= scheme.N_POINTS).any(1))

    def map_onto(self, size, targets, sources, depth=None):
        """Maps (x, y) for cv2.remap() that draw the pixels at @sources (n, 2) to
        @targets (n, 2) of a picture of @size, far outside where there is nothing. With
        @depth (n,), triangles seen from behind are left out, and near ones lie
        over far ones."""
        corners = targets[self.triangles]
        shown = self._shown(corners, depth is not None)
        order = np.arange(len(shown)) if depth is None else np.argsort(-depth[self.triangles].mean(1))
        index = np.zeros((size[1], size[0]), np.int32)
        affine = np.zeros((len(shown) + 1, 3, 2), np.float32)
        affine[0, 2] = -1e4
        for i in order[shown[order]]:
            terms = np.column_stack([corners[i], np.ones(3)])
            affine[i + 1] = np.linalg.solve(terms, sources[self.triangles[i]])
            cv2.fillConvexPoly(index, np.round(corners[i] * 256).astype(np.int32), int(i) + 1, cv2.LINE_8, 8)
        return _apply(affine[index])


def _apply(affine):
    """Where the maps @affine (height, width, 3, 2), one a pixel, take their pixels: x and y."""
    height, width = affine.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    maps = affine[..., 0, :] * x[..., None] + affine[..., 1, :] * y[..., None] + affine[..., 2, :]
    return maps[..., 0], maps[..., 1]
