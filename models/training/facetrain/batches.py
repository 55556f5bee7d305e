# SPDX-License-Identifier: LGPL-2.1-or-later
"""Batches of mosaics, made ahead of time by other processes where there are
cores for them."""

import concurrent.futures
import multiprocessing

import cv2
import numpy as np

from . import boxes
from .five import N_FIVE, five_points

LARGE_EVERY = 4  # each so many batches have images of twice the side, and a fourth of them
AHEAD = 3        # batches for each process

_makers = {}     # in a process of the pool: what it makes batches with


def stack_faces(shapes, kinds):
    """Boxes (n, m, 4), points (n, m, 5, 2) and kinds (n, m) of images with
    different numbers of faces; kind -1 where there is none."""
    most = max(1, *(len(k) for k in kinds))
    stacked = (np.zeros((len(kinds), most, 4), np.float32), np.zeros((len(kinds), most, N_FIVE, 2), np.float32),
               np.full((len(kinds), most), -1, np.int64))
    for i, (in_image, kind) in enumerate(zip(shapes, kinds)):
        for part, values in zip(stacked, (boxes.tight(in_image), five_points(in_image), kind)):
            part[i, :len(kind)] = values
    return stacked


class Maker:
    """Makes batches of @size images of @side pixels from @mosaics."""

    def __init__(self, mosaics, size, side, seed):
        self.mosaics, self.size, self.side, self.seed = mosaics, size, side, seed

    def make(self, iteration):
        """Images (n, side, side) uint8 and stack_faces() of their faces, the
        same ones for the same seed and iteration."""
        large = iteration % LARGE_EVERY == LARGE_EVERY - 1
        side, n = (2 * self.side, max(1, self.size // 4)) if large else (self.side, self.size)
        made = [self.mosaics.make(side, np.random.default_rng([self.seed, iteration, i])) for i in range(n)]
        images, shapes, kinds = zip(*made)
        return np.stack(images), stack_faces(shapes, kinds)


def _adopt(maker):
    cv2.setNumThreads(1)
    _makers['maker'] = maker


def _make(iteration):
    return _makers['maker'].make(iteration)


class Batches:
    """The batches of @maker by iteration, from @n_processes others, or made here
    if there are to be none."""

    def __init__(self, maker, n_processes):
        self.maker, self.pool, self.ahead, self.coming = maker, None, AHEAD * n_processes, {}
        if n_processes:
            # Forked processes share the pictures with this one.
            self.pool = concurrent.futures.ProcessPoolExecutor(n_processes, multiprocessing.get_context('fork'), _adopt,
                                                               (maker,))

    def get(self, iteration):
        if not self.pool:
            return self.maker.make(iteration)
        for i in range(iteration, iteration + self.ahead):
            if i not in self.coming:
                self.coming[i] = self.pool.submit(_make, i)
        return self.coming.pop(iteration).result()

    def close(self):
        if self.pool:
            self.pool.shutdown(cancel_futures=True)
