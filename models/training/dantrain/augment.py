# SPDX-License-Identifier: LGPL-2.1-or-later
"""Batches of faces with random starts, lids, light and damage, made on whatever device
the crops are on."""

import dataclasses

import torch
import torch.nn.functional as F

from . import lids, shapes
from .sets import CROP, FACE
from .view import View


@dataclasses.dataclass
class Strength:
    """How much is varied; the defaults are those of the shipped networks."""
    shift: float = .10     # of the mean shape's width and height, standard deviation
    scale: float = .15     # standard deviation about 1
    rotation: float = 18.  # degrees, standard deviation
    wild: float = .05      # share of faces with a start worse by the next factor
    wilder: float = 2.
    damage: float = 1.     # factor on how often light and picture are changed
    blinks: float = 0.     # share of faces whose lids are moved towards each other


# From one frame to the next: what a tracker does not foresee.
MOTION = Strength(shift=.015, scale=.015, rotation=1.5, wild=.1, wilder=4.)


def _uniform(images, low, high):
    return low + (high - low) * torch.rand(len(images), 1, 1, 1, device=images.device)


def _normal(images, deviation):
    return deviation * torch.randn(len(images), 1, 1, 1, device=images.device)


def blur(images, face):
    """A Gaussian of one width for the batch: the share of it differs."""
    sigma = face * float(torch.empty(1).uniform_(.008, .04))
    reach = int(2.5 * sigma) + 1
    axis = torch.arange(-reach, reach + 1, dtype=torch.float32, device=images.device)
    kernel = torch.exp(-axis ** 2 / (2 * sigma ** 2))
    kernel = kernel / kernel.sum()
    wide = F.conv2d(F.pad(images, (reach,) * 4, mode='replicate'), kernel.reshape(1, 1, 1, -1))
    return F.conv2d(wide, kernel.reshape(1, 1, -1, 1))


def coarsen(images, face):
    """As if from a face of 14 to 48 pixels."""
    side = int(images.shape[-1] / face * torch.empty(1).uniform_(14, 48))
    small = F.interpolate(images, size=(side, side), mode='area')
    return F.interpolate(small, size=images.shape[-2:], mode='bilinear', align_corners=False)


def gamma(images, _):
    return images.clamp(1e-4, 1) ** torch.exp(_normal(images, .35))


def contrast(images, _):
    return (images - .5) * torch.exp(_normal(images, .25)) + .5 + _normal(images, .08)


def side_light(images, _):
    """Brighter to one side, darker to the other."""
    axis = torch.linspace(-1, 1, images.shape[-1], device=images.device)
    angle = _uniform(images, 0, 6.2832)
    slope = axis * torch.cos(angle) + axis[:, None] * torch.sin(angle)
    return images * (1 + _uniform(images, 0, 1.) * slope)


def noise(images, _):
    return images + _uniform(images, .01, .12) * torch.randn_like(images)


def exposure(images, _):
    """Too long or too short."""
    return images * torch.exp(_uniform(images, -1.4, 1.4))


def fade(images, _):
    """Little contrast, as in fog or at dusk."""
    strength, level = _uniform(images, .05, .4), _uniform(images, 0, .6)
    return level + strength * images


def occlude(images, face):
    """A block over a part: of one grey, of noise, or of another picture."""
    n, device = len(images), images.device
    axis = torch.arange(images.shape[-1], device=device)
    extent = face * (.15 + .65 * torch.rand(n, 2, device=device))
    start = torch.rand(n, 2, device=device) * (images.shape[-1] - extent)
    inside = (axis >= start[..., None]) & (axis < (start + extent)[..., None])
    inside = (inside[:, 0, None, :] & inside[:, 1, :, None])[:, None]
    kind = _uniform(images, 0, 3)
    fill = torch.where(kind < 1, _uniform(images, 0, 1), torch.where(kind < 2, torch.rand_like(images), images.roll(1, 0)))
    return torch.where(inside, fill, images)


