# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measuring while other processes leave the CPUs alone. Engines whose threads wait for each other become many times
slower when one of them loses its CPU, so that a median over disturbed turns would compare the disturbances."""

import os
import resource
import time

TICKS = os.sysconf('SC_CLK_TCK')
PROBE = .3  # seconds
IDLE = .02  # share of the time of one CPU that may be in use


def busy_seconds():
    """CPU time that anyone has used, the hypervisor's other guests included."""
    with open('/proc/stat', encoding='ascii') as file:
        user, nice, system, _, _, interrupt, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + interrupt + softirq + steal) / TICKS


def process_seconds(pid):
    """CPU time of a process, all its threads."""
    with open(f'/proc/{pid}/stat', encoding='ascii') as file:
        fields = file.read().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def children_seconds():
    """CPU time of those children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def is_idle(used, seconds):
    """Whether @used seconds of CPU time are next to nothing; the kernel counts in ticks."""
    return used <= 2 / TICKS + IDLE * seconds


def add_patience(parser):
    """The option for how long to be patient."""
    parser.add_argument('--patience', type=float, default=120, metavar='SECONDS',
                        help='to wait in all for other processes; default 120')


class Patience:
    """Waits for other processes, and measures again what they disturbed, as long as it lasts."""

    def __init__(self, seconds):
        self.left = seconds

    def wait_for_idle(self):
        idle = False
        while not idle and self.left > 0:
            before = busy_seconds()
            time.sleep(PROBE)
            self.left -= PROBE
            idle = is_idle(busy_seconds() - before, PROBE)

    def measure(self, turn, own_seconds):
        """What @turn returns, and whether other processes left it alone. @own_seconds: the CPU time it has used."""
        while True:
            self.wait_for_idle()
            start, own, busy = time.monotonic(), own_seconds(), busy_seconds()
            result = turn()
            taken = time.monotonic() - start
            alone = is_idle(busy_seconds() - busy - (own_seconds() - own), taken)
            if alone or self.left <= 0:
                return result, alone
            self.left -= taken
