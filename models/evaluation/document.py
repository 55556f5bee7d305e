# SPDX-License-Identifier: LGPL-2.1-or-later
"""Markdown: numbers and tables, and a document of which only what is between markers is written anew:

    <!-- measured: NAME -->
    <!-- /measured -->
"""

import json
import re

MEASURED = re.compile(r'(<!-- measured: ([a-zA-Z-]+) -->\n).*?(<!-- /measured -->)', re.DOTALL)


class DocumentError(Exception):
    """The document has not the places that are to be filled, or there are no figures to fill them with; the message
    says which."""


def read_figures(path):
    """What an earlier run measured, and wrote to @path."""
    try:
        return json.loads(path.read_text(encoding='utf-8'))
    except ValueError as error:
        raise DocumentError(f'{path}: no figures: {error}') from error


def number(value, digits):
    return f'{value:.{digits}f}'


def percent(fraction):
    return f'{100 * fraction:.2f} %'


def points(fraction):
    """A difference of per cents."""
    return f'{100 * fraction:z.2f} points'


def share(fraction):
    return f'{100 * fraction:.1f} %' if fraction else 'none'


def table(header, rows):
    return '\n'.join('| ' + ' | '.join(map(str, row)) + ' |' for row in [header, ['---'] * len(header), *rows])


def fill(text, parts):
    """@text with each of @parts, by name, between its markers."""
    places = [name for _, name, _ in MEASURED.findall(text)]
    for what, names in (('has no place for', set(parts) - set(places)), ('asks for', set(places) - set(parts)),
                        ('has more than one place for', {name for name in places if places.count(name) > 1})):
        if names:
            raise DocumentError(f'the document {what} {", ".join(sorted(names))}')
    return MEASURED.sub(lambda match: f'{match[1]}{parts[match[2]]}\n{match[3]}', text)