# (share of faces, change), in the order in which light and camera do it.
DAMAGE = [(.4, occlude), (.3, side_light), (.15, blur), (.15, coarsen), (.6, gamma), (.6, contrast), (.15, exposure),
          (.1, fade), (.25, noise)]


def damage(images, strength=1., changes=DAMAGE, face=FACE):
    """@images of 0..1 after @changes, each with its own share of them. What has a
    size is measured in faces of about @face pixels."""
    images = images.clone()
    for share, change in changes:
        chosen = torch.rand(len(images), device=images.device) < share * strength
        if chosen.any():
            images[chosen] = change(images[chosen], face).clamp(0, 1)
    return images


class Starts:
    """Where the mean shape is put: on the tight box, or near it."""

    def __init__(self, mean_shape, strength):
        self.mean_shape, self.strength = mean_shape, strength

    def place(self, truth, perturb):
        """Similarities from the crops to canonical images."""
        scale, offset = shapes.place_on_box(self.mean_shape, *shapes.tight_box(truth))
        upright = shapes.make_similarity(1 / scale, torch.zeros_like(scale), -offset / scale[:, None])
        return self.near(upright) if perturb else upright

    def near(self, similarity):
        """Near @similarity, at random."""
        n, device, s = len(similarity[1]), self.mean_shape.device, self.strength
        wild = 1. + (s.wilder - 1) * (torch.rand(n, device=device) < s.wild)
        angle = shapes.degrees(torch.randn(n, device=device) * s.rotation * wild)
        scale = (1 + torch.randn(n, device=device) * s.scale * wild).clamp(.5, 1.8)
        return self._move(similarity, scale, angle, torch.randn(n, 2, device=device) * s.shift * wild[:, None])

    def _move(self, similarity, scale, angle, shift):
        """Turned and scaled about the middle of the face, then moved by @shift of
        its width and height."""
        low, high = shapes.tight_box(self.mean_shape)
        middle = (low + high) / 2
        matrix, _ = shapes.make_similarity(scale, angle, None)
        offset = ((similarity[1] - middle)[:, None] @ matrix)[:, 0] + middle + shift * (high - low)
        return similarity[0] @ matrix, offset


class Sampler:
    """Random batches of @faces."""

    def __init__(self, faces, mean_shape, strength, device, starts=Starts):
        self.crops = torch.from_numpy(faces.crops).to(device)
        self.shapes = torch.from_numpy(faces.shapes).to(device)
        self.starts = starts(mean_shape.to(device), strength)
        self.strength, self.padding = strength, 'zeros'

    def __len__(self):
        return len(self.crops)

    def draw(self, n):
        """The View of @n faces, drawn, mirrored and placed at random."""
        chosen = torch.randint(len(self), (n,), device=self.crops.device)
        crops, points = self.crops[chosen][:, None].float() / 255, self.shapes[chosen]
        flip = torch.rand(n, device=crops.device) < .5
        crops = torch.where(flip[:, None, None, None], crops.flip(-1), crops)
        points = torch.where(flip[:, None, None], shapes.mirrored(points, CROP), points)
        return self._place(crops, points, True)

    def show(self, view):
        """@view as a camera may have seen it: some blink, and crops are damaged at random."""
        crops, points = lids.blink(view.crops, view.points, self.strength.blinks)
        return dataclasses.replace(view, crops=damage(crops, self.strength.damage), points=points)

    def again(self, view):
        """@view's crops, placed at random."""
        return self._place(view.crops, view.points, True)

    def ordered(self, start, end):
        """The View of the faces from @start to before @end as they are, from
        their tight boxes."""
        return self._place(self.crops[start:end][:, None].float() / 255, self.shapes[start:end], False)

    def _place(self, crops, points, perturb):
        return View(crops, points, self.starts.place(points, perturb), self.padding)
