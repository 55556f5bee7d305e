# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests of a training as it is run."""

import os
import subprocess
import sys
import tempfile
import unittest


class CommandTest(unittest.TestCase):
    """A subclass names its PROGRAM, and finds a folder of its own at at()."""
    PROGRAM = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.data = cls.folder.name

    @classmethod
    def at(cls, name):
        return os.path.join(cls.data, name)

    @classmethod
    def call(cls, *arguments):
        return subprocess.run([sys.executable, cls.PROGRAM, *arguments], capture_output=True, text=True)

    @classmethod
    def ok(cls, *arguments):
        """What the program says when it does well."""
        result = cls.call(*arguments)
        if result.returncode:
            raise AssertionError(result.stderr)
        return result.stdout

    def expect(self, message, *arguments, code=1):
        """The program fails with exit code @code, and says @message."""
        result = self.call(*arguments)
        self.assertEqual(result.returncode, code)
        self.assertIn(message, result.stderr)
        self.assertNotIn('Traceback', result.stderr)
