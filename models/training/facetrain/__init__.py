# SPDX-License-Identifier: LGPL-2.1-or-later
"""Training of libdan's face detector; ../README.md is the guide."""
