# SPDX-License-Identifier: LGPL-2.1-or-later
"""The loop that trains detectors."""

import torch

from dantrain import augment
from dantrain.log import Log
from dantrain.loop import Loop
from . import detect, evaluation, losses, measures
from .network import cells

THRESHOLD = .5
SMALL = 24  # pixels: the faces that validation looks at apart
# What makes a large face coarse leaves nothing of a small one.
DAMAGE = [(share, change) for share, change in augment.DAMAGE if change is not augment.coarsen]
DAMAGED_FACE = 64  # pixels: damage is that of such faces


class DetectorLog(Log):
    UNIT, MEASURE = 'images', 'validation'

    def describe(self, validation):
        return (f'validation: {100 * validation["recall"]:.2f} % found at {measures.ALLOWED} false alarms a picture, '
                f'score {validation["threshold"]:.2f}; {100 * validation["recall at .5"]:.2f} % at '
                f'{validation["alarms at .5"]:.3f}, score .5, {100 * validation["small"]:.1f} % of {SMALL} pixels; IoU {validation["iou"]:.3f}, '
                f'points {100 * validation["points"]:.2f} %')

    def curves(self, validation):
        return {f'missed at {measures.ALLOWED} false alarms': 1 - validation['recall'],
                'missed at score .5': 1 - validation['recall at .5'],
                'false alarms at score .5': validation['alarms at .5'],
                f'missed at score .5 of {SMALL} pixels': 1 - validation['small'],
                '1 - IoU': 1 - validation['iou'], 'points / distance of the eyes': validation['points']}


def validate(detector, scenes, small):
    """Figures on @scenes, and how many of the faces in the Scenes @small are
    found."""
    def find(image):
        return detect.detect(detector, image)

    outcome = measures.measure(find, scenes)
    threshold, (iou, points) = outcome.threshold(), outcome.means()
    return {'recall': outcome.recall(threshold), 'threshold': threshold, 'recall at .5': outcome.recall(THRESHOLD),
            'alarms at .5': outcome.alarms_a_picture(THRESHOLD), 'iou': iou, 'points': points,
            'small': measures.measure(find, small).recall(THRESHOLD)}


class Training(Loop):
    """@batches: Batches of training images. @held_out: Scenes to validate on."""

    def __init__(self, detector, batches, held_out, phases, options):
        self.batches, self.held_out, self.small = batches, held_out, evaluation.framed(held_out, SMALL, 0)
        super().__init__(detector, phases, options, DetectorLog)

    def trained_modules(self, _phase):
        return [self.network]

    def loss(self, _phase):
        images, faces = self.batches.get(self.iteration)
        images, *faces = (torch.from_numpy(part).to(self.options.device) for part in (images, *faces))
        images = augment.damage(images[:, None].float() / 255, self.options.damage, DAMAGE, DAMAGED_FACE)
        return losses.detector_loss(self.network(images), faces, *cells(*images.shape[2:], device=images.device))

    def validate(self, _phase):
        return validate(self.average.module, self.held_out, self.small)
