# SPDX-License-Identifier: LGPL-2.1-or-later
"""The loop that trains detectors."""

import concurrent.futures

import numpy as np
import torch

from dantrain import augment
from dantrain.log import Log
from dantrain.loop import Loop
from . import boxes, detect, losses, measures
from .five import N_FIVE, five_points
from .network import cells

LARGE_EVERY = 4  # each so many batches have images of twice the side, and a fourth of them
THRESHOLD = .5
# What makes a large face coarse leaves nothing of a small one.
DAMAGE = [(share, change) for share, change in augment.DAMAGE if change is not augment.coarsen]


class DetectorLog(Log):
    UNIT, MEASURE = 'images', 'validation'

    def describe(self, validation):
        return (f'validation: {100 * validation["recall"]:.2f} % found at {measures.ALLOWED} false alarms a picture, '
                f'score {validation["threshold"]:.2f}; {100 * validation["recall at .5"]:.2f} % at '
                f'{validation["alarms at .5"]:.3f}, score .5; IoU {validation["iou"]:.3f}, '
                f'points {100 * validation["points"]:.2f} %')

    def curves(self, validation):
        return {f'missed at {measures.ALLOWED} false alarms': 1 - validation['recall'],
                'missed at score .5': 1 - validation['recall at .5'],
                'false alarms at score .5': validation['alarms at .5'],
                '1 - IoU': 1 - validation['iou'], 'points / distance of the eyes': validation['points']}


def validate(detector, scenes):
    outcome = measures.measure(lambda image: detect.detect(detector, image), scenes)
    threshold, (iou, points) = outcome.threshold(), outcome.means()
    return {'recall': outcome.recall(threshold), 'threshold': threshold, 'recall at .5': outcome.recall(THRESHOLD),
            'alarms at .5': outcome.alarms_a_picture(THRESHOLD), 'iou': iou, 'points': points}


def stack_faces(shapes, kinds):
    """Boxes (n, m, 4), points (n, m, 5, 2) and kinds (n, m) of images with
    different numbers of faces; kind -1 where there is none."""
    most = max(1, *(len(k) for k in kinds))
    stacked = (np.zeros((len(kinds), most, 4), np.float32), np.zeros((len(kinds), most, N_FIVE, 2), np.float32),
               np.full((len(kinds), most), -1, np.int64))
    for i, (in_image, kind) in enumerate(zip(shapes, kinds)):
        for part, values in zip(stacked, (boxes.tight(in_image), five_points(in_image), kind)):
            part[i, :len(kind)] = values
    return [torch.from_numpy(part) for part in stacked]


class Training(Loop):
    """@mosaics: of training pictures. @held_out: Scenes to validate on."""

    def __init__(self, detector, mosaics, held_out, phases, options):
        self.mosaics, self.held_out, self.makers = mosaics, held_out, None
        if options.threads > 1:
            self.makers = concurrent.futures.ThreadPoolExecutor(options.threads)
        super().__init__(detector, phases, options, DetectorLog)

    def trained_modules(self, _phase):
        return [self.network]

    def batch(self):
        """Images (n, 1, side, side) of 0..1 and their faces, the same ones for
        the same seed and iteration."""
        large = self.iteration % LARGE_EVERY == LARGE_EVERY - 1
        side, n = (2 * self.options.side, max(1, self.options.batch // 4)) if large else (self.options.side, self.options.batch)

        def make(i):
            return self.mosaics.make(side, np.random.default_rng([self.options.seed, self.iteration, i]))

        made = (self.makers.map if self.makers else map)(make, range(n))
        images, shapes, kinds = zip(*made)
        images = torch.from_numpy(np.stack(images)).to(self.options.device)[:, None].float() / 255
        faces = [part.to(self.options.device) for part in stack_faces(shapes, kinds)]
        return augment.damage(images, self.options.damage, DAMAGE), faces

    def loss(self, _phase):
        images, faces = self.batch()
        return losses.detector_loss(self.network(images), faces, *cells(*images.shape[2:], device=images.device))

    def validate(self, _phase):
        return validate(self.average.module, self.held_out)
