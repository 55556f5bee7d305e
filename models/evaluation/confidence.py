# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether a model knows how good its landmarks are."""

import cv2
import numpy as np

import boxes
import detectors
import measures
import plots
from document import number, percent, share, table
from session import REPORTED, say
from starts import REQUIRED

REPEAT = 5
SEED = 1
# YuNet looks for anything that may be a face, as boxes on background shall have none.
WARY = .2
N_BINS = 10
KINDS = {
    'noisy': f'on the face, noise `{REQUIRED}`',
    'shifted': 'moved by 0.6 to 1.2 of its size to any side',
    'too small': '0.4 times as large',
    'too large': '2.5 times as large',
    'background': 'beside all faces, 0.7 to 1.3 times as large',
}


def _others(session, faces):
    """What else may be a face in each picture."""
    return (detectors.find(detectors.YuNet(session.yunet, min_score=WARY), faces) if session.yunet
            else [np.zeros((0, 4))] * len(faces))


def _misplaced(session, faces):
    """By kind, the indices of faces and a wrong box for each."""
    kinds = {}
    for i, (box, others) in enumerate(zip(faces.boxes(), _others(session, faces), strict=True)):
        height, width = cv2.imread(faces.images[i], cv2.IMREAD_GRAYSCALE).shape
        rng = np.random.default_rng([SEED, i])
        for kind, wrong in boxes.misplaced(box, others, width, height, rng).items():
            if wrong is not None:
                kinds.setdefault(kind, []).append((i, wrong))
    return {kind: tuple(zip(*pairs, strict=True)) for kind, pairs in kinds.items()}


def _rank_figures(samples):
    """@samples: for each kind, expected and true errors."""
    expected, errors = (np.concatenate(parts) for parts in zip(*samples.values(), strict=True))
    aligned = errors < measures.LIMIT
    trusted = expected < measures.LIMIT
    return {'auroc': measures.auroc(-expected, aligned),
            'spearman': measures.spearman(expected, errors),
            'spearman_noisy': measures.spearman(*samples['noisy']),
            'aligned_trusted': float(trusted[aligned].mean()) if aligned.any() else float('nan'),
            'misplaced_trusted': float(trusted[~aligned].mean()) if not aligned.all() else float('nan'),
            'reliability': measures.reliability(expected, errors, N_BINS)}


def _model(session, model, faces, misplaced):
    results = {'noisy': session.evaluator.evaluate(model, faces, '--start-noise', REQUIRED, '--repeat', REPEAT)}
    for kind, (indices, wrong) in misplaced.items():
        results[kind] = session.evaluator.evaluate(model, faces.take(indices), boxes=np.array(wrong))
    figures = {'kinds': {kind: {'starts': len(result.errors), 'nme': float(np.median(result.errors)),
                                'aligned': float((result.errors < measures.LIMIT).mean())}
                         for kind, result in results.items()}}
    if all(result.expected is not None for result in results.values()):
        figures['ranks'] = _rank_figures({kind: (result.expected, result.errors) for kind, result in results.items()})
    return figures


def measure(session):
    say('  misplaced boxes')
    faces = session.faces(REPORTED)
    misplaced = _misplaced(session, faces)
    return session.each_model(lambda model: _model(session, model, faces, misplaced))


def _ranks(figures):
    rows = []
    for model, found in figures.items():
        ranks = found.get('ranks')
        rows.append([model, *(number(ranks[key], 3) for key in ('auroc', 'spearman', 'spearman_noisy')),
                     share(ranks['aligned_trusted']), share(ranks['misplaced_trusted'])] if ranks
                    else [model, 'the model does not tell', *[''] * 4])
    return table(['model', 'AUROC', 'Spearman, all', 'Spearman, noisy starts', 'aligned, told below 8 %',
                  'not aligned, told below 8 %'], rows)


def tables(figures):
    return {
        'misplaced': table(['box', 'model', 'starts', 'median error', 'aligned'],
                           ([KINDS[kind], model, row['starts'], percent(row['nme']), share(row['aligned'])]
                            for model, found in figures.items() for kind, row in found['kinds'].items())),
        'confidence': _ranks(figures) + _picture(figures),
    }


def _telling(figures):
    return {model: found['ranks']['reliability'] for model, found in figures.items() if 'ranks' in found}


def _picture(figures):
    return '\n\n![Expected and true errors](accuracy/reliability.svg)' if _telling(figures) else ''


def draw(figures, folder):
    path = folder / 'reliability.svg'
    path.unlink(missing_ok=True)
    if _telling(figures):
        plots.reliability(path, _telling(figures))
