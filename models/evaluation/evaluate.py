#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures models on annotated faces, and writes the numbers into docs/accuracy.md and the plots beside it."""

import argparse
import json
import pathlib
import shutil
import sys
import tempfile

import numpy as np

import accuracy
import confidence
import daneval
import detectors
import document
import element
import faces
import robustness
import starts
from session import Session, say

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRIAL = ROOT / 'build-evaluation'
DOCUMENT = 'accuracy.md'
SECTIONS = {'accuracy': accuracy, 'starts': starts, 'robustness': robustness, 'confidence': confidence}
ERRORS = (daneval.EvaluationError, document.DocumentError, element.ElementError, faces.DataError, OSError)


def parse():
    parser = argparse.ArgumentParser(prog='models/evaluation/run.sh', description=__doc__)
    parser.add_argument('models', nargs='*', type=pathlib.Path, metavar='MODEL.dan')
    parser.add_argument('--data', type=pathlib.Path, metavar='FOLDER',
                        help=f'annotated sets, as dan-eval reads them: {", ".join(accuracy.SETS)} (.csv)')
    parser.add_argument('--yunet', type=pathlib.Path, metavar='FILE.onnx',
                        help='YuNet of 2023, fixed input: to measure its boxes, too')
    parser.add_argument('--limit', type=int, default=0, metavar='N', help='only the first N faces of each set')
    parser.add_argument('--output', type=pathlib.Path, metavar='FOLDER',
                        help='where the document and its plots are written; default: docs, with --limit build-evaluation')
    parser.add_argument('--figures', type=pathlib.Path, default=TRIAL / 'accuracy.json', metavar='FILE.json',
                        help='where all figures are written; default: build-evaluation/accuracy.json')
    parser.add_argument('--render', action='store_true', help='measure nothing, and write what --figures holds')
    parser.add_argument('--tools', type=pathlib.Path, default=ROOT / 'build' / 'tools', help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.render and not (options.models and options.data):
        parser.error('--data and a model are needed')
    if options.limit < 0:
        parser.error('--limit must not be negative')
    return options


def open_models(evaluator, paths):
    models = [evaluator.model(path) for path in paths]
    names = [model.name for model in models]
    if len(set(names)) < len(names):
        raise daneval.EvaluationError(f'models have the same name: {", ".join(names)}')
    return models


def check_detectors(yunet):
    """Minutes before they are needed."""
    element.FaceDetect()(np.zeros((64, 64, 3), np.uint8))
    detectors.Haar()
    if yunet:
        detectors.YuNet(yunet)


def measure(options):
    check_detectors(options.yunet)
    with tempfile.TemporaryDirectory(prefix='dan-evaluation-') as folder:
        evaluator = daneval.Evaluator(options.tools, folder)
        session = Session(evaluator, open_models(evaluator, options.models), options.data, options.limit,
                          options.yunet, pathlib.Path(folder))
        figures = {'models': [{'name': model.name, 'stages': model.stages, 'sha256': model.sha256}
                              for model in session.models], 'limit': options.limit}
        for name, section in SECTIONS.items():
            say(name)
            figures[name] = section.measure(session)
    return {**figures, 'kernels': evaluator.kernels}


def models_text(figures):
    rows = [[model['name'], model['stages'], f'`{model["sha256"]}`'] for model in figures['models']]
    lines = [document.table(['model', 'stages', 'SHA-256 of the file'], rows), '',
             f'Single precision, `{figures["kernels"]}` kernels.']
    if figures['limit']:
        lines.append(f'**Only the first {figures["limit"]} faces of each set: a trial run.**')
    return '\n'.join(lines)


def write(figures, output):
    """The document keeps what is not between markers; a folder without one gets a copy of the repository's."""
    plots = output / 'accuracy'
    plots.mkdir(parents=True, exist_ok=True)
    path = output / DOCUMENT
    if not path.exists():
        shutil.copyfile(ROOT / 'docs' / DOCUMENT, path)
    parts = {'models': models_text(figures)}
    for name, section in SECTIONS.items():
        parts.update(section.tables(figures[name]))
    text = document.fill(path.read_text(encoding='utf-8'), parts)
    for name, section in SECTIONS.items():
        section.draw(figures[name], plots)
    path.write_text(text, encoding='utf-8')
    say(f'written: {path}')


def main():
    options = parse()
    try:
        if options.render:
            figures = document.read_figures(options.figures)
        else:
            figures = measure(options)
            options.figures.parent.mkdir(parents=True, exist_ok=True)
            options.figures.write_text(json.dumps(figures, indent=1) + '\n', encoding='utf-8')
        write(figures, options.output or (TRIAL if figures['limit'] else ROOT / 'docs'))
    except ERRORS as error:
        sys.exit(f'evaluation: {error}')


if __name__ == '__main__':
    main()
