# SPDX-License-Identifier: LGPL-2.1-or-later
"""Figures of others, in per cent of the inter-ocular (inter-pupil) distance, as they were published or as they were
measured with others' models on the pictures of lfpw_test."""

from document import percent, table

OUR_DATA = '2012 faces of 300-W, and YouTube-Faces'
# name, inter-ocular, inter-pupil, trained on
COMMON = (
    ('DAN, two stages (Kowalski et al., 2017)', '3.19', '4.42', '300-W, 3148 faces'),
    ('the same, more data', '3.09', '4.29', '300-W and Menpo'),
    ('HRNet-W18 (2019)', '2.87', None, '300-W, 3148 faces'),
    ('best of recent years', 'about 2.5', None, '300-W, 3148 faces'),
)
# name, from the tight box, from the box of a detector as its makers ship it
SAME_PICTURES = (
    ('MobileFaceNet-68', '3.34', '4.26'),
    ('PFLD-68', '3.42', '4.44'),
    ('face-api.js', '4.91', '6.20'),
    ('OpenSeeFace (66 of the points)', '5.47', '5.58'),
    ('MediaPipe\'s mesh, mapped to 68 points', '7.16', '7.20'),
)


def networks(reported):
    """The published ones beside @reported, a summary for each model."""
    ours = [[f'**{model}**', percent(summary['nme_inter_ocular']), percent(summary['nme_inter_pupil']),
             'LFPW test (224)', OUR_DATA] for model, summary in reported.items()]
    return table(['network', 'inter-ocular NME', 'inter-pupil', 'measured on', 'trained on'],
                 [*ours, *([name, f'{ocular} %', f'{pupil} %' if pupil else '', '300-W common subset (554)', data]
                           for name, ocular, pupil, data in COMMON)])


def same_pictures(rows):
    """Others beside our @rows of a name, the NME from the tight box and the one from a detector's, as texts."""
    return table(['network', 'tight box', 'a detector\'s box'],
                 [*rows, *([name, f'{tight} %', f'{detector} %'] for name, tight, detector in SAME_PICTURES)])
