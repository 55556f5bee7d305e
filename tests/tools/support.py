# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the tools share: pictures made here, and the tools run on them."""

import csv
import json
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

ALIGN = os.environ.get('DAN_ALIGN', 'dan-align')
EVAL = os.environ.get('DAN_EVAL', 'dan-eval')
SMALL_MODEL = os.environ.get('DAN_TEST_SMALL_MODEL', '')  # has error heads
SKIPPED = 77
N_POINTS = 68


def grey(x, y):
    """Smooth blobs: something to look at that stays the same when moved."""
    value = 128 + 60 * math.sin(x / 9) * math.cos(y / 13) + 50 * math.sin((x + 2 * y) / 31)
    return max(0, min(255, int(value)))


def write_png(path, width, height, offset=0):
    """The picture grey(), moved to the right and down by offset pixels."""
    rows = b''.join(b'\0' + bytes(grey(x - offset, y - offset) for x in range(width))
                    for y in range(height))

    def chunk(name, data):
        body = name + data
        return struct.pack('>I', len(data)) + body + struct.pack('>I', zlib.crc32(body))

    with open(path, 'wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n'
                   + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 0, 0, 0, 0))
                   + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))


def png_size(path):
    with open(path, 'rb') as file:
        head = file.read(24)
    assert head[:8] == b'\x89PNG\r\n\x1a\n', path
    return struct.unpack('>II', head[16:24])


def has_elements(*names):
    inspect = shutil.which('gst-inspect-1.0')
    return bool(inspect) and all(
        subprocess.run([inspect, '--exists', name], stderr=subprocess.DEVNULL).returncode == 0
        for name in names)


def write_video(path, frames, width=160, height=120):
    subprocess.run(['gst-launch-1.0', '-q', 'videotestsrc', f'num-buffers={frames}', '!',
                    f'video/x-raw,format=I420,width={width},height={height},framerate=10/1', '!',
                    'jpegenc', '!', 'avimux', '!', 'filesink', f'location={path}'], check=True)


def box_text(box):
    return ','.join(repr(float(v)) for v in box)


def bounds(points):
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def max_distance(a, b):
    return max(math.dist(p, q) for p, q in zip(a, b, strict=True))


class ToolTest(unittest.TestCase):
    """A folder of its own for each test, which the tools run in."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def bytes(self, name):
        with open(self.path(name), 'rb') as file:
            return file.read()

    def run_tool(self, tool, *args, code=0, env=None):
        done = subprocess.run([tool, *map(str, args)], capture_output=True, cwd=self.folder,
                              env={**os.environ, **(env or {})})
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return done.stdout.decode(), done.stderr.decode()

    def align(self, *args, **kwargs):
        return self.run_tool(ALIGN, *args, **kwargs)

    def align_json(self, *args, **kwargs):
        return [json.loads(line) for line in self.align(*args, **kwargs)[0].splitlines()]

    def detector(self, frames, tight=True):
        """The option for a detector that finds what @frames say: lines as script-detector.c describes them."""
        with open(self.path('script'), 'w') as file:
            file.write('\n'.join(frames) + '\n')
        return '--detector', f'scriptdetector location={self.path("script")} tight={tight}'

    def evaluate(self, *args, **kwargs):
        return self.run_tool(EVAL, *args, **kwargs)

    def evaluate_json(self, *args, **kwargs):
        return json.loads(self.evaluate('--json', *args, **kwargs)[0])

    def write_csv(self, name, header, rows):
        with open(self.path(name), 'w', newline='') as file:
            csv.writer(file).writerows([header, *rows])

    def write_annotations(self, name, faces):
        """faces: pairs of a picture's name and its points."""
        self.write_csv(name, annotation_header(),
                       [[image, *(v for p in points for v in p)] for image, points in faces])

    def read_csv(self, name):
        with open(self.path(name), newline='') as file:
            return list(csv.DictReader(file))


def annotation_header():
    return ['image', *(f'{axis}{k}' for k in range(N_POINTS) for axis in 'xy')]


def row_points(row):
    return [(float(row[f'x{k}']), float(row[f'y{k}'])) for k in range(N_POINTS)]


def main():
    if not os.path.exists(os.environ.get('DAN_MODEL', '')):
        print('no model')
        sys.exit(SKIPPED)
    result = unittest.main(verbosity=2, exit=False).result
    sys.stdout.flush()
    sys.stderr.flush()
    # Not exit(): in a sanitizer build the interpreter's own leaks would be found there.
    os._exit(0 if result.wasSuccessful() else 1)
