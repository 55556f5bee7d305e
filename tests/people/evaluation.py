# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of models/evaluation on videos share: its modules, and skipping where something that they need is missing."""

import importlib
import pathlib
import sys

from support import SKIPPED

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / 'models' / 'evaluation'


def module(name):
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module(name)
    except (ImportError, ValueError) as error:
        print(f'skipped: {error}')
        sys.exit(SKIPPED)
