#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures danalign on videos, each frame for itself and tracked, and writes the numbers into docs/video.md and the
plots beside it. GStreamer has to find the element (GST_PLUGIN_PATH)."""

import argparse
import hashlib
import json
import pathlib
import shutil
import sys

import numpy as np

import document
import element
import faces
import plots
import steadiness
import videos

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRIAL = ROOT / 'build-evaluation'
DOCUMENT = 'video.md'
MODES = {  # properties of danalign, and frames between detections
    'each frame for itself': ('tracking=false', 1),
    'tracked': ('', videos.EVERY),
    'tracked, all stages': ('recurrent=false', videos.EVERY),
    'tracked, one stage': ('stages=1', videos.EVERY),
}
PLOTTED = list(MODES)[:3]
HIDDEN, SEEN = .3, .6  # shares of a face that are visible
LONG = 40  # frames: lag is measured where a face is followed for longer
SETS = 'talking face', 'generated'
ERRORS = (element.ElementError, document.DocumentError, faces.DataError, OSError)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', type=pathlib.Path, metavar='MODEL.dan')
    parser.add_argument('--data', type=pathlib.Path, metavar='FOLDER',
                        help='it has talking_face/ with points.csv and pictures; without it, only the generated video')
    parser.add_argument('--limit', type=int, default=0, metavar='N', help='only the first N frames of each video')
    parser.add_argument('--output', type=pathlib.Path, metavar='FOLDER',
                        help='where the document and its plots are written; default: docs, for a part build-evaluation')
    parser.add_argument('--figures', type=pathlib.Path, default=TRIAL / 'video.json', metavar='FILE.json')
    parser.add_argument('--render', action='store_true', help='measure nothing, and write what --figures holds')
    options = parser.parse_args()
    if not options.render and not options.model:
        parser.error('--model is needed')
    return options


def run(video, model):
    """By mode: the faces of each frame and its seconds. All modes take a frame before the next, so that a busy machine
    is busy for all of them."""
    elements = {name: element.Element(video.frames[0], videos.FPS, f'model={model} precision=fp32 box=landmarks '
                                                                  f'{properties}')
                for name, (properties, _) in MODES.items()}
    found = {name: [] for name in MODES}
    for number, frame in enumerate(video.frames):
        for name, (_, every) in MODES.items():
            found[name].append(elements[name].process(frame, video.boxes(number, every)))
    for one in elements.values():
        one.close()
    return found


class Person:
    """Frame by frame what was made of one person: @ids, None where it was not found."""

    def __init__(self, video, found, person):
        seen = [(number, truth) for number, faces_there in enumerate(video.truth) for truth in faces_there
                if truth.person == person]
        self.numbers = [number for number, _ in seen]
        self.visible = np.array([truth.visible for _, truth in seen])
        self.truth = np.array([truth.shape for _, truth in seen])
        self.inter_ocular = np.array([video.inter_ocular(shape) for shape in self.truth])
        self.faces = [video.own_face(found[number][0], truth) for number, truth in seen]
        self.ids = [face.id if face else None for face in self.faces]
        self.shapes = np.array([face.shape if face else np.full((len(video.points), 2), np.nan)
                                for face in self.faces])

    def stretches(self, least=20):
        """Where it is in full view and found, without a break: slices of at least @least frames."""
        good = (self.visible > videos.WHOLE) & np.array([face is not None for face in self.faces])
        edges = np.flatnonzero(np.diff(np.concatenate([[0], good, [0]])))
        return [slice(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= least]

    def switches(self):
        ids = [number for number in self.ids if number is not None]
        return sum(a != b for a, b in zip(ids, ids[1:]))

    def recoveries(self):
        """Frames from when most of the face can be seen again until it is found."""
        hidden = self.visible < HIDDEN
        ends = [i for i in range(1, len(hidden)) if hidden[i - 1] and not hidden[i]]
        starts = [next(i for i in range(end, len(hidden)) if self.visible[i] >= SEEN) for end in ends]
        return [next((i for i in range(start, len(hidden)) if self.faces[i]), len(hidden)) - start for start in starts]


def in_the_air(video, found):
    """The longest run of frames in which a face was told that is nobody's."""
    longest = current = 0
    for truth, (faces_there, _) in zip(video.truth, found, strict=True):
        own = [video.own_face(faces_there, one) for one in truth]
        current = current + 1 if len(faces_there) > len({face.id for face in own if face}) else 0
        longest = max(longest, current)
    return longest


def weighted(parts, weights):
    return float(np.average(parts, weights=weights))


