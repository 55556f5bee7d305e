# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is trained after what, and how fast."""

import dataclasses
import math


@dataclasses.dataclass
class Phase:
    """Trains stages n_frozen + 1 to n_stages, all at once, on @crops faces."""
    name: str
    n_stages: int
    n_frozen: int
    crops: int
    rate: float
    noisy: float  # share of faces from the sets with automatic labels
    recurrent: int = 0  # frames that the recurrent stage learns to follow a face for

    def iterations(self, batch):
        return -(-self.crops // batch)


def make_plan(options, has_start):
    """The paper's order, stage after stage with the earlier ones frozen, then
    all of them together at a lower rate, and recurrent steps with all of them
    frozen. A network that starts from trained weights has only the last parts
    before it."""
    phases = [] if has_start else [
        Phase(f'stage {s + 1}', s + 1, s, options.stage_crops, options.rate, options.noisy)
        for s in range(options.stages)]
    phases.append(Phase('together', options.stages, options.frozen, options.joint_crops, options.joint_rate,
                        options.joint_noisy))
    if options.recurrent:
        phases.append(Phase('recurrent', options.stages, options.stages, options.recurrent_crops,
                            options.recurrent_rate, options.recurrent_noisy, options.recurrent))
    return [phase for phase in phases if phase.crops > 0]


def rate_at(phase, iteration, iterations, floor=.01):
    """A half cosine from the phase's rate to @floor of it, after a ramp of a
    tenth, at most 100 iterations."""
    warm_up = max(1, min(100, iterations // 10))
    cosine = floor + (1 - floor) * .5 * (1 + math.cos(math.pi * iteration / iterations))
    return phase.rate * cosine * min(1, (iteration + 1) / warm_up)
