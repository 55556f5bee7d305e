# SPDX-License-Identifier: LGPL-2.1-or-later
"""Eyes that shut. In annotated pictures next to nobody blinks, and a network
that saw open eyes only leaves lids half open. So lids of real faces are moved
towards each other, and the skin around them is stretched with them."""

import torch

from . import shapes
from .scheme import LEFT_LIDS, RIGHT_LIDS
from .view import look, pixels

EYES = ((36, 39), RIGHT_LIDS), ((42, 45), LEFT_LIDS)  # corners from left to right in the picture, and so are the lids' pairs
UPPER_WAY = .8           # of the way that lids go to each other, the upper one goes this much
ABOVE, BELOW = .4, .25   # how far the skin is stretched beyond a lid, in widths of the eye
SHUT = .06, .25          # how far eyes that are shut, or nearly, stay open, of what they were
WINKS = .15              # share of faces in which the eyes differ
OPEN, CLOSED = .2, .1    # gap of lids that are as good as open, or shut, in widths of the eye
LASHES = .03, .6         # half the width of the dark line where lids have met, in widths of the eye, and how dark


class Lid:
    """A lid as a curve over the line between the corners: from (0, 0) through two
    @landmarks (n, 2, 2) to (1, 0), y down. A cubic: x (1 - x) (a + b x)."""

    def __init__(self, landmarks):
        x = torch.stack([landmarks[:, 0, 0].clamp(.1, .45), landmarks[:, 1, 0].clamp(.55, .9)], 1)
        height = landmarks[..., 1] / (x * (1 - x))
        self.b = (height[:, 1:] - height[:, :1]) / (x[:, 1:] - x[:, :1])
        self.a = height[:, :1] - self.b * x[:, :1]

    def at(self, x):
        """y of @x (n, m), 0 beyond the corners."""
        x = x.clamp(0, 1)
        return x * (1 - x) * (self.a + self.b * x)


def _ramp(value, start, end):
    """0 at @start, 1 at @end, straight in between."""
    return ((value - start) / (end - start)).clamp(0, 1)


def shut_lids(points):
    """How far each of @points (n, 68, 2) is of an eye that is shut, (n, 68): 1 for
    its lids if it is, 0 if it is open, and for all that is no lid."""
    shut = points.new_zeros(points.shape[:2])
    for (first, last), pairs in EYES:
        upper, lower = (points[:, list(lid)] for lid in zip(*pairs))
        gap = (upper - lower).norm(dim=-1).mean(1) / (points[:, first] - points[:, last]).norm(dim=-1)
        shut[:, [k for pair in pairs for k in pair]] = _ramp(gap, OPEN, CLOSED)[:, None]
    return shut


def _sources(y, before, after):
    """Where what is seen at @y comes from: its own y, as the curves of upper and
    lower lid went from @before to @after. What lies between two of the lids and
    the ends of the skin is stretched evenly."""
    (upper, lower), (top, bottom) = before, after
    up, low = top - upper, bottom - lower
    skin_above = up * _ramp(y, upper - ABOVE, top)
    skin_below = low * _ramp(y, lower + BELOW, bottom)
    within = up + (low - up) * _ramp(y, top, bottom.maximum(top + 1e-6))
    return y - torch.where(y < top, skin_above, torch.where(y > bottom, skin_below, within))


def _light(x, y, top, bottom, shut):
    """How bright @x, @y are, as the lashes of lids that have gone @shut of their
    way come together in a dark line."""
    half, darkness = LASHES
    reach = half + (bottom - top) / 2
    along = (4 * x * (1 - x)).clamp(min=0).sqrt()
    return 1 - darkness * shut ** 2 * along * torch.exp(-((y - (top + bottom) / 2) / reach) ** 2)


def _meet(upper, lower, shut):
    """The heights @upper and @lower (n, m) of lids that have gone @shut (n, 1) of
    the way to each other. Lids that have met stay."""
    way = shut * (lower - upper).clamp(min=0)
    return upper + UPPER_WAY * way, lower + (UPPER_WAY - 1) * way


def _met(landmarks, shut):
    """The @landmarks (n, 4, 2) of an eye's lids, upper ones first, after that."""
    heights = _meet(landmarks[:, :2, 1], landmarks[:, 2:, 1], shut)
    return torch.stack([landmarks[..., 0], torch.cat(heights, 1)], -1)


def _shut_eye(seen, points, eye, shut):
    """What is @seen, where it comes from (n, pixels, 2) and how bright it is (n,
    pixels), and @points, once this eye's lids have gone @shut (n,) of the way to
    each other."""
    sources, light = seen
    corners, lids = list(eye[0]), [k for part in zip(*eye[1]) for k in part]
    level = torch.tensor([[0., 0.], [1., 0.]], device=points.device).expand(len(points), -1, -1)
    own = shapes.fit_similarity(points[:, corners], level)
    back, shut = shapes.invert(own), shut[:, None]
    landmarks = shapes.transform(points[:, lids], own)
    x, y = shapes.transform(sources, own).unbind(-1)
    before = Lid(landmarks[:, :2]).at(x), Lid(landmarks[:, 2:]).at(x)
    after = _meet(*before, shut)
    points = points.clone()
    points[:, lids] = shapes.transform(_met(landmarks, shut), back)
    light = light * _light(x, y, *after, shut)
    return (shapes.transform(torch.stack([x, _sources(y, before, after)], -1), back), light), points


def close(crops, points, shut):
    """@crops (n, 1, side, side) and the landmarks @points in them, as their eyes'
    lids go @shut (n, 2), right and left in turn, of the way to each other: 0
    leaves them as they are."""
    sources = pixels(crops.shape[-1], crops.device).expand(len(crops), -1, -1)
    seen = sources, torch.ones_like(sources[..., 0])
    for eye, by in zip(EYES, shut.unbind(1)):
        seen, points = _shut_eye(seen, points, eye, by)
    sources, light = seen
    return look(crops, sources, 'border') * light.reshape(crops.shape), points


def _ways(n, device):
    """How far the eyes of @n faces shut (n, 2): half of them all the way, or
    nearly; half anywhere between. Both alike, but for those who wink."""
    def random(low, high):
        return low + (high - low) * torch.rand(n, device=device)

    stay_open = torch.where(random(0, 1) < .5, random(*SHUT), random(SHUT[1], 1))
    shut = (1 - stay_open)[:, None].repeat(1, 2)
    open_eye = (random(0, 1) < .5).long()[:, None]
    return torch.where((random(0, 1) < WINKS)[:, None], shut.scatter(1, open_eye, 0.), shut)


def blink(crops, points, share):
    """@crops and @points, a @share of which shut their eyes."""
    chosen = torch.rand(len(crops), device=crops.device) < share
    if not chosen.any():
        return crops, points
    crops, points = crops.clone(), points.clone()
    crops[chosen], points[chosen] = close(crops[chosen], points[chosen], _ways(int(chosen.sum()), crops.device))
    return crops, points
