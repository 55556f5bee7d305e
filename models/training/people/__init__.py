# SPDX-License-Identifier: LGPL-2.1-or-later
"""An appearance model of faces, and people who do not exist drawn from it."""
