# SPDX-License-Identifier: LGPL-2.1-or-later
"""The loop of every training here: a network, the running average of its
weights, a plan, and a checkpoint to go on from wherever it was cut."""

import copy
import os
import pickle
import time

import torch

from . import plan

CHECKPOINT = 'checkpoint.pt'
AVERAGE_DECAY = .999      # of the running average of the weights
# Options that may differ when a training goes on: where and how long it runs.
FREE = 'out', 'crops', 'scenes', 'start', 'minutes', 'report', 'threads', 'device', 'bf16', 'run'


class Average:
    """A running average of a module's weights and statistics. A young one
    forgets faster, so that it does not lag behind a start."""

    def __init__(self, module):
        self.module, self.updates = copy.deepcopy(module).eval().requires_grad_(False), 0

    @torch.no_grad()
    def update(self, module):
        self.updates += 1
        decay = min(AVERAGE_DECAY, self.updates / (self.updates + 9))
        for old, new in zip(self.module.state_dict().values(), module.state_dict().values()):
            if old.dtype.is_floating_point:
                old.lerp_(new, 1 - decay)
            else:
                old.copy_(new)


def _random_state():
    return torch.get_rng_state(), torch.cuda.get_rng_state() if torch.cuda.is_available() else None


def _set_random_state(state):
    host, device = state
    torch.set_rng_state(host)
    if device is not None and torch.cuda.is_available():
        torch.cuda.set_rng_state(device)


def load_checkpoint(folder):
    path = os.path.join(folder, CHECKPOINT)
    try:
        return torch.load(path, map_location='cpu')
    except (FileNotFoundError, PermissionError):
        raise
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise ValueError(f'{path}: no checkpoint, or a damaged one') from error


def mean_weights(weights):
    """The mean of dicts of tensors, which is a network only if all went on from the
    same one (Wortsman et al., "Model soups: averaging weights of multiple
    fine-tuned models improves accuracy without increasing inference time",
    ICML 2022)."""
    shapes = [{name: value.shape for name, value in each.items()} for each in weights]
    if any(each != shapes[0] for each in shapes):
        raise ValueError('networks of different shapes have no average')
    return {name: torch.stack([each[name] for each in weights]).mean(0) if value.dtype.is_floating_point else value
            for name, value in weights[0].items()}


def average(states):
    """A checkpoint with the mean_weights() of @states."""
    mean = mean_weights([state['average'] for state in states])
    return {**states[0], 'network': mean, 'average': mean}


class Loop:
    """What is particular to a training, a subclass says: trained_modules(),
    loss(), validate(). The network has a width, and Log is of a kind from
    log.py."""

    def __init__(self, network, phases, options, log):
        self.network, self.phases, self.options = network, phases, options
        self.average = Average(network)
        self.phase = self.iteration = self.seen = 0
        self.path = os.path.join(options.out, CHECKPOINT)
        self.fixed = {name: value for name, value in vars(options).items() if name not in FREE}
        state = load_checkpoint(options.out) if os.path.exists(self.path) else None
        if state:
            self._check_options(state)
        self.log = log(options.out, state['records'] if state else 0)
        self.optimizer = self._make_optimizer()
        if state:
            self._restore(state)

    def trained_modules(self, phase):
        """What learns in @phase; the rest keeps its mode and values."""
        raise NotImplementedError

    def rate_factor(self, module):
        """What the rate of a trained module is, beside the phase's."""
        return 1.

    def begin(self, phase):
        """Called once, as @phase begins after another."""

    def loss(self, phase):
        """The loss of the next batch."""
        raise NotImplementedError

    def validate(self, phase):
        """What the average of the weights is worth, for the log."""
        raise NotImplementedError

    def _make_optimizer(self):
        if self.phase >= len(self.phases):
            return None
        phase = self.phases[self.phase]
        self.network.eval()
        modules = self.trained_modules(phase)
        return torch.optim.Adam([dict(params=list(m.train().parameters()), factor=self.rate_factor(m)) for m in modules],
                                lr=phase.rate)

    def _check_options(self, state):
        changed = [name for name, value in state.get('options', {}).items() if self.fixed.get(name) != value]
        if changed:
            was = ', '.join(f'--{name.replace("_", "-")} was {state["options"][name]}' for name in changed)
            raise ValueError(f'{self.path}: its training had other options: {was}; give the same, or another --out')

    def _restore(self, state):
        self.phase, self.iteration, self.seen = state['phase'], state['iteration'], state['seen']
        self.network.load_state_dict(state['network'])
        self.average.module.load_state_dict(state['average'])
        self.average.updates = state['updates']
        self.optimizer = self._make_optimizer()
        if self.optimizer:
            self.optimizer.load_state_dict(state['optimizer'])
        _set_random_state(state['random'])

    def save(self):
        state = dict(options=self.fixed, phase=self.phase, iteration=self.iteration, seen=self.seen, records=len(self.log.records),
                     network=self.network.state_dict(), average=self.average.module.state_dict(),
                     updates=self.average.updates, width=self.network.width, random=_random_state(),
                     optimizer=self.optimizer.state_dict() if self.optimizer else None)
        torch.save(state, self.path + '.new')
        os.replace(self.path + '.new', self.path)

    def _step(self, phase, iterations):
        """One batch; its loss stays on the device, so that nothing waits."""
        rate = plan.rate_at(phase, self.iteration, iterations)
        for group in self.optimizer.param_groups:
            group['lr'] = rate * group['factor']
        loss = self.loss(phase)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.average.update(self.network)
        self.iteration += 1
        self.seen += self.options.batch
        return loss.detach()

    def _report(self, phase, iterations, recent, speed):
        ahead = (iterations - self.iteration) * self.options.batch + sum(p.crops for p in self.phases[self.phase + 1:])
        self.log.add(dict(phase=phase.name, share=self.iteration / iterations, seen=self.seen,
                          rate=self.optimizer.param_groups[0]['lr'], loss=float(torch.stack(recent).mean()),
                          validation=self.validate(phase)), ahead, speed)

    def _run_phase(self, phase, deadline):
        """Until the phase's end (True) or the deadline (False)."""
        iterations, recent = phase.iterations(self.options.batch), []
        since, seen = time.monotonic(), self.seen
        while self.iteration < iterations and time.monotonic() < deadline:
            recent.append(self._step(phase, iterations))
            waited = time.monotonic() - since
            if waited > self.options.report or self.iteration == iterations:
                self._report(phase, iterations, recent, (self.seen - seen) / waited)
                self.save()
                since, seen, recent = time.monotonic(), self.seen, []
        return self.iteration >= iterations

    def run(self):
        """True if all phases are through, False if the time was up first."""
        if self.phase >= len(self.phases):
            print(f'{self.path}: this training is complete')
        deadline = time.monotonic() + 60 * self.options.minutes if self.options.minutes else float('inf')
        while self.phase < len(self.phases):
            if not self._run_phase(self.phases[self.phase], deadline):
                self.save()
                return False
            self.phase, self.iteration = self.phase + 1, 0
            # The next phase begins where the average stands, which is better
            # than where the last step happened to land.
            self.network.load_state_dict(self.average.module.state_dict())
            self.average.updates = 0
            if self.phase < len(self.phases):
                self.begin(self.phases[self.phase])
            self.optimizer = self._make_optimizer()
            self.save()
        return True
