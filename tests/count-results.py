#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""count-results.py LOG: prints how many tests passed, failed and were skipped
in meson's testlog.json, which has an object a line."""
import json
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP", "IGNORED"}

with open(sys.argv[1], encoding="utf-8") as log:
    results = [json.loads(line)["result"] for line in log if line.strip()]
passed = sum(result in PASSED for result in results)
skipped = sum(result in SKIPPED for result in results)
print(passed, len(results) - passed - skipped, skipped)
sys.exit(not results)
