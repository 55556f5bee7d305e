#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Train a Deep Alignment Network and write it as a .dan model.

    train.py pack --data DIR --crops CROPS.npz   all sets' crops as one file
    train.py train --crops CROPS.npz --out DIR   ... and again to go on
    train.py average --out DIR DIR DIR...        one network of several
    train.py teach --crops CROPS.npz --out DIR   a network that labels for others
    train.py relabel --crops CROPS.npz --out DIR NEW.npz
                                                 better automatic labels
    train.py heads --crops CROPS.npz --out DIR   how sure the network may be
    train.py export --out DIR --name NAME MODEL.dan

`train` stops by itself after --minutes, and goes on where it was when it is
called again with the same options. README.md beside it tells the whole way.
"""

import argparse
import os
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dantrain import augment, exchange, folded, grow, guessed, heads, heatmaps, loop, losses, network, plan, relabel, sets, shapes, teaching, training  # noqa: E402
from dantrain import options as running  # noqa: E402

AUTOMATIC = dict(noisy=None, guessed=.4)  # parts that relabel() labels, and how far off their labels may be; None: as told
HEADS, WEIGHTS = 'heads.pt', 'weights.npz'  # in --out, of heads and export
AUGMENTATION = dict(shift=running.amount, scale=running.amount, rotation=running.amount, wild=running.share,
                    damage=running.amount, blinks=running.share)  # fields of augment.Strength that are options
STATISTICS = 512  # faces that the grey level's mean and deviation are taken from


def pack(options):
    def path(name):
        return os.path.join(options.data, f'{name}.csv')

    parts, rng = {}, np.random.default_rng(options.seed)
    for part, names in ('clean', options.clean), ('noisy', options.noisy):
        if names:
            parts[part] = sets.join([sets.read(path(name)) for name in names])
            print(f'{part}: {len(parts[part])} faces of {", ".join(names)}', flush=True)
    if options.exchanged:
        parts['exchanged'] = exchange.exchanged(sets.hold_out(parts['clean'])[0], options.exchanged, rng)
    if options.teacher:
        parts['guessed'] = guessed.read([path(name) for name in options.background], options.teacher, parts['clean'].shapes)
        print(f'guessed: {len(parts["guessed"])} faces that nobody annotated; relabel them', flush=True)
    background = np.concatenate([sets.read_background(path(name), rng) for name in options.background])
    sets.pack(options.crops, parts, background, options.quality)
    print(f'{options.crops}: {os.path.getsize(options.crops) / 1e6:.1f} MB, background: {len(background)} crops')


def split(crops):
    """(training faces, noisy and exchanged faces or None, validation faces,
    background) of packed crops."""
    parts, background = sets.unpack(crops)
    if 'clean' not in parts:
        raise sets.SetError(f'{crops}: no clean faces in it')
    faces, held_out = sets.hold_out(parts['clean'])
    return faces, parts.get('noisy'), parts.get('exchanged'), held_out, background


def strength(options):
    return augment.Strength(**{field: getattr(options, field) for field in AUGMENTATION})


def read_start(options):
    """The arrays of the model to start from, as wide and with as large faces as
    the options say."""
    arrays = folded.read_model(options.start)
    if 's1.conv1a.b' not in arrays:
        raise ValueError(f'{options.start}: a detector, which finds no landmarks')
    wider = network.CHANNELS[0] * options.width / len(arrays['s1.conv1a.b'])
    if wider < 1 or wider != int(wider):
        raise ValueError(f'{options.start}: a network of its width cannot become one of width {options.width}')
    if wider > 1 and folded.decoders(arrays):
        raise ValueError(f'{options.start}: a network with a decoder cannot be widened')
    if wider > 1:
        arrays = grow.widen(arrays, int(wider))
    return grow.enlarge(arrays, _factor(arrays['mean_shape'], options.extent),
                        _factor(arrays.get('upright_shape', arrays['mean_shape']), options.upright_extent))


def _factor(shape, extent):
    """What makes it as large as @extent; None: as it is."""
    return extent / float(shapes.extent(torch.as_tensor(shape))) if extent else 1.


def _decoders(options, known):
    """The stages that have one, if those of --start are @known. The recurrent
    stage learns with one if the last stage has one."""
    last = options.stages - 1
    decoders = {*known, last} if options.decoder else set(known)
    if last in decoders and options.recurrent_crops > 0:
        decoders.add(network.RECURRENT)
    return decoders


def make_cascade(options, train):
    """A new network, or one that starts from a model's weights."""
    arrays = read_start(options) if options.start else None
    if arrays:
        mean, upright = (torch.from_numpy(arrays[name]) for name in ('mean_shape', 'upright_shape'))
    else:
        mean = shapes.mean_shape(torch.from_numpy(train.shapes), options.extent or shapes.EXTENT)
        upright = shapes.enlarged(mean, _factor(mean, options.upright_extent))
    sampler = augment.Sampler(train, mean, strength(options), 'cpu')
    view = sampler.show(sampler.draw(STATISTICS))
    images = view.images()
    cascade = network.Cascade(mean, options.width, options.stages, options.recurrent > 0, options.dropout, upright,
                              _decoders(options, folded.decoders(arrays or {})))
    cascade.image_mean.fill_(images.mean())
    cascade.image_std.fill_(images.std())
    if arrays:
        if folded.has_recurrent(arrays) and not options.recurrent:
            print(f'{options.start}: its recurrent stage is left out, because --recurrent is 0')
        folded.load(cascade, arrays, view)
    return cascade


