# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is printed of a comparison."""

import os

INSTRUCTIONS = ('avx2', 'avx_vnni', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_int8', 'amx_bf16', 'asimd')


def cpu():
    """What /proc/cpuinfo says of the CPU: its maker, family and model, and those instructions that matter here."""
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        fields = dict([part.strip() for part in line.split(':', 1)] for line in file if ':' in line)
    flags = fields.get('flags', fields.get('Features', '')).split()
    maker = ' '.join(f'{word} {fields[key]}' for word, key in
                     (('', 'vendor_id'), ('family', 'cpu family'), ('model', 'model')) if key in fields)
    return f'{os.cpu_count()} CPUs, {maker.strip()}: {", ".join(flag for flag in INSTRUCTIONS if flag in flags)}'


def plural(n):
    return f'{n} thread' + ('' if n == 1 else 's')


def cells(row):
    return (f' {row["ms_per_face"]:.1f} | {row["ms_per_face_min"]:.1f} | {row["ratio_to_fma_peak"]:.0%} | '
            f'{row["time_by_danalign"]:.2f} |')


def print_table(groups):
    """A group has the figures of all engines with one number of threads."""
    print('| engine | precision | error |' + ''.join(
        f' {plural(group["threads"])}: ms | best | of fp32 peak | by danalign |' for group in groups))
    print('| --- | --- | --- |' + ' --- |' * 4 * len(groups))
    for rows in zip(*(group['engines'] for group in groups)):
        first = rows[0]
        error = '' if first['error'] is None else f'{first["error"]:.0e}'
        print(f'| {first["name"]} | {first["precision"]} | {error} |' + ''.join(map(cells, rows)))


def print_notes(result):
    groups = result['groups']
    rows = [row for group in groups for row in group['engines']]
    least = min(row['turns_alone'] for row in rows)
    print()
    print(f'- {cpu()}')
    print(f'- {", ".join(dict.fromkeys(row["version"] for row in rows))}')
    print(f'- Width {result["width"]:g}: {groups[0]["macs"] / 1e9:.3f} G multiply-accumulates a face')
    print(f'- {result["rounds"]} rounds, {least} or more of them for each engine without other processes; these count')
    if not least:
        print('- **No good:** of the engines for which it is 0, the rounds count that other processes disturbed')
    for group in groups:
        print(f'- {plural(group["threads"])}: FMA peak {group["fma_peak_gflops"]:.0f} GFLOP/s; danalign '
              f'(`{group["kernels"]}`) spends {group["network_ms"]:.1f} ms in the layers that the others have')
