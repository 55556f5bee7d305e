# SPDX-License-Identifier: LGPL-2.1-or-later
"""Training of Deep Alignment Networks for libdan; ../README.md is the guide."""
