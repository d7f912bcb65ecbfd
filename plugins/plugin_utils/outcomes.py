# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a lab host ended, as the role report keeps it in report_outcome, and why."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type


def went_well(outcome):
    """Whether nothing was wrong until then. Of a host that is lost afterwards, as in the second half of a rebuild, that is not how it ended."""
    return outcome.get('state', 'done') in ('ok', 'done')


def reason(result):
    """Why a task failed, as one text: of a loop, why the items did that failed.

    :param result: what the task returned; a loop's own message says only that some item failed.
    """
    failed = [item for item in result.get('results') or [] if isinstance(item, dict) and item.get('failed')]
    messages = []
    for answer in failed or [result]:
        message = answer.get('msg') or answer.get('censored') or 'no reason given'
        text = ' '.join(str(piece) for piece in message) if isinstance(message, (list, tuple)) else str(message)
        if text.strip() not in messages:
            messages.append(text.strip())
    return ' '.join(messages)
