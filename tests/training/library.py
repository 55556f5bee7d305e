# SPDX-License-Identifier: LGPL-2.1-or-later
"""dan_detect() of the library at $DAN_LIBRARY, as include/dan/dan.h has it."""

import ctypes
import os

import numpy as np

MAX_FOUND = 100
PRECISION_AUTO, PRECISION_FP32 = 0, 1
NOT_SCALED, USUAL = 32, 0  # min_size with which pictures are searched as they are, and scaled as ever


class Error(ctypes.Structure):
    _fields_ = [('status', ctypes.c_int), ('message', ctypes.c_char * 256)]


class Image(ctypes.Structure):
    _fields_ = [('data', ctypes.c_void_p), ('stride', ctypes.c_ssize_t), ('width', ctypes.c_int),
                ('height', ctypes.c_int), ('format', ctypes.c_int), ('range', ctypes.c_int)]


class Settings(ctypes.Structure):
    _fields_ = [('threads', ctypes.c_int), ('precision', ctypes.c_int), ('min_size', ctypes.c_int),
                ('threshold', ctypes.c_float), ('overlap', ctypes.c_float)]


class Detector:
    """The detector of the model at @path, on one thread."""

    def __init__(self, path, threshold, min_size=NOT_SCALED, precision=PRECISION_FP32):
        self.library, self.handle, model = ctypes.CDLL(os.environ['DAN_LIBRARY']), ctypes.c_void_p(), ctypes.c_void_p()
        self._do('model_open', ctypes.byref(model), os.fsencode(path))
        settings = Settings(1, precision, min_size, threshold, .4)
        self._do('detector_open', ctypes.byref(self.handle), model, ctypes.byref(settings))
        self.library.dan_model_close(ctypes.byref(model))

    def __del__(self):
        self.library.dan_detector_close(ctypes.byref(self.handle))

    def _do(self, function, *arguments):
        error = Error()
        if getattr(self.library, f'dan_{function}')(*arguments, ctypes.byref(error)):
            raise RuntimeError(error.message.decode())

    def __call__(self, picture):
        """Rows as of detector_reference.run() for a grey picture (h, w) uint8."""
        picture, n = np.ascontiguousarray(picture), ctypes.c_size_t()
        image = Image(picture.ctypes.data, picture.strides[0], picture.shape[1], picture.shape[0], 0, 0)
        # box, points, roll, confidence
        found = np.zeros((MAX_FOUND, 4 + 10 + 1 + 1), np.float32)
        self._do('detect', self.handle, ctypes.byref(image), ctypes.c_void_p(found.ctypes.data),
                 ctypes.c_size_t(MAX_FOUND), ctypes.byref(n))
        box, points, _, score = np.split(found[:n.value], [4, 14, 15], 1)
        return np.concatenate([score, box[:, :2], box[:, :2] + box[:, 2:], points], 1)
