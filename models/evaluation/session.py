# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the parts of an evaluation share."""

import dataclasses
import pathlib
import sys

import daneval
import faces

REPORTED = 'lfpw_test'


def say(text):
    print(text, file=sys.stderr, flush=True)


@dataclasses.dataclass
class Session:
    evaluator: daneval.Evaluator
    models: list
    data: pathlib.Path  # folder of the annotated sets
    limit: int  # faces of each set; 0: all
    yunet: pathlib.Path | None
    folder: pathlib.Path  # for files that are of no use afterwards

    def faces(self, name):
        return faces.read(self.data / f'{name}.csv', self.limit)

    def each_model(self, function):
        """What @function gives for each model, by the models' names."""
        return {model.name: function(model) for model in self.models}
