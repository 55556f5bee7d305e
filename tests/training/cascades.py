# SPDX-License-Identifier: LGPL-2.1-or-later
"""Untrained cascades to compute with."""

import torch

import drawn
from dantrain import folded, network, training, unet


def random_cascade(n_stages, recurrent=False, decoders=()):
    """A narrow one, in use, whose batch norms and decoders do something."""
    mean = torch.from_numpy(folded.read_model(drawn.MODEL)['mean_shape'])
    cascade = network.Cascade(mean, 1 / 16, n_stages, recurrent, decoders=decoders).eval()
    cascade.image_mean.fill_(.4)
    cascade.image_std.fill_(.3)
    for module in cascade.modules():
        if isinstance(module, training.NORMS):
            torch.nn.init.uniform_(module.running_mean, -.2, .2)
            torch.nn.init.uniform_(module.running_var, .5, 2)
            torch.nn.init.uniform_(module.weight, .5, 1.5)
            torch.nn.init.uniform_(module.bias, -.2, .4)
        if isinstance(module, unet.Decoder):
            torch.nn.init.normal_(module.heatmaps.weight, 0, .1)
            torch.nn.init.uniform_(module.share)
    return cascade
