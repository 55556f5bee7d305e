#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""list-kernels.py LOG...: prints in a line which kernels the tests exercised
that meson's testlog.json files record, and which were skipped in all of them."""
import json
import re
import sys


def names(kernels):
    return ", ".join(sorted(kernels)) or "none"


exercised, tested = set(), set()
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as log:
        for test in (json.loads(line) for line in log if line.strip()):
            tested.update(re.findall(r"\bkernels-([\w-]+)", test["name"]))
            exercised.update(re.findall(r"^exercising: ([\w-]+)", test.get("stdout", ""), re.M))
print(f"kernels exercised: {names(exercised)}; skipped: {names(tested - exercised)}")