def measure_mode(video, found):
    people = [Person(video, found, person) for person in sorted({t.person for frame in video.truth for t in frame})]
    cuts = [(person, where) for person in people for where in person.stretches()]
    arrays = [(p.shapes[w], p.truth[w], p.inter_ocular[w]) for p, w in cuts]
    lengths = [len(shapes) for shapes, _, _ in arrays]
    error = np.concatenate([steadiness.errors(*part) for part in arrays])
    long = [part for part in arrays if len(part[0]) > LONG]
    if not long:
        raise faces.DataError(f'of {len(found)} frames of the {video.name} video no face is followed for more than {LONG}')
    recoveries = [frames for person in people for frames in person.recoveries()]
    return {
        'error': float(error.mean()),
        'scatter': weighted([steadiness.scatter(*part) for part in arrays], lengths),
        'jitter': float(np.sqrt(weighted([steadiness.jitter(s, d) ** 2 for s, _, d in arrays], lengths))),
        'jitter_of_error': float(np.sqrt(weighted([steadiness.jitter(s - t, d) ** 2 for s, t, d in arrays], lengths))),
        'lag': weighted([steadiness.lag(s, t) for s, t, _ in long], [len(s) for s, _, _ in long]),
        'mismatch': [weighted([steadiness.mismatch(s, t, frames) ** .5 / d.mean() for s, t, d in long],
                              [len(s) for s, _, _ in long]) for frames in steadiness.LAGS],
        'found': sum(map(len, (np.flatnonzero(p.visible > videos.WHOLE)[[p.faces[i] is not None for i in
                                                                np.flatnonzero(p.visible > videos.WHOLE)]] for p in people)))
        / sum(int((p.visible > videos.WHOLE).sum()) for p in people),
        'switches': sum(person.switches() for person in people),
        'nobody': in_the_air(video, found),
        'recovery': max(recoveries, default=0),
        'curve': [None if np.isnan(v) else float(v) for v in jitter_over_time(people[0])],
        'seconds': [seconds for _, seconds in found],
    }


def jitter_over_time(person):
    return np.sqrt(np.mean(steadiness.second_differences(person.shapes, person.inter_ocular) ** 2, axis=1))


def measure_truth(video):
    people = {t.person for frame in video.truth for t in frame}
    shapes = [np.array([t.shape for frame in video.truth for t in frame if t.person == person]) for person in people]
    return float(np.sqrt(weighted([steadiness.jitter(s, np.array([video.inter_ocular(x) for x in s])) ** 2
                                   for s in shapes], [len(s) for s in shapes])))


def measure(options):
    sets = [videos.generated(ROOT / 'tests' / 'people', options.limit)]
    if options.data:
        sets.insert(0, videos.talking(options.data / 'talking_face', options.limit))
    figures = {'model': hashlib.sha256(options.model.read_bytes()).hexdigest(), 'limit': options.limit, 'videos': {}}
    for video in sets:
        found = run(video, options.model)
        figures['videos'][video.name] = {'truth': measure_truth(video),
                                         'modes': {name: measure_mode(video, found[name]) for name in MODES}}
    return figures


def steadiness_table(video):
    rows = [['the annotation', '', '', document.percent(video['truth']), '', '']]
    for name, mode in video['modes'].items():
        rows.append([name, document.percent(mode['error']), document.percent(mode['scatter']),
                     document.percent(mode['jitter']), document.percent(mode['jitter_of_error']),
                     f'{mode["lag"]:+.2f}'])
    return document.table(['', 'error', 'without its constant part', 'jitter', 'jitter of the error', 'lag, frames'],
                          rows)


def identity_table(video):
    rows = [[name, document.percent(mode['found']), mode['switches'], mode['nobody'], mode['recovery']]
            for name, mode in video['modes'].items() if name != PLOTTED[0]]
    return document.table(['', 'faces in full view that are found', 'changes of id', 'frames with a face that is none',
                           'frames until a face is found again'], rows)


def cost_table(figures):
    rows = []
    for name, video in figures['videos'].items():
        median = {mode: float(np.median(video['modes'][mode]['seconds'])) for mode in MODES}
        rows.append([name, *(f'{median[mode] / median[PLOTTED[0]]:.2f}' for mode in MODES)])
    return document.table(['', *MODES], rows)


def tables(figures):
    made = {'model': f'Model: SHA-256 `{figures["model"]}`.', 'cost': cost_table(figures)}
    for name in SETS:
        video = figures['videos'].get(name)
        made[f'{name.replace(" ", "-")}-steadiness'] = steadiness_table(video) if video else 'Not measured.'
    made['generated-identity'] = identity_table(figures['videos']['generated'])
    return made


def write(figures, output):
    folder = output / 'video'
    folder.mkdir(parents=True, exist_ok=True)
    path = output / DOCUMENT
    if not path.exists():
        shutil.copyfile(ROOT / 'docs' / DOCUMENT, path)
    path.write_text(document.fill(path.read_text(encoding='utf-8'), tables(figures)), encoding='utf-8')
    for name, video in figures['videos'].items():
        modes = {mode: video['modes'][mode] for mode in PLOTTED}
        stem = name.replace(' ', '-')
        plots.over_time(folder / f'{stem}-jitter.svg', {mode: m['curve'] for mode, m in modes.items()},
                        'second difference, % of inter-ocular', 100, videos.FPS)
        plots.lag(folder / f'{stem}-lag.svg', steadiness.LAGS, {mode: m['mismatch'] for mode, m in modes.items()})
        unit = float(np.median(modes[PLOTTED[0]]['seconds']))
        plots.over_time(folder / f'{stem}-cost.svg', {mode: m['seconds'] for mode, m in modes.items()},
                        'time of a frame, relative', 1 / unit, videos.FPS)


def main():
    options = parse()
    try:
        if options.render:
            figures = document.read_figures(options.figures)
        else:
            figures = measure(options)
            options.figures.parent.mkdir(parents=True, exist_ok=True)
            options.figures.write_text(json.dumps(figures) + '\n', encoding='utf-8')
        whole = not figures['limit'] and len(figures['videos']) == len(SETS)
        write(figures, options.output or (ROOT / 'docs' if whole else TRIAL))
    except ERRORS as error:
        sys.exit(f'video: {error}')


if __name__ == '__main__':
    main()