def check_width(channels, options):
    if int(channels[0] * options.width) < 1:
        raise ValueError(f'--width {options.width} leaves no planes')


def check_network(options):
    check_width(network.CHANNELS, options)
    if options.decoder and options.stages < 2:
        raise ValueError('--decoder with --stages 1: it needs a stage before its own')
    if not 0 <= options.frozen < options.stages and options.joint_crops > 0:
        raise ValueError(f'--frozen {options.frozen} of --stages {options.stages} leaves nothing to train together')


def check_shares(noisy, options):
    if noisy + options.exchanged > 1:
        raise ValueError(f'{noisy} of a batch labelled automatically and --exchanged {options.exchanged} are more than all')


def run_loop(kind, learner, samplers, phases, options):
    torch.backends.cudnn.benchmark = True  # all batches are of one size
    os.makedirs(options.out, exist_ok=True)
    if not kind(learner, samplers, phases, options).run():
        print('the time is up: run the same again to go on')


def train(options):
    check_network(options)
    check_shares(max(options.noisy, options.joint_noisy), options)
    torch.manual_seed(options.seed)
    faces, noisy, exchanged, held_out, _ = split(options.crops)
    if options.with_held_out:
        faces = sets.join([faces, held_out])
    after = f', and {len(exchanged)} exchanged' if exchanged else ''
    print(f'{len(faces)} faces, and {len(noisy or [])} labelled automatically{after}', flush=True)
    cascade = make_cascade(options, faces).to(options.device).to(memory_format=torch.channels_last)
    cascade.bf16 = options.bf16
    samplers = [part and augment.Sampler(part, cascade.mean_shape, strength(options), options.device)
                for part in (faces, noisy, exchanged, held_out)]
    run_loop(training.Training, cascade, samplers, plan.make_plan(options, bool(options.start)), options)


def teach(options):
    check_width(heatmaps.CHANNELS, options)
    check_shares(options.noisy, options)
    torch.manual_seed(options.seed)
    faces, noisy, exchanged, held_out, _ = split(options.crops)
    upright = shapes.mean_shape(torch.from_numpy(faces.shapes), heatmaps.EXTENT)
    teacher = heatmaps.HeatmapNetwork(upright, options.width).to(options.device).to(memory_format=torch.channels_last)
    teacher.bf16 = options.bf16
    samplers = [part and augment.Sampler(part, upright, teaching.NEAR, options.device, teaching.UprightStarts)
                for part in (faces, noisy, exchanged, held_out)]
    phases = [plan.Phase('heatmaps', 1, 0, options.faces, options.rate, options.noisy)]
    run_loop(teaching.Teaching, teacher, samplers, phases, options)


def average(options):
    states = [loop.load_checkpoint(folder) for folder in options.trained]
    try:
        state = loop.average(states)
    except ValueError as error:
        raise ValueError(f'{" and ".join(options.trained)}: {error}') from error
    os.makedirs(options.out, exist_ok=True)
    torch.save(state, os.path.join(options.out, loop.CHECKPOINT))


def load_trained(options):
    """The average of the weights in options.out's checkpoint."""
    state = loop.load_checkpoint(options.out)
    weights = state['average']
    if 'mean_shape' not in weights:
        raise ValueError(f'{options.out}: what was trained there is no cascade')
    n_stages = sum(name.startswith('stages.') and name.endswith('.fc2.bias') for name in weights)
    decoders = [s for s in range(n_stages) if f'decoders.{s}.share' in weights]
    if 'recurrent.decoder.share' in weights:
        decoders.append(network.RECURRENT)
    cascade = network.Cascade(weights['mean_shape'], state['width'], n_stages, 'recurrent.stage.fc1.weight' in weights,
                              decoders=decoders)
    cascade.load_state_dict(weights)
    return cascade.eval()


def load_teacher(options):
    teacher = teaching.load(options.teacher).to(options.device).to(memory_format=torch.channels_last)
    teacher.bf16 = options.bf16
    return teacher


