#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Train libdan's face detector.

    train-detector.py pack --data DIR --teacher YUNET.onnx --scenes SCENES.npz
    train-detector.py train --scenes SCENES.npz --out DIR   ... and again to go on
    train-detector.py evaluate --out DIR --data DIR --teacher YUNET.onnx
    train-detector.py export --out DIR --name NAME MODEL.dan
    train-detector.py average --models A.dan B.dan... --name NAME MODEL.dan

`train` stops by itself after --minutes, and goes on where it was when it is
called again with the same options. README.md beside it tells the whole way.
"""

import argparse
import functools
import os
import sys

import cv2
import numpy as np
import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dantrain import loop, plan, sets, shapes  # noqa: E402
from dantrain import options as running  # noqa: E402
from facetrain import batches, detect, evaluation, folded, mining, mosaic, network, scenes, teacher, training  # noqa: E402

WEIGHTS = 'weights.npz'  # in --out, of export
STATISTICS = 32  # images that the batch norms of --start take theirs from
HELD_OUT = 'held-out'  # among the sets of evaluate: what train keeps for validation


def labeller(options):
    return teacher.Teacher(options.teacher) if options.teacher else None


def set_paths(options, names):
    return [os.path.join(options.data, f'{name}.csv') for name in names]


def mean_of(paths):
    """The mean shape of the sets at @paths."""
    annotated = np.stack([shape for path in paths for _, shape in sets.read_rows(path)])
    return shapes.mean_shape(torch.from_numpy(annotated)).numpy()


def pack(options):
    teach, parts = labeller(options), {}
    mean = mean_of(set_paths(options, options.clean))
    for part, names, every in ('clean', options.clean, 1), ('noisy', options.noisy, options.noisy_every):
        if names:
            parts[part] = scenes.read_all(set_paths(options, names), teach, mean, lambda found: found[::every])
            counts = np.bincount(np.concatenate(parts[part].kinds), minlength=3)
            print(f'{part}: {len(parts[part])} pictures of {", ".join(names)} with {counts[scenes.ANNOTATED]} annotated '
                  f'faces, {counts[scenes.TAUGHT]} of the teacher, {counts[scenes.IGNORED]} to ignore', flush=True)
    scenes.pack(options.scenes, parts, options.quality)
    print(f'{options.scenes}: {os.path.getsize(options.scenes) / 1e6:.1f} MB')


def split(path):
    """(training pictures, validation pictures, noisy pictures or None) of packed
    scenes."""
    parts = scenes.unpack(path)
    if 'clean' not in parts:
        raise sets.SetError(f'{path}: no clean pictures in it')
    return *sets.hold_out(parts['clean']), parts.get('noisy')


def read_start(options, clean):
    """The detector of the model to start from."""
    mosaics = mosaic.Mosaics(clean, None, mosaic.Strength(noisy=0., mined=0.), [])
    images, _ = batches.Maker(mosaics, STATISTICS, options.side, options.seed).make(0)
    return folded.load(options.start, torch.from_numpy(images)[:, None].float() / 255)


def train(options):
    if options.side < 64 or options.side % 64:
        raise ValueError('--side must be a multiple of 64')
    if options.mined and not options.start:
        raise ValueError('--mined needs a network to --start from')
    os.makedirs(options.out, exist_ok=True)
    torch.manual_seed(options.seed)
    clean, held_out, noisy = split(options.scenes)
    detector = read_start(options, clean) if options.start else network.Detector(options.width)
    if detector.width != options.width:
        raise ValueError(f'{options.start}: a network of another width')
    detector = detector.to(options.device).to(memory_format=torch.channels_last)
    # Before bfloat16, and anew when it goes on: the same places for the same network.
    mined = mining.mine(functools.partial(detect.detect, detector), clean) if options.mined else []
    strength = mosaic.Strength(rotation=options.rotation, noisy=options.noisy, small=options.small, crowd=options.crowd,
                               mined=options.mined, letters=options.letters)
    maker = batches.Maker(mosaic.Mosaics(clean, noisy, strength, mined), options.batch, options.side, options.seed)
    # A mosaic takes about as long to make as to learn from: more threads for torch would wait for the makers' cores.
    makers = options.threads // 2
    torch.set_num_threads(options.threads - makers)
    coming = batches.Batches(maker, makers)
    detector.train().bf16 = options.bf16
    phases = [plan.Phase('detector', 1, 0, options.images, options.rate, options.noisy)]
    if not training.Training(detector, coming, held_out, phases, options).run():
        print('the time is up: run the same again to go on')
    coming.close()


def load_trained(folder):
    """The average of the weights in the checkpoint of a training's @folder."""
    state = loop.load_checkpoint(folder)
    detector = network.Detector(state['width'])
    detector.load_state_dict(state['average'])
    return detector.eval()


def read_model(path):
    """The detector of a model file; its batch norms need something to look at."""
    return folded.load(path, torch.rand(1, 1, 64, 64))


