# SPDX-License-Identifier: LGPL-2.1-or-later
"""Errors on pictures made worse, and on turned heads."""

import pathlib
import tempfile

import numpy as np

import measures
import plots
from degrade import DEGRADATIONS, degraded
from document import percent, share, table
from session import REPORTED, say

NOSE_OFFSETS = (0, .05, .1, .15, .2, np.inf)


def _brief(errors):
    return {'nme': float(np.mean(errors)), 'failures': measures.failures(errors)}


def _level(session, faces, degradation, level):
    with tempfile.TemporaryDirectory(dir=session.folder) as folder:
        worse = degraded(faces, degradation, level, pathlib.Path(folder))
        return session.each_model(lambda model: _brief(session.evaluator.evaluate(model, worse).errors))


def _degradation(session, faces, degradation):
    say(f'  {degradation.name}')
    levels = {degradation.label(level): _level(session, faces, degradation, level) for level in degradation.levels}
    return {'unit': degradation.unit, 'levels': levels}


def _turned(session, faces):
    say('  yaw')
    offsets = faces.nose_offsets()
    errors = session.each_model(lambda model: session.evaluator.evaluate(model, faces).errors)
    levels, counts = {}, {}
    for low, high in zip(NOSE_OFFSETS, NOSE_OFFSETS[1:]):
        inside = (offsets >= low) & (offsets < high)
        label = f'{low:g} to {high:g}' if np.isfinite(high) else f'{low:g} or more'
        if inside.any():
            levels[label] = {model: _brief(values[inside]) for model, values in errors.items()}
            counts[label] = int(inside.sum())
    return {'unit': 'offset of the nose', 'levels': levels, 'counts': counts}


def measure(session):
    faces = session.faces(REPORTED)
    groups = {degradation.name: _degradation(session, faces, degradation) for degradation in DEGRADATIONS}
    return {**groups, 'yaw': _turned(session, faces)}


def _group(group):
    names = list(next(iter(group['levels'].values())))
    counts = group.get('counts')
    header = [group['unit'], *(['faces'] if counts else [])]
    for name in names:
        header += [f'{name}: NME', 'failures']
    rows = []
    for label, models in group['levels'].items():
        row = [label, *([counts[label]] if counts else [])]
        for name in names:
            row += [percent(models[name]['nme']), share(models[name]['failures'])]
        rows.append(row)
    return table(header, rows)


def tables(figures):
    return {name: _group(group) for name, group in figures.items()}


def draw(figures, folder):
    plots.robustness(folder / 'robustness.svg', figures)
