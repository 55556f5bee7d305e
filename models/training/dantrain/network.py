# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Deep Alignment Network (Kowalski, Naruniec, Trzcinski, CVPR-W 2017,
arXiv 1706.01789) as libdan runs it, in a form that can be trained."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from . import shapes
from .scheme import JAW, N_POINTS
from .unet import Decoder, places

CHANNELS = (64, 128, 256, 512)  # of the four pairs of convolutions, at width 1
HIDDEN = 256                    # activations of fc1
FEATURE = shapes.SIZE // 2      # side of the feature image
HEATMAP_RADIUS = 16
N_VALUES = 2 * N_POINTS
DROPOUT = .5                    # share of fc1's inputs that training leaves out, in the paper
ERROR_HIDDEN = 32               # hidden units of the head that predicts the error
DECODER = (256, 192, 192, 128)  # planes of a decoder's layers, at width 1
SHARE, JAW_SHARE = .6, .35      # chosen on held-out faces
RECURRENT = 'recurrent'         # the stage beside the cascade's, where those are numbers
CONVS = [f'conv{pair}{half}' for pair in (1, 2, 3, 4) for half in 'ab']


class Stage(nn.Module):
    """One feed-forward network: planes in, update and fc1's activations out, in two
    parts, as a decoder goes on from the first one, too."""

    def __init__(self, planes, width, dropout):
        super().__init__()
        layers = []
        for channels in (int(c * width) for c in CHANNELS):
            for _ in 'ab':
                layers += [nn.Conv2d(planes, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels),
                           nn.ReLU(inplace=True)]
                planes = channels
            layers.append(nn.MaxPool2d(2))
        self.convs = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.fc1 = nn.Linear(planes * (shapes.SIZE // 16) ** 2, HIDDEN, bias=False)
        self.norm = nn.BatchNorm1d(HIDDEN)
        self.fc2 = nn.Linear(HIDDEN, N_VALUES)
        nn.init.normal_(self.fc2.weight, 0, .01)
        nn.init.zeros_(self.fc2.bias)

    def pooled(self, planes):
        """What each pair of convolutions makes, pooled."""
        made, x = [], planes
        for layer in self.convs:
            x = layer(x)
            if isinstance(layer, nn.MaxPool2d):
                made.append(x)
        return made

    def forward(self, pooled):
        """Takes what pooled() gives."""
        # fc1's columns are planes first, whatever the memory format.
        x = torch.flatten(pooled[-1].contiguous(), 1)
        hidden = F.relu(self.norm(self.fc1(self.dropout(x))))
        return self.fc2(hidden), hidden

    def conv_layers(self):
        """(name, convolution, batch norm) in order."""
        convs = [m for m in self.convs if isinstance(m, nn.Conv2d)]
        norms = [m for m in self.convs if isinstance(m, nn.BatchNorm2d)]
        return list(zip(CONVS, convs, norms))


class Connection(nn.Module):
    """What stands before a stage and is learnt, from the second stage on."""

    def __init__(self):
        super().__init__()
        self.feature = nn.Linear(HIDDEN, FEATURE ** 2)
        self.norm = nn.BatchNorm2d(3)

    def forward(self, image, heat, hidden):
        feature = F.relu(self.feature(hidden)).reshape(-1, 1, FEATURE, FEATURE)
        return self.norm(torch.cat([image, heat, F.interpolate(feature, scale_factor=2, mode='nearest')], 1))


class Recurrent(nn.Module):
    """A stage that follows faces from frame to frame in the cascade's place.
    @decoder: its own, or None."""

    def __init__(self, width, dropout, decoder):
        super().__init__()
        self.stage, self.connection, self.decoder = Stage(3, width, dropout), Connection(), decoder

    def begin(self, stage, connection, decoder):
        """It starts as this one."""
        self.stage.load_state_dict(stage.state_dict())
        self.connection.load_state_dict(connection.state_dict())
        if self.decoder:
            self.decoder.load_state_dict(decoder.state_dict())


class ErrorHead(nn.Sequential):
    """Predicts ln(error) of a stage's landmarks from its fc1: the inter-ocular
    error that they are expected to have."""

    def __init__(self):
        super().__init__(nn.Linear(HIDDEN, ERROR_HIDDEN), nn.ReLU(), nn.Linear(ERROR_HIDDEN, 1))


@torch.no_grad()
def heatmap(points):
    """1 / (1 + distance to the nearest point), 0 beyond HEATMAP_RADIUS."""
    axis = torch.arange(shapes.SIZE, dtype=points.dtype, device=points.device)
    dx, dy = (axis - points[..., 0:1]) ** 2, (axis - points[..., 1:2]) ** 2
    nearest = dy[:, 0, :, None] + dx[:, 0, None, :]
    for k in range(1, points.shape[1]):
        torch.minimum(nearest, dy[:, k, :, None] + dx[:, k, None, :], out=nearest)
    near = nearest <= HEATMAP_RADIUS ** 2
    return (near / (1 + nearest.sqrt_()))[:, None]


def _new_decoder(width):
    """Counts less along the jaw: where on it a landmark is, no place of the picture says."""
    shares = torch.full((N_POINTS,), SHARE)
    shares[JAW] = JAW_SHARE
    return Decoder(*([int(c * width) for c in channels] for channels in (CHANNELS, DECODER)), shares)


def _decode(decoder, regressed, heatmaps):
    """(landmarks, what they are made of: those regressed, those decoded, and the
    variances of heatmaps; without a decoder None)."""
    if not decoder:
        return regressed, None
    decoded, variances = places(heatmaps)
    return regressed + decoder.share[:, None] * (decoded - regressed), (regressed, decoded, variances)


class Cascade(nn.Module):
    """All stages. Shapes are in the pixels of a View's images. @upright_shape: what
    faces are turned upright onto before each stage but the first; None: the mean
    shape. @bf16: the stages' networks compute in bfloat16, where that does no
    harm; geometry never does. @recurrent: there is one stage more, which goes on
    alone in the next frame, see step(). The last head is its own. @decoders: the
    stages that have one, counted from 0, and RECURRENT, which needs one of the last
    stage, too."""

    def __init__(self, mean_shape, width, n_stages, recurrent=False, dropout=DROPOUT, upright_shape=None, decoders=()):
        super().__init__()
        self.width, self.bf16 = width, False
        self.register_buffer('mean_shape', mean_shape)
        self.register_buffer('upright_shape', mean_shape.clone() if upright_shape is None else upright_shape)
        self.register_buffer('image_mean', torch.zeros(1))
        self.register_buffer('image_std', torch.ones(1))
        self.stages = nn.ModuleList([Stage(3 if s else 1, width, dropout) for s in range(n_stages)])
        self.connections = nn.ModuleList([Connection() for _ in range(n_stages - 1)])
        self.heads = nn.ModuleList([ErrorHead() for _ in range(n_stages + recurrent)])
        if recurrent and n_stages < 2:
            raise ValueError('a recurrent stage needs two others or more')
        if 0 in decoders:
            raise ValueError('a decoder needs a stage before its own')
        self.decoders = nn.ModuleDict({str(s): _new_decoder(width) for s in decoders if s != RECURRENT})
        own = _new_decoder(width) if RECURRENT in decoders else None
        self.recurrent = Recurrent(width, dropout, own) if recurrent else None

    def begin_recurrent(self):
        """The recurrent stage starts as the last one."""
        self.recurrent.begin(self.stages[-1], self.connections[-1], self.decoder_of(len(self.stages) - 1))

    def _normalised(self, images):
        return (images - self.image_mean) / self.image_std

    def _run_network(self, stage, planes, decoder=None):
        """Update, fc1's activations, and what @decoder draws."""
        planes = planes.to(memory_format=torch.channels_last)
        with torch.autocast(planes.device.type, dtype=torch.bfloat16, enabled=self.bf16):
            pooled = stage.pooled(planes)
            update, hidden = stage(pooled)
            heatmaps = decoder(pooled) if decoder else None
        return update.float().reshape(-1, N_POINTS, 2), hidden.float(), heatmaps

    def _run_first(self, view):
        update, hidden, _ = self._run_network(self.stages[0], self._normalised(view.images()))
        return self.mean_shape + update, hidden

    def decoder_of(self, s):
        """That of stage @s, counted from 0, or RECURRENT; or None."""
        if s == RECURRENT:
            return self.recurrent and self.recurrent.decoder
        return self.decoders[str(s)] if str(s) in self.decoders else None

    def _run_later(self, s, view, shape, hidden, apart):
        # How the face is turned upright is taken as given: no gradient enters
        # the stage before through it, which keeps joint training stable.
        upright = shapes.fit_similarity(shape.detach(), self.upright_shape.expand_as(shape))
        start = shapes.transform(shape, upright)
        images = self._normalised(view.turned(upright).images())
        planes = self.connections[s - 1](images, heatmap(start.detach()), hidden)
        decoder, back = self.decoder_of(s), shapes.invert(upright)
        update, hidden, heatmaps = self._run_network(self.stages[s], planes, decoder)
        found, parts = _decode(decoder, start + update, heatmaps)
        if parts and apart is not None:
            regressed, decoded, variances = parts
            apart[s] = shapes.transform(regressed, back), shapes.transform(decoded, back), variances
        return shapes.transform(found, back), hidden

    def forward(self, view, n_stages=None, n_frozen=0, apart=None):
        """[(shape, fc1's activations)] of the first @n_stages stages, all by
        default, in a View. Each looks at the crops themselves. The first
        @n_frozen ones get no gradient. The dict @apart gets what the shapes of stages
        with decoders are made of: the regressed one, the decoded one, and the
        variances of heatmaps."""
        results = []
        for s in range(n_stages or len(self.stages)):
            with torch.set_grad_enabled(torch.is_grad_enabled() and s >= n_frozen):
                results.append(self._run_later(s, view, *results[-1], apart) if s else self._run_first(view))
        return results

    def step(self, images, start, hidden, apart=None):
        """(shape, fc1's activations) of the recurrent stage. @images show the
        faces as the expected shapes @start, upright on upright_shape, stand in
        them; @hidden is from the frame before, of the last stage or of this. @apart: as
        forward() fills it, for RECURRENT."""
        start = start.detach()
        planes = self.recurrent.connection(self._normalised(images), heatmap(start), hidden)
        decoder = self.recurrent.decoder
        update, hidden, heatmaps = self._run_network(self.recurrent.stage, planes, decoder)
        found, parts = _decode(decoder, start + update, heatmaps)
        if parts and apart is not None:
            apart[RECURRENT] = parts
        return found, hidden

    def stage_modules(self, s):
        """What is trained together with stage @s, counted from 0."""
        modules = [self.stages[s], self.connections[s - 1] if s else None, self.decoder_of(s)]
        return [module for module in modules if module is not None]