def evaluate(options):
    os.makedirs(options.out, exist_ok=True)
    detector = read_model(options.model) if options.model else load_trained(options.out)
    rivals = {'Haar': evaluation.haar()} if options.rivals else {}
    if options.rivals and options.teacher:
        rivals['YuNet'] = evaluation.yunet(options.teacher)
    for name in options.set:
        held_out = name == HELD_OUT
        paths = set_paths(options, options.clean if held_out else [name])
        pictures = (scenes.read_held_out if held_out else scenes.read_all)(paths, labeller(options), mean_of(paths))
        figures = evaluation.evaluate(detector, pictures, rivals, options.threshold)
        evaluation.report(options.out, name, figures, rivals)


def write_model(options, arrays):
    with open(options.model, 'wb') as file:
        file.write(folded.model(arrays, options.name, options.licence))
    print(f'{options.model}: {os.path.getsize(options.model)} bytes')


def export(options):
    arrays = folded.fold(load_trained(options.out))
    np.savez(os.path.join(options.out, WEIGHTS), **arrays)
    write_model(options, arrays)


def average(options):
    write_model(options, folded.average([folded.read(path) for path in options.models]))


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar='COMMAND')

    source = argparse.ArgumentParser(add_help=False)
    source.add_argument('--data', required=True, metavar='DIR', help='folder of SET.csv and pictures')
    source.add_argument('--clean', nargs='+', default=['lfpw_train', 'helen_train', 'afw'], metavar='SET',
                        help='labelled by people; every tenth picture is kept for validation')

    packing = commands.add_parser('pack', help='label all pictures\' faces, and write them to one file', parents=[source],
                                  formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    packing.add_argument('--teacher', metavar='YUNET.onnx', help='labels the faces that are not annotated')
    packing.add_argument('--scenes', required=True, metavar='SCENES.npz', help='to write')
    packing.add_argument('--noisy', nargs='*', default=['ytf'], metavar='SET', help='labelled automatically')
    packing.add_argument('--noisy-every', type=running.positive, default=3, metavar='N', help='takes every Nth picture of these')
    packing.add_argument('--quality', type=int, default=40, help='of the JPEGs in it')
    packing.set_defaults(run=pack)

    trainer = commands.add_parser('train', help='train, or go on training',
                                  formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    trainer.add_argument('--scenes', required=True, metavar='SCENES.npz', help='what pack wrote')
    running.add_running(trainer)
    running.add_loop(trainer, batch=16, report=600)
    trainer.add_argument('--width', type=float, default=1., help='of the network')
    trainer.add_argument('--start', metavar='MODEL.dan', help='go on from this model')
    trainer.add_argument('--side', type=running.positive, default=320, metavar='PIXELS', help='of most images: a multiple of 64')
    trainer.add_argument('--images', type=running.positive, default=1_000_000, metavar='N', help='to train on')
    trainer.add_argument('--rate', type=running.amount, default=1e-3, help='learning rate')
    trainer.add_argument('--noisy', type=running.share, default=mosaic.Strength.noisy, help='share of automatically labelled parts')
    trainer.add_argument('--small', type=running.share, default=mosaic.Strength.small,
                         help=f'share of parts with a face of at most {mosaic.SMALL:.0f} pixels, however large the part')
    trainer.add_argument('--crowd', type=running.share, default=mosaic.Strength.crowd,
                         help='share of images that are many parts with a small face each')
    trainer.add_argument('--letters', type=running.share, default=mosaic.Strength.letters,
                         help='share of images with a word, if there is room for it beside the faces')
    trainer.add_argument('--mined', type=running.share, default=mosaic.Strength.mined,
                         help='share of parts that show what the network of --start takes for a face and is none')
    trainer.add_argument('--rotation', type=running.amount, default=mosaic.Strength.rotation, help='degrees, standard deviation')
    trainer.add_argument('--damage', type=running.amount, default=.7, help='factor on how often light and picture are changed')
    trainer.set_defaults(run=train)

    judge = commands.add_parser('evaluate', help='recall against false alarms, beside other detectors', parents=[source],
                                formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    judge.add_argument('--out', required=True, metavar='DIR', help='of train; SET.json and SET.png go there')
    judge.add_argument('--model', metavar='MODEL.dan', help='the detector, in place of the one trained in --out')
    judge.add_argument('--teacher', metavar='YUNET.onnx', help='tells faces that are not annotated')
    judge.add_argument('--set', nargs='+', default=[HELD_OUT], help=f'{HELD_OUT}: what is kept for validation of --clean')
    judge.add_argument('--threshold', type=running.share, default=training.THRESHOLD, help='of the score, in the tables')
    judge.add_argument('--rivals', action=argparse.BooleanOptionalAction, default=True, help='Haar and YuNet too')
    judge.set_defaults(run=evaluate)

    running.add_export(commands, export)

    averager = commands.add_parser('average', help='one detector of several that went on from the same one')
    averager.add_argument('--models', required=True, nargs='+', metavar='MODEL.dan')
    running.add_model(averager, average)

    return parser.parse_args(arguments)


def main():
    options = parse(sys.argv[1:])
    torch.set_num_threads(getattr(options, 'threads', os.cpu_count()))
    cv2.setNumThreads(1)
    try:
        options.run(options)
    except (sets.SetError, teacher.detectors.DataError, folded.convert.ConversionError, OSError, ValueError) as error:
        sys.exit(f'train-detector.py: {error}')


if __name__ == '__main__':
    main()
