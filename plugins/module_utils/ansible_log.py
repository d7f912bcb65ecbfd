# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find in Ansible's default output what failed."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json
import re

from ansible.module_utils.common.text.converters import to_text

TASK = re.compile(r'^(?:TASK|RUNNING HANDLER) \[(?P<name>.*)\] \**$')
FAILED = re.compile(r'^(?:fatal|failed): \[(?P<host>[^\] ]+)[^\]]*\].*?(?:=> (?P<result>\{.*))?$')
PLAY = re.compile(r'^PLAY \[(?P<name>.*)\] \**$')
ERROR = re.compile(r'^(?:ERROR!|\[ERROR\]:) ?(?P<message>.*)$')


def message_of(result):
    """The sentence that says most in a failed task's result, given as JSON text."""
    try:
        fields = json.loads(result)
    except ValueError:
        return result[:500]
    for key in ('stderr', 'module_stderr', 'msg', 'stdout'):
        value = fields.get(key)
        if value and value != 'non-zero return code':
            return to_text(value, nonstring='simplerepr').strip()[:1000]
    return result[:500]


def first_failure(lines):
    """The first failed task as a dict of task, host and message; an empty one where none failed.

    What Ansible was told to ignore is no failure.
    """
    task, found = '', {}
    for line in lines:
        match = TASK.match(line)
        if match:
            if found:
                break
            task = match.group('name')
            continue
        if line.startswith('...ignoring'):
            found = {}
            continue
        match = not found and FAILED.match(line)
        if match:
            found = {'task': task, 'host': match.group('host'), 'message': message_of(match.group('result') or line)}
        match = not found and ERROR.match(line)
        if match:
            found = {'task': task, 'host': '', 'message': match.group('message')}
    return found


class Progress(object):
    """How far a run has come, by as much of its output as is there: give it each part that is new.

    :param cursor: what as_dict() gave before, to go on from there.
    """

    def __init__(self, cursor=None):
        cursor = cursor or {}
        self.offset = int(cursor.get('offset', 0))
        self.tasks = int(cursor.get('tasks', 0))
        self.play = cursor.get('play', '')
        self.task = cursor.get('task', '')

    def read(self, path):
        """Go on to the last whole line of the file."""
        try:
            with open(path, 'rb') as stream:
                stream.seek(self.offset)
                text = stream.read()
        except (IOError, OSError):
            return
        text = text[:text.rfind(b'\n') + 1]
        self.offset += len(text)
        for line in text.decode('utf-8', 'replace').splitlines():
            task, play = TASK.match(line), PLAY.match(line)
            if task:
                self.tasks += 1
                self.task = task.group('name')
            elif play:
                self.play, self.task = play.group('name'), ''

    def as_dict(self):
        return {'offset': self.offset, 'tasks': self.tasks, 'play': self.play, 'task': self.task}
