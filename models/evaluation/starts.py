# SPDX-License-Identifier: LGPL-2.1-or-later
"""What starts that are off cost: noise on the box, and boxes of detectors."""

import numpy as np

import boxes
import detectors
import element
import plots
import published
from document import percent, points, share, table
from session import REPORTED, say

FIT_ON = ('lfpw_train', 'helen_train')
# --start-noise and --repeat. The first is what the requirement is about.
REQUIRED = '0.1,0.1,10'
NOISE = {
    REQUIRED: 10,
    '0.1,0,0': 3,
    '0,0.1,0': 3,
    '0,0,10': 3,
    '0.05,0.05,5': 3,
    '0.15,0.15,15': 3,
    '0.2,0.2,20': 3,
}
STRENGTHS = {0: None, 5: '0.05,0.05,5', 10: REQUIRED, 15: '0.15,0.15,15', 20: '0.2,0.2,20'}
ALLOWED_NOISE, ALLOWED_DETECTOR = .0015, .0010
# Maps that dan-eval knows by name; a detector whose boxes are tight needs no other.
NAMED_MAPS = {detectors.Haar.name: 'haar', element.FaceDetect.name: 'landmarks'}


def _brief(summary):
    return {'nme': summary['nme_inter_ocular'], 'failures': summary['failure_008']}


def _noise(session, faces):
    figures = {}
    for noise, repeat in NOISE.items():
        say(f'  noise {noise}')
        figures[noise] = session.each_model(lambda model: _brief(session.evaluator.evaluate(
            model, faces, '--start-noise', noise, '--repeat', repeat).summary))
    return figures


def _matched(detector, faces):
    """Indices of the faces that @detector finds, and its boxes of them."""
    matches = [boxes.match(box, found)
               for box, found in zip(faces.boxes(), detectors.find(detector, faces), strict=True)]
    indices = [i for i, box in enumerate(matches) if box is not None]
    return indices, np.array([matches[i] for i in indices])


def _fit(session, detector):
    detected, true = [], []
    for name in FIT_ON:
        faces = session.faces(name)
        indices, found = _matched(detector, faces)
        detected.append(found)
        true.append(faces.boxes()[indices])
    if not any(map(len, detected)):
        raise detectors.DataError(f'{detector.name} finds none of the faces that its box map is fitted to')
    detected, true = (np.concatenate([part for part in parts if len(part)]) for parts in (detected, true))
    return [round(float(value), 3) for value in boxes.fit_map(detected, true)]


def _detector(session, detector, faces):
    say(f'  {detector.name}')
    is_tight = NAMED_MAPS.get(detector.name) == 'landmarks'
    fitted = None if is_tight else _fit(session, detector)
    indices, found = _matched(detector, faces)
    if not indices:
        raise detectors.DataError(f'{detector.name} finds no face of {REPORTED}')
    seen = faces.take(indices)

    def measure(*options, **start):
        return session.each_model(
            lambda model: _brief(session.evaluator.evaluate(model, seen, *options, **start).summary))

    maps = {} if is_tight else {'fitted': ','.join(map(str, fitted))}
    if detector.name in NAMED_MAPS:
        maps[f'`{NAMED_MAPS[detector.name]}`'] = NAMED_MAPS[detector.name]
    return {'faces': len(faces), 'missed': len(faces) - len(seen), 'map': fitted, 'tight': measure(),
            'maps': {name: measure('--box-map', value, boxes=found) for name, value in maps.items()}}


def measure(session):
    faces = session.faces(REPORTED)
    found = [element.FaceDetect(), *([detectors.YuNet(session.yunet)] if session.yunet else []), detectors.Haar()]
    return {'tight': session.each_model(lambda model: _brief(session.evaluator.evaluate(model, faces).summary)),
            'noise': _noise(session, faces),
            'detectors': {detector.name: _detector(session, detector, faces) for detector in found}}


def _verdict(rise, allowed):
    return 'yes' if rise <= allowed else '**no**'


def _noise_rows(figures):
    for model, tight in figures['tight'].items():
        yield [model, 'none', '', percent(tight['nme']), '', share(tight['failures'])]
        for noise, models in figures['noise'].items():
            brief = models[model]
            yield [model, f'`{noise}`', NOISE[noise], percent(brief['nme']), points(brief['nme'] - tight['nme']),
                   share(brief['failures'])]


def _detector_rows(figures):
    """Detector, figures of it, model, kind of map, and brief figures from the tight box and from the detector's."""
    for name, detector in figures['detectors'].items():
        for kind, models in detector['maps'].items():
            for model, brief in models.items():
                yield name, detector, model, kind, detector['tight'][model], brief


def _requirements(figures):
    for model, brief in figures['noise'][REQUIRED].items():
        rise = brief['nme'] - figures['tight'][model]['nme']
        yield [model, f'noise `{REQUIRED}`', points(rise), points(ALLOWED_NOISE), _verdict(rise, ALLOWED_NOISE)]
    for name, _, model, kind, tight, brief in _detector_rows(figures):
        rise = brief['nme'] - tight['nme']
        yield [model, f'boxes of {name}, {kind} map', points(rise), points(ALLOWED_DETECTOR), _verdict(rise, ALLOWED_DETECTOR)]


def _same_pictures(figures):
    """This project's own detector."""
    for name, detector, model, kind, _, brief in _detector_rows(figures):
        if name == element.FaceDetect.name:
            found = detector['faces'] - detector['missed']
            yield [f'**{model}**', percent(figures['tight'][model]['nme']),
                   f'{percent(brief["nme"])} ({name}, {found} faces)']


def tables(figures):
    return {
        'requirements': table(['model', 'start', 'NME rises by', 'allowed', 'reached'], _requirements(figures)),
        'start-noise': table(['model', 'noise', 'starts a face', 'inter-ocular NME', 'rises by', 'failures'],
                       _noise_rows(figures)),
        'detectors': table(
            ['detector', 'missed', 'box map', 'model', 'NME, tight box', 'NME, detector\'s', 'rises by', 'failures'],
            ([name, f'{detector["missed"]} of {detector["faces"]}', kind, model, percent(tight['nme']),
              percent(brief['nme']), points(brief['nme'] - tight['nme']), share(brief['failures'])]
             for name, detector, model, kind, tight, brief in _detector_rows(figures))),
        'box-maps': table(['detector', 'scale x', 'scale y', 'offset x', 'offset y'],
                          ([name, *(f'{value:.3f}' for value in detector['map'])]
                           for name, detector in figures['detectors'].items() if detector['map'])),
        'same-pictures': published.same_pictures(list(_same_pictures(figures))),
    }


def draw(figures, folder):
    curves = {}
    for model, tight in figures['tight'].items():
        briefs = [figures['noise'][noise][model] if noise else tight for noise in STRENGTHS.values()]
        curves[model] = [brief['nme'] for brief in briefs]
    plots.starts(folder / 'starts.svg', list(STRENGTHS), curves)
