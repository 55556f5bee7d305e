# SPDX-License-Identifier: LGPL-2.1-or-later
"""Places that a detector takes for faces, to train on."""

from . import measures

MINED = .25    # score: well below any threshold in use, so that there are enough of them
REPORTED = 200


def mine(find, scenes):
    """[(index of the picture, box)] of the false alarms on @scenes of @find, a
    function from a grey picture and the least score to scores, boxes and
    points."""
    mined = []
    for i, (image, shapes, kinds) in enumerate(zip(scenes.images, scenes.shapes, scenes.kinds)):
        if i % REPORTED == 0:
            print(f'mining: {i} of {len(scenes)} pictures', flush=True)
        detections = find(image, MINED)
        _, alarms = measures.match(detections, shapes, kinds)
        mined += [(i, detections[1][alarm]) for alarm in alarms]
    print(f'mining: {len(mined)} places in {len(scenes)} pictures were taken for faces', flush=True)
    return mined
