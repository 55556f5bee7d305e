# SPDX-License-Identifier: LGPL-2.1-or-later
"""The pictures of docs/accuracy.md, the same bytes for the same figures."""

import math

import matplotlib

matplotlib.use('svg')
matplotlib.rcParams.update({
    'svg.hashsalt': 'danalign', 'svg.fonttype': 'none', 'font.family': 'sans-serif', 'font.size': 9,
    'axes.grid': True, 'grid.color': '#dddddd', 'axes.spines.top': False, 'axes.spines.right': False,
    'axes.prop_cycle': matplotlib.cycler(color=['#1660b0', '#c0561a', '#2c8a4b', '#7a4fa3']),
})
from matplotlib import pyplot  # noqa: E402  (after the choice of the backend)

COLUMNS = 3
NME = 'NME, % inter-ocular'


def _save(figure, path):
    figure.tight_layout()
    figure.savefig(path, metadata={'Date': None, 'Creator': None})
    pyplot.close(figure)


def _percent(values):
    return [100 * value for value in values]


def _top(curves):
    """Room for the highest of fractions, in per cent."""
    return 108 * max(value for curve in curves for value in curve)


def ced(path, errors, curves):
    """@curves: by label, the shares of faces at @errors, and whether it is a whole network's."""
    figure, axes = pyplot.subplots(figsize=(6.4, 4))
    for label, (shares, whole) in curves.items():
        axes.plot(_percent(errors), _percent(shares), label=label, linestyle='-' if whole else '--')
    axes.axvline(8, color='#bb2222', linewidth=1, linestyle=':')
    axes.set(xlabel='error, % of the inter-ocular distance', ylabel='faces below it, %', xlim=(0, 10), ylim=(0, 101))
    axes.legend(loc='lower right')
    _save(figure, path)


def starts(path, strengths, curves):
    figure, axes = pyplot.subplots(figsize=(5.2, 3.2))
    for label, errors in curves.items():
        axes.plot(strengths, _percent(errors), marker='o', label=label)
    axes.set(xlabel='noise: % of the box, % of its size, degrees', ylabel=NME, xticks=strengths,
             ylim=(0, _top(curves.values())))
    axes.legend(loc='lower right')
    _save(figure, path)


def _panel(axes, name, group):
    labels = list(group['levels'])
    for model in group['levels'][labels[0]]:
        axes.plot(range(len(labels)), _percent(group['levels'][label][model]['nme'] for label in labels), marker='o',
                  label=model)
    turned = 'below the nose' in labels or name == 'yaw'
    axes.set_xticks(range(len(labels)), labels, rotation=30 if turned else 0, ha='right' if turned else 'center')
    axes.set_title(name)


def robustness(path, groups):
    rows = math.ceil(len(groups) / COLUMNS)
    figure, panels = pyplot.subplots(rows, COLUMNS, figsize=(3.2 * COLUMNS, 2.4 * rows), sharey=True)
    for axes, (name, group) in zip(panels.flat, groups.items()):
        _panel(axes, name, group)
    for axes in panels.flat[len(groups):]:
        axes.remove()
    for axes in panels[:, 0]:
        axes.set_ylabel(NME)
    panels.flat[0].set_ylim(0, _top([brief['nme'] for brief in models.values()]
                                    for group in groups.values() for models in group['levels'].values()))
    panels.flat[0].legend()
    _save(figure, path)


def reliability(path, models):
    """@models: by name, pairs of the expected and the true error."""
    figure, axes = pyplot.subplots(figsize=(4.6, 4))
    for model, bins in models.items():
        expected, errors = zip(*bins, strict=True)
        axes.plot(_percent(expected), _percent(errors), marker='o', label=model)
    ends = [min(100 * v for bins in models.values() for pair in bins for v in pair),
            max(100 * v for bins in models.values() for pair in bins for v in pair)]
    axes.plot(ends, ends, color='#888888', linewidth=1, linestyle=':')
    axes.set(xlabel='expected error, %', ylabel='true error, %', xscale='log', yscale='log')
    axes.legend(loc='upper left')
    _save(figure, path)


def over_time(path, curves, label, factor, fps):
    """@curves: by label, a value for each frame, None: there is none; they are drawn times @factor."""
    figure, axes = pyplot.subplots(figsize=(7.6, 2.8))
    for name, values in curves.items():
        seconds = [i / fps for i in range(len(values))]
        axes.plot(seconds, [math.nan if v is None else factor * v for v in values], label=name, linewidth=.9)
    known = sorted(factor * v for values in curves.values() for v in values if v is not None)
    # A few outliers must not flatten the rest.
    axes.set(xlabel='seconds', ylabel=label, ylim=(0, 1.3 * known[int(.995 * len(known))]))
    axes.legend(loc='upper right')
    _save(figure, path)


def lag(path, frames, curves):
    """@curves: by label, how far landmarks are from those of the truth so many @frames before."""
    figure, axes = pyplot.subplots(figsize=(5.2, 3.2))
    for name, values in curves.items():
        axes.plot(frames, _percent(values), label=name)
    axes.set(xlabel='lag, frames', ylabel='RMS distance per coordinate, %', xlim=(-3, 3))
    axes.legend()
    _save(figure, path)
