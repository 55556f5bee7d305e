# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the detector minimises."""

import torch
import torch.nn.functional as F

from . import coding

ALPHA, GAMMA = .25, 2.     # of the focal loss
BOXES, POINTS = 1., 1.5    # weights beside the scores' loss
POINT_KNEE = .05           # of the face's size: errors above it count linearly


def focal(logits, says):
    """Lin et al., "Focal Loss for Dense Object Detection" (ICCV 2017), summed
    over the cells that say FACE or BACKGROUND."""
    truth = (says == coding.FACE).float()
    score = torch.sigmoid(logits)
    wrong = torch.where(truth > 0, 1 - score, score)
    weight = torch.where(truth > 0, ALPHA, 1 - ALPHA) * wrong ** GAMMA * (says != coding.NEITHER)
    return (weight * F.binary_cross_entropy_with_logits(logits, truth, reduction='none')).sum()


def _area(boxes):
    return (boxes[:, 2:] - boxes[:, :2]).clamp(min=0).prod(-1)


def generalised_iou(boxes, truth):
    """Rezatofighi et al., "Generalized Intersection over Union" (CVPR 2019):
    -1 to 1 for each pair of boxes (n, 4)."""
    shared = _area(torch.cat([torch.maximum(boxes[:, :2], truth[:, :2]), torch.minimum(boxes[:, 2:], truth[:, 2:])], 1))
    hull = _area(torch.cat([torch.minimum(boxes[:, :2], truth[:, :2]), torch.maximum(boxes[:, 2:], truth[:, 2:])], 1))
    union = _area(boxes) + _area(truth) - shared
    return shared / union.clamp(min=1e-6) - (hull - union) / hull.clamp(min=1e-6)


def points_error(points, truth, boxes):
    """Huber's loss of the points' coordinates over the size of the @boxes, a
    mean for each face."""
    size = _area(boxes).clamp(min=1.).sqrt()[:, None, None]
    return F.smooth_l1_loss(points / size, truth / size, reduction='none', beta=POINT_KNEE).mean((1, 2)) / POINT_KNEE


def detector_loss(values, faces, centres, strides):
    """@faces: boxes (n, m, 4), points (n, m, 5, 2) and kinds (n, m) of the images
    that @values are of."""
    boxes, points, kinds = faces
    says, index = coding.assign(boxes, kinds, centres, strides)
    logits, found, found_points = coding.decode(values, centres, strides)
    image, cell = torch.nonzero(says == coding.FACE, as_tuple=True)
    n, face = max(1, len(image)), index[image, cell]
    truth = boxes[image, face]
    apart = (1 - generalised_iou(found[image, cell], truth)).sum()
    error = points_error(found_points[image, cell], points[image, face], truth).sum()
    return (focal(logits, says) + BOXES * apart + POINTS * error) / n
