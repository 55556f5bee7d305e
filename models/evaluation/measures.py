# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures that dan-eval does not have. Errors are fractions, not per cent."""

import numpy as np

# What dan-eval calls a failure is above it, and a face that counts as aligned below.
LIMIT = .08


def ced(errors, thresholds):
    """The share of @errors up to each threshold."""
    return np.searchsorted(np.sort(errors), thresholds, side='right') / len(errors)


def failures(errors):
    return float(np.mean(np.asarray(errors) > LIMIT))


def ranks(values):
    """From 1; equal values share their mean rank."""
    values = np.asarray(values)
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[inverse]


def spearman(a, b):
    """The correlation of the ranks; NaN if there is none to speak of, as one of them is constant or empty."""
    a, b = ranks(a), ranks(b)
    if len(a) == 0 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float('nan')
    return float(np.corrcoef(a, b)[0, 1])


def auroc(scores, positive):
    """How likely a positive has a higher score than a negative, equal ones counting half. NaN without both."""
    positive = np.asarray(positive, bool)
    n, m = positive.sum(), (~positive).sum()
    if not n or not m:
        return float('nan')
    return float((ranks(scores)[positive].sum() - n * (n + 1) / 2) / (n * m))


def reliability(expected, errors, n_bins):
    """Means of @expected and of @errors in bins of as many faces each, by rising @expected."""
    order = np.argsort(expected, kind='stable')
    bins = [part for part in np.array_split(order, n_bins) if len(part)]
    return [(float(np.mean(np.asarray(expected)[part])), float(np.mean(np.asarray(errors)[part]))) for part in bins]
