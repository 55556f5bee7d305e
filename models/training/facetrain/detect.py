# SPDX-License-Identifier: LGPL-2.1-or-later
"""Faces of whole pictures."""

import cv2
import numpy as np
import torch

from . import boxes as rectangles
from . import coding
from .network import STRIDES, cells

MAX_IOU = .4
MIN_SCORE = .05
USUAL_SIDE, MAX_SCALE = 768, 2  # what dan_detect() makes of the longer side, unless told otherwise


def to_images(picture, device):
    """A grey picture (h, w) uint8 as an image of 0..1, extended to the right
    and downwards, in black, to whole cells."""
    height, width = (-(-side // STRIDES[-1]) * STRIDES[-1] for side in picture.shape)
    image = torch.zeros((1, 1, height, width), device=device)
    image[0, 0, :picture.shape[0], :picture.shape[1]] = torch.from_numpy(picture).to(device).float() / 255
    return image


@torch.no_grad()
def detect(detector, picture, min_score=MIN_SCORE):
    """Scores (n,), boxes (n, 4) and points (n, 5, 2) in @picture, best first."""
    image = to_images(picture, next(detector.parameters()).device)
    values = detector(image)[0]
    logits, boxes, points = coding.decode(values, *cells(*image.shape[2:], device=image.device))
    scores = torch.sigmoid(logits)
    likely = scores > min_score
    scores, boxes, points = (part[likely].cpu().numpy().astype(np.float64) for part in (scores, boxes, points))
    kept = rectangles.suppress(boxes, scores, MAX_IOU)
    return scores[kept], boxes[kept], points[kept]


def detect_as_usual(detector, picture, min_score=MIN_SCORE):
    """detect() in the @picture scaled as dan_detect() does by itself."""
    scale = min(USUAL_SIDE / max(picture.shape), MAX_SCALE)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scores, boxes, points = detect(detector, cv2.resize(picture, None, fx=scale, fy=scale, interpolation=method), min_score)
    return scores, *(((part + .5) / scale - .5) for part in (boxes, points))
