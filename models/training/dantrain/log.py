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
    repeat are dropped. A subclass says what it counts (UNIT), what validation
    measures (MEASURE), and how that is told: describe(), curves()."""
    UNIT = MEASURE = None

    def describe(self, validation):
        """The end of a line on the terminal."""
        raise NotImplementedError

    def curves(self, validation):
        """Numbers to draw, by the label of their curve."""
        raise NotImplementedError

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
        """@record of one validation; @ahead units are left to train on."""
        self.records.append(record)
        with open(self.path, 'a') as file:
            file.write(json.dumps(record) + '\n')
        print(f'{record["phase"]}  {record["share"]:4.0%}  {speed:.0f} {self.UNIT}/s  {clock(ahead / max(speed, 1e-9))} left  '
              f'rate {record["rate"]:.1e}  loss {record["loss"]:.4f}  {self.describe(record["validation"])}', flush=True)
        self.draw()

    def draw(self):
        """Losses and what validation measured, over what was seen."""
        import matplotlib
        matplotlib.use('Agg')
        import matplotlib.pyplot as plt
        seen = [record['seen'] / 1000 for record in self.records]
        figure, (losses, measures) = plt.subplots(2, 1, sharex=True, figsize=(9, 7))
        losses.semilogy(seen, [record['loss'] for record in self.records])
        losses.set_ylabel('training loss')
        curves = [self.curves(record['validation']) for record in self.records]
        for label in dict.fromkeys(label for values in curves for label in values):
            has = [(x, values[label]) for x, values in zip(seen, curves) if label in values]
            measures.semilogy(*zip(*has), label=label)
        measures.set_ylabel(self.MEASURE)
        measures.set_xlabel(f'thousand {self.UNIT}')
        measures.legend()
        figure.tight_layout()
        figure.savefig(self.picture)
        plt.close(figure)