def relabel_noisy(options):
    torch.manual_seed(options.seed)
    parts, background = sets.unpack(options.crops)
    if not any(part in parts for part in AUTOMATIC):
        raise sets.SetError(f'{options.crops}: no automatically labelled faces in it')
    cascade = load_trained(options).to(options.device).to(memory_format=torch.channels_last)
    cascade.bf16 = options.bf16
    teacher = load_teacher(options) if options.teacher else None
    n = sum(len(parts[part]) for part in AUTOMATIC if part in parts)
    parts['noisy'] = relabel.relabel_all(cascade, teacher, [(parts.pop(part), distance or options.distance)
                                                            for part, distance in AUTOMATIC.items() if part in parts], options.spread)
    sets.pack(options.new, parts, background, options.quality)
    print(f'{options.new}: {len(parts["noisy"])} of {n} automatically labelled faces')


def _examples(cascade, faces, background, n, steps_only):
    """heads.by_part() of new examples; of recurrent steps, if it takes any,
    there are half as many."""
    of = cascade, faces, background, augment.Strength()
    first = None if steps_only else heads.collect(heads.CascadeExamples(*of), n)
    return heads.by_part(first, heads.collect(heads.StepExamples(*of), n // 2) if cascade.recurrent else None)


def train_heads(options):
    torch.manual_seed(options.seed)
    faces, _, _, held_out, background = split(options.crops)
    cascade = load_trained(options).to(options.device).to(memory_format=torch.channels_last)
    cascade.bf16 = options.bf16
    if options.steps_only and not cascade.recurrent:
        raise ValueError(f'{options.out}: --steps-only, but the network has no recurrent stage')
    examples = _examples(cascade, faces, background[::2], options.examples, options.steps_only)
    trained = [heads.fit(hidden, errors) for _, hidden, errors in examples]
    unseen = _examples(cascade, held_out, background[1::2], options.examples // 10, options.steps_only)
    for head, example in zip(trained, unseen):
        heads.report(head, *example)
    kept = list(cascade.heads)[:len(cascade.heads) - len(trained)]
    torch.save([head.state_dict() for head in kept + trained], os.path.join(options.out, HEADS))


def export(options):
    cascade, path = load_trained(options), os.path.join(options.out, HEADS)
    has_heads = os.path.exists(path)
    if has_heads:
        for head, state in zip(cascade.heads, torch.load(path, map_location='cpu')):
            head.load_state_dict(state)
    if cascade.recurrent and not has_heads:
        raise ValueError(f'{options.out}: a network with a recurrent stage needs error heads: run heads first')
    source = folded.convert.Source(folded.fold(cascade, has_heads))
    options.scheme, options.image_size = 'ibug-68', shapes.SIZE
    with open(options.model, 'wb') as file:
        file.write(folded.convert.convert(source, options))
    np.savez(os.path.join(options.out, WEIGHTS), **folded.read_model(options.model))
    print(f'{options.model}: {os.path.getsize(options.model)} bytes')


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar='COMMAND')

    packing = commands.add_parser('pack', help='write all crops to one file',
                                  formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    packing.add_argument('--data', required=True, metavar='DIR', help='folder of SET.csv and pictures')
    packing.add_argument('--crops', required=True, metavar='CROPS.npz', help='to write')
    packing.add_argument('--clean', nargs='+', default=['lfpw_train', 'helen_train', 'afw_crops'], metavar='SET',
                         help='labelled by people; every tenth picture is kept for validation')
    packing.add_argument('--noisy', nargs='*', default=['ytf'], metavar='SET', help='labelled automatically')
    packing.add_argument('--background', nargs='+', default=['afw', 'lfpw_train', 'helen_train'], metavar='SET',
                         help='pictures to take places without a face from')
    packing.add_argument('--exchanged', type=int, default=0, metavar='N', help='faces to make by exchanging those of others')
    packing.add_argument('--teacher', metavar='YUNET.onnx',
                         help='finds faces that nobody annotated in the pictures of --background, for relabel')
    packing.add_argument('--quality', type=int, default=72, help='of the JPEGs in it')
    packing.add_argument('--seed', type=int, default=0)
    packing.set_defaults(run=pack)

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument('--crops', required=True, metavar='CROPS.npz', help='what pack wrote')
    running.add_running(common)

    trainer = commands.add_parser('train', help='train, or go on training', parents=[common],
                                  formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    trainer.add_argument('--width', type=float, default=1., help='1: as in the paper; .5: the lite network')
    trainer.add_argument('--stages', type=running.positive, default=2, help='of the cascade')
    trainer.add_argument('--start', metavar='MODEL.dan', help='go on from this model, widened and enlarged if need be')
    trainer.add_argument('--extent', type=float, metavar='PIXELS',
                         help=f"larger side of the mean shape; None: that of --start's, or {shapes.EXTENT}")
    trainer.add_argument('--upright-extent', type=float, metavar='PIXELS',
                         help='the same, where faces are turned upright: before each stage but the first')
    trainer.add_argument('--decoder', action='store_true',
                         help="the last stage has a decoder, which draws heatmaps; one of --start's goes on as it is")
    trainer.add_argument('--frozen', type=int, default=0, metavar='N', help='stages that stay as they are, all together')
    trainer.add_argument('--stage-crops', type=int, default=3_000_000, metavar='N', help='faces for each stage alone')
    trainer.add_argument('--joint-crops', type=int, default=2_000_000, metavar='N', help='faces for all together')
    running.add_loop(trainer, batch=64, report=120)
    trainer.add_argument('--rate', type=running.amount, default=1e-3, help='learning rate of a stage alone')
    trainer.add_argument('--joint-rate', type=running.amount, default=3e-4, help='learning rate of all together')
    trainer.add_argument('--noisy', type=running.share, default=.3, help='share of automatically labelled faces')
    trainer.add_argument('--joint-noisy', type=running.share, default=.1, help='the same, all together')
    trainer.add_argument('--recurrent', type=int, default=0, metavar='N',
                         help='a stage learns to follow faces for N frames; 0: there is none')
    trainer.add_argument('--recurrent-crops', type=int, default=500_000, metavar='N', help='faces for that')
    trainer.add_argument('--recurrent-rate', type=running.amount, default=3e-4, help='learning rate of that')
    trainer.add_argument('--recurrent-noisy', type=running.share, default=.1, help='share of automatically labelled faces in that')
    trainer.add_argument('--exchanged', type=running.share, default=0., help='share of exchanged faces, if there are any')
    trainer.add_argument('--dropout', type=running.share, default=network.DROPOUT, help="share of fc1's inputs that are left out")
    trainer.add_argument('--lids-weight', type=running.amount, default=1., help="what the landmarks of a shut eye's lids count in it, others 1")
    trainer.add_argument('--frozen-norms', action='store_true',
                         help='batch normalisations keep their statistics, those of --start on some faces: a small batch has worse')
    trainer.add_argument('--loss', choices=losses.LOSSES, default='distance')
    trainer.add_argument('--with-held-out', action='store_true',
                         help='learn the faces kept for validation, too; what it says of them then tells nothing')
    for field, kind in AUGMENTATION.items():
        trainer.add_argument(f'--{field}', type=kind, default=getattr(augment.Strength, field),
                             help='augmentation: see dantrain/augment.py')
    trainer.set_defaults(run=train)

    averager = commands.add_parser('average', help='one network of several trainings from the same --start')
    averager.add_argument('--out', required=True, metavar='DIR', help='to write a checkpoint into')
    averager.add_argument('trained', nargs='+', metavar='DIR', help='of train')
    averager.set_defaults(run=average)

    teacher = commands.add_parser('teach', help='train a network of heatmaps, which labels better', parents=[common],
                                  formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    teacher.add_argument('--width', type=float, default=1., help='factor on its planes')
    teacher.add_argument('--faces', type=running.positive, default=300_000, metavar='N', help='to learn from')
    running.add_loop(teacher, batch=32, report=120)
    teacher.add_argument('--rate', type=running.amount, default=1e-3, help='learning rate')
    teacher.add_argument('--noisy', type=running.share, default=.3, help='share of automatically labelled faces')
    teacher.add_argument('--exchanged', type=running.share, default=0., help='share of exchanged faces, if there are any')
    teacher.set_defaults(run=teach)

    relabeller = commands.add_parser('relabel', help='label the noisy faces anew, by what was trained', parents=[common],
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    relabeller.add_argument('--teacher', metavar='DIR', help='of teach: its labels count as much')
    relabeller.add_argument('--spread', type=float, default=.02, help="of a face's views from their mean, at most; inter-ocular")
    relabeller.add_argument('--distance', type=float, default=.1, help='of that from the old label, at most')
    relabeller.add_argument('--quality', type=int, default=88, help='of the JPEGs, which are encoded again')
    relabeller.add_argument('new', metavar='NEW.npz', help='to write')
    relabeller.set_defaults(run=relabel_noisy)

    confidence = commands.add_parser('heads', help='train the heads that predict errors', parents=[common],
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    confidence.add_argument('--examples', type=int, default=100_000, metavar='N', help='to train on')
    confidence.add_argument('--steps-only', action='store_true', help='that of recurrent steps; the others are those of --start')
    confidence.set_defaults(run=train_heads)

    running.add_export(commands, export)

    return parser.parse_args(arguments)


def main():
    options = parse(sys.argv[1:])
    torch.set_num_threads(getattr(options, 'threads', os.cpu_count()))
    try:
        options.run(options)
    except (sets.SetError, folded.convert.ConversionError, OSError, ValueError) as error:
        sys.exit(f'train.py: {error}')


if __name__ == '__main__':
    main()
