# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write down how long each task took, a JSON line each."""

import json
import os
import time

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: durations
    type: aggregate
    short_description: Write down how long each task took
    description: A JSON line with name, seconds and result for each task, into the file that DURATIONS names.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "durations"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_start(self, host, task):
        self.started = time.monotonic()

    def v2_runner_on_ok(self, result):
        line = {"name": result._task.get_name(), "seconds": time.monotonic() - self.started}
        with open(os.environ["DURATIONS"], "a") as stream:
            stream.write(json.dumps(line) + "\n")
