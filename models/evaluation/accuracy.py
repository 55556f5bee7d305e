# SPDX-License-Identifier: LGPL-2.1-or-later
"""Errors from the tight box: each set, each part of the face, each number of stages."""

import numpy as np

import measures
import plots
import published
from document import number, percent, share, table
from session import REPORTED, say

SETS = {
    REPORTED: 'for reporting',
    'lfpw_train': 'trained on',
    'helen_train': 'trained on',
    'afw_crops': 'trained on',
    'ytf': 'trained on; labels of another network',
}
PARTS = ('jaw', 'brows', 'nose', 'eyes', 'mouth')
CURVE = np.linspace(0, .1, 201)


def _stage_figures(session, faces, model, stages):
    result = session.evaluator.evaluate(model, faces, '--stages', stages)
    return {**result.summary, 'ced': measures.ced(result.errors, CURVE).round(5).tolist()}


def measure(session):
    sets = {}
    for name in SETS:
        say(f'  {name}')
        faces = session.faces(name)
        sets[name] = session.each_model(lambda model: session.evaluator.evaluate(model, faces).summary)
    say('  stages')
    faces = session.faces(REPORTED)
    stages = session.each_model(
        lambda model: [_stage_figures(session, faces, model, n + 1) for n in range(model.stages)])
    return {'sets': sets, 'stages': stages}


def _cells(summary):
    return [percent(summary['nme_inter_ocular']), percent(summary['median_inter_ocular']),
            percent(summary['nme_inter_pupil']), percent(summary['nme_diagonal']), number(summary['auc_008'], 3),
            share(summary['failure_008'])]


MEASURES = ['inter-ocular NME', 'median', 'inter-pupil', 'diagonal', 'AUC_0.08', 'failures']


def tables(figures):
    reported = figures['sets'][REPORTED]
    return {
        'sets': table(['set', 'use', 'faces', 'model', *MEASURES],
                      [[f'`{name}`', SETS[name], summary['faces'], model, *_cells(summary)]
                       for name, models in figures['sets'].items() for model, summary in models.items()]),
        'stages': table(['model', 'stages run', *MEASURES],
                        [[model, n + 1, *_cells(summary)]
                         for model, stages in figures['stages'].items() for n, summary in enumerate(stages)]),
        'parts': table(['model', *PARTS], [[model, *(percent(summary['parts'][part]) for part in PARTS)]
                                           for model, summary in reported.items()]),
        'published': published.networks(reported),
    }


def draw(figures, folder):
    plots.ced(folder / 'ced.svg', CURVE, {
        f'{model}, {n + 1} of {len(stages)} stages': (summary['ced'], n + 1 == len(stages))
        for model, stages in figures['stages'].items() for n, summary in enumerate(stages)})
