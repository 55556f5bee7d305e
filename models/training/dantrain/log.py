# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a training says while it runs: lines on the terminal, the same as JSON
lines in a file, and a picture of the curves."""

import json
import os
import time


def clock(seconds):
    return f'{int(seconds) // 3600}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02}'


class Log:
    """Appends to FOLDER/log.jsonl; records that a resumed training is about to
    repeat are dropped."""

    def __init__(self, folder, n_records):
        self.path, self.picture = os.path.join(folder, 'log.jsonl'), os.path.join(folder, 'curves.png')
        self.records = []
        if n_records and os.path.exists(self.path):
            with open(self.path) as file:
                self.records = [json.loads(line) for line in file][:n_records]
        with open(self.path, 'w') as file:
            file.writelines(json.dumps(record) + '\n' for record in self.records)
        self.started = time.monotonic()

    def add(self, record, ahead, speed):
        """@record of one validation; @ahead faces are left to train on."""
        self.records.append(record)
        with open(self.path, 'a') as file:
            file.write(json.dumps(record) + '\n')
        errors = ' '.join(f'{100 * e:.3f}' for e in record['validation'])
        print(f'{record["phase"]}  {record["share"]:4.0%}  {speed:.0f} faces/s  {clock(ahead / max(speed, 1e-9))} left  '
              f'rate {record["rate"]:.1e}  loss {record["loss"]:.4f}  validation NME {errors} %', flush=True)
        self.draw()

    def draw(self):
        """Losses and validation errors over the faces seen."""
        import matplotlib
        matplotlib.use('Agg')
        import matplotlib.pyplot as plt
        seen = [record['seen'] / 1000 for record in self.records]
        figure, (losses, errors) = plt.subplots(2, 1, sharex=True, figsize=(9, 7))
        losses.semilogy(seen, [record['loss'] for record in self.records])
        losses.set_ylabel('training loss')
        for stage in range(max(len(record['validation']) for record in self.records)):
            has = [(x, 100 * r['validation'][stage]) for x, r in zip(seen, self.records) if len(r['validation']) > stage]
            errors.semilogy(*zip(*has), label=f'stage {stage + 1}')
        errors.set_ylabel('validation NME, inter-ocular, %')
        errors.set_xlabel('thousand faces')
        errors.legend()
        figure.tight_layout()
        figure.savefig(self.picture)
        plt.close(figure)
