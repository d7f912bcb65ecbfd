# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bench has measured, a row each, with the goal where there is one; shown as a table, and kept where BENCH_ROWS says."""

import json
import os
import pathlib

FORM = "%-58s %10s %-8s %-9s %s"


def is_met(value, goal):
    """:param goal: a relation and a bound, such as "<= 1.0"."""
    relation, bound = goal.split()
    return value <= float(bound) if relation == "<=" else value >= float(bound)


class Rows:
    def __init__(self):
        self.rows = []
        print(FORM % ("", "", "", "goal", ""), flush=True)

    def add(self, what, value, unit, goal=""):
        row = {"what": what, "value": round(value, 3), "unit": unit, "goal": goal, "met": is_met(value, goal) if goal else None}
        self.rows.append(row)
        print(FORM % (what, "%.2f" % value, unit, goal, {None: "", True: "met", False: "MISSED"}[row["met"]]), flush=True)

    def end(self):
        """Keep them; whether every goal was met."""
        if os.environ.get("BENCH_ROWS"):
            pathlib.Path(os.environ["BENCH_ROWS"]).write_text(json.dumps(self.rows))
        return all(row["met"] is not False for row in self.rows)
