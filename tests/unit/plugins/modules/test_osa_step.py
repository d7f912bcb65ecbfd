# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json
import os
import stat
import time

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import supervisor
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import State
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.supervision import Job
from ansible_collections.osa_lab.ceph_aio.plugins.modules import osa_step


@pytest.fixture
def state_dir(tmp_path):
    return tmp_path / 'state'


@pytest.fixture
def step(run_module, tmp_path, state_dir):
    """Run a step that is a shell script: step(script, option=value...)."""
    (tmp_path / 'checkout').mkdir()

    def run(script='echo run >> runs', **arguments):
        return run_module('osa_step', **dict({
            'name': 'bootstrap', 'argv': ['sh', '-c', script], 'chdir': str(tmp_path / 'checkout'),
            'state_dir': str(state_dir)}, **arguments))
    return run


def runs(tmp_path):
    path = tmp_path / 'checkout' / 'runs'
    return path.read_bytes().count(b'\n') if path.exists() else 0


def record(state_dir, name='bootstrap'):
    return State(str(state_dir)).steps()[name]


def mode(path):
    return stat.S_IMODE(os.stat(str(path)).st_mode)


def test_runs_once(step, tmp_path, state_dir):
    first = step()
    assert (first['changed'], first['rc'], first['reason']) == (True, 0, 'it has not run yet')
    again = step()
    assert (again['changed'], again['reason']) == (False, 'done before, with the same inputs')
    assert again['seconds'] == first['seconds']
    assert runs(tmp_path) == 1
    assert record(state_dir)['rc'] == 0


@pytest.mark.parametrize('first, then, reason', [
    ({}, {'rerun': True}, 'asked for'),
    ({'inputs': {'commit': 'a'}}, {'inputs': {'commit': 'b'}}, 'its inputs have changed'),
    ({}, {'inputs': {'commit': 'b'}}, 'its inputs have changed'),
])
def test_runs_again(step, tmp_path, first, then, reason):
    step(**first)
    again = step(**then)
    assert (again['changed'], again['reason']) == (True, reason)
    assert runs(tmp_path) == 2


def test_same_inputs_in_another_order(step, tmp_path):
    step(inputs={'a': 1, 'b': {'c': 2, 'd': 3}})
    assert not step(inputs={'b': {'d': 3, 'c': 2}, 'a': 1})['changed']


def test_runs_again_where_evidence_is_missing(step, tmp_path):
    made, other = tmp_path / 'made', tmp_path / 'other'
    script, evidence = 'echo run >> runs; touch %s %s' % (made, other), [str(made), str(other)]
    step(script, evidence=evidence)
    assert not step(script, evidence=evidence)['changed']
    made.unlink()
    again = step(script, evidence=evidence)
    assert (again['changed'], again['reason']) == (True, 'what it leaves behind is missing: %s' % made)
    assert runs(tmp_path) == 2


def test_runs_again_after_a_failure(step, tmp_path):
    assert step('echo run >> runs; exit 1')['failed']
    again = step()
    assert (again['changed'], again['reason']) == (True, 'it did not succeed when it ran last')
    assert runs(tmp_path) == 2


def test_runs_again_after_an_interruption(step, state_dir):
    State(str(state_dir)).record('bootstrap', inputs='x', rc=None, finished='')
    assert step()['reason'] == 'it did not succeed when it ran last'


def test_steps_do_not_count_for_each_other(step, tmp_path):
    step()
    assert step(name='install')['changed']
    assert not step()['changed']


@pytest.mark.parametrize('done', [False, True])
def test_check_mode_runs_nothing(step, tmp_path, state_dir, done):
    if done:
        step()
    result = step(_ansible_check_mode=True)
    assert result['changed'] is not done
    assert runs(tmp_path) == int(done)
    assert state_dir.exists() is done


def test_record(step, state_dir):
    result = step('sleep 0.2', inputs={'a': 1})
    seen = record(state_dir)
    assert set(seen) == set(['inputs', 'started', 'finished', 'rc', 'timed_out', 'seconds', 'log', 'evidence', 'usual', 'id'])
    assert seen['usual'] == {'tasks': 0, 'seconds': seen['seconds']}
    assert seen['started'] <= seen['finished']
    assert 0.2 <= seen['seconds'] == result['seconds'] < 5
    assert seen['log'] == result['log'] == str(state_dir / 'logs' / 'bootstrap.log')


def test_log(step, state_dir):
    result = step('echo out; echo err >&2')
    with open(result['log'], 'rb') as stream:
        assert stream.read() == b'out\nerr\n'
    assert [mode(path) for path in (state_dir, state_dir / 'logs', result['log'])] == [0o700, 0o700, 0o600]


def test_logs_are_rotated(step, state_dir):
    for number in range(osa_step.LOGS_KEPT + 2):
        step('echo %d' % number, rerun=True)
    logs = dict((name, (state_dir / 'logs' / name).read_bytes()) for name in os.listdir(str(state_dir / 'logs')))
    assert logs == {'bootstrap.log': b'6\n', 'bootstrap.log.1': b'5\n', 'bootstrap.log.2': b'4\n',
                    'bootstrap.log.3': b'3\n',
                    'bootstrap.log.4': b'2\n'}
    assert set(mode(state_dir / 'logs' / name) for name in logs) == set([0o600])


def test_environment(step):
    result = step('echo $SCENARIO $NUMBER $ANSIBLE_NOCOLOR $PYTHONUNBUFFERED',
                  environment={'SCENARIO': 'ceph', 'NUMBER': 8})
    with open(result['log']) as stream:
        assert stream.read() == 'ceph 8 1 1\n'


def test_environment_that_is_not_ascii(step):
    result = step('echo "$NAME"', environment={'NAME': u'gr\xf6\xdfe'})
    with open(result['log'], 'rb') as stream:
        assert stream.read() == u'gr\xf6\xdfe\n'.encode('utf-8')


def test_deadline(step, tmp_path, state_dir, gone):
    start = time.time()
    result = step('sleep 30 & echo $! > pid; echo begun; wait', deadline=0.3)
    assert time.time() - start < 5
    assert result['failed']
    assert result['problem']['why'] == 'it took more than 0.3 s and was killed'
    assert record(state_dir)['rc'] is None
    assert gone(int((tmp_path / 'checkout' / 'pid').read_bytes()))
    assert step()['reason'] == 'it did not succeed when it ran last'


def test_failure(step, state_dir):
    result = step('for n in $(seq 30); do echo line $n; done; echo; echo "%s"; exit 3' % ('x' * 400))
    assert result['failed']
    assert (result['rc'], record(state_dir)['rc']) == (3, 3)
    assert result['problem']['what'] == 'step bootstrap failed'
    assert result['problem']['why'].startswith('it ended with 3: line 29 | line 30 | xxx')
    assert result['tail'] == ['line %d' % number for number in range(12, 31)] + ['x' * osa_step.WIDTH]
    assert result['log'] in result['problem']['remedy']
    assert 'failed_task' not in result


TASK = '''TASK [ceph-mon : create the pools] ***
fatal: [mon1]: FAILED! => {"changed": true, "msg": "non-zero return code", "stderr": "Error ERANGE: pg_num 256 > 250"}
'''
FAILURES = [{'pattern': 'Error ERANGE|mon_max_pg', 'remedy': 'take fewer PGs'},
            {'pattern': 'no space left', 'remedy': 'free some disk'},
            {'pattern': r'(?m)^fatal: \[mon1\]', 'remedy': 'look at mon1'}]


def test_failed_ansible_task(step):
    result = step("cat <<'END'\n%sEND\nexit 2" % TASK, failures=FAILURES)
    assert result['failed_task'] == {'task': 'ceph-mon : create the pools', 'host': 'mon1',
                                     'message': 'Error ERANGE: pg_num 256 > 250'}
    assert result['problem']['why'] == 'task "ceph-mon : create the pools" on mon1: Error ERANGE: pg_num 256 > 250'
    assert result['problem']['remedy'].startswith('take fewer PGs; look at mon1; the whole output is in ')
    assert 'free some disk' not in result['msg']
    assert len(result['tail']) == 2


def test_failed_ansible(step):
    result = step('echo "ERROR! the playbook was not found"; exit 4')
    assert result['problem']['why'] == 'Ansible: the playbook was not found'


@pytest.mark.parametrize('output', [u'gr\xf6\xdfe'.encode('utf-8'), b'\xff\xfe'])
def test_output_that_is_not_ascii(step, tmp_path, output):
    (tmp_path / 'checkout' / 'output').write_bytes(output)
    result = step('cat output; exit 1')
    assert result['tail'] == [output.decode('utf-8', 'replace')]


@pytest.mark.parametrize('arguments', [{'argv': ['/nonexistent/program']}, {'chdir': '/nonexistent'}])
def test_cannot_be_started(step, state_dir, arguments):
    result = step(**arguments)
    assert result['failed']
    assert result['problem']['what'] == 'step bootstrap could not be started'
    assert record(state_dir)['rc'] is None
    assert step()['changed']


@pytest.fixture
def left_running(step):
    """Begin a step as the action plugin does, and leave it: left_running(script) gives its cursor."""
    def begin(script='echo run >> runs; sleep 30', **arguments):
        result = step(script, patience=0.0, **arguments)
        assert (result['running'], result['changed']) == (True, False)
        return result['cursor']
    return begin


@pytest.fixture
def job(state_dir):
    job = Job(State(str(state_dir)))
    yield job
    if job.is_running():
        with job.alone():
            job.end()


def test_second_step_at_the_same_time(step, tmp_path, state_dir, left_running, job, written):
    left_running(name='earlier')
    written(tmp_path / 'checkout' / 'runs')
    result = step()
    assert result['failed']
    assert result['problem']['what'] == 'a step of an earlier run still goes on'
    assert result['problem']['why'].startswith('step earlier, since 20')
    assert runs(tmp_path) == 1
    assert 'bootstrap' not in State(str(state_dir)).steps()


PLAYS = """printf 'PLAY [Make it] ***\\n\\nTASK [one] ***\\nok: [a]\\nTASK [role : two] ***\\nTASK [not who'
until [ -e go ]; do sleep 0.05; done
echo le] '***'"""


def test_watched_by_the_action_plugin(step, tmp_path, state_dir, left_running, job):
    cursor = left_running(PLAYS)
    told = step(PLAYS, patience=0.5, cursor=cursor)['cursor']
    assert (told['play'], told['task'], told['tasks'], told['id']) == ('Make it', 'role : two', 2, cursor['id'])
    assert told['expected'] == {'tasks': None, 'seconds': None}
    assert told['seconds'] > 0
    (tmp_path / 'checkout' / 'go').write_bytes(b'')
    result = step(PLAYS, patience=10.0, cursor=told)
    assert (result['changed'], result['rc'], result['running'], result['reason']) == (True, 0, False, 'it has not run yet')
    assert record(state_dir)['usual'] == {'tasks': 3, 'seconds': result['seconds']}
    assert left_running('sleep 30', rerun=True)['expected'] == record(state_dir)['usual']


def test_what_ended_while_nobody_watched_is_done(step, tmp_path, state_dir, left_running, job):
    left_running('echo run >> runs; sleep 0.3')
    assert job.wait(10)
    again = step('echo run >> runs; sleep 0.3')
    assert (again['changed'], again['reason']) == (False, 'done before, with the same inputs')
    assert runs(tmp_path) == 1
    assert record(state_dir)['finished']


def test_a_step_whose_supervisor_was_killed_runs_again(step, tmp_path, state_dir, left_running, job, gone, written):
    cursor = left_running('echo run >> runs; sleep 30 & echo $! > pid; wait')
    pid = int(written(tmp_path / 'checkout' / 'pid'))
    child = supervisor.read(os.path.join(job.folder, 'child.json'))['pid']
    with open('/proc/%d/stat' % child) as stream:
        os.kill(int(stream.read().rpartition(')')[2].split()[1]), 9)
    result = step(cursor=cursor)
    assert result['failed']
    assert result['problem']['why'] == 'it was killed, and its supervisor with it'
    assert gone(pid)
    assert record(state_dir)['rc'] is None
    assert step()['reason'] == 'it did not succeed when it ran last'


def test_a_step_that_another_run_ended(step, left_running, job):
    cursor = left_running()
    with job.alone():
        job.end()
    assert step(cursor=cursor)['problem']['why'] == 'it was killed by signal 9'
    assert step()['changed']
    assert step(cursor=cursor)['problem']['what'] == 'step bootstrap is not there any more'


def test_an_answer_that_was_lost_is_given_again(step, left_running, job):
    cursor = left_running('sleep 0.1')
    assert [step('sleep 0.1', patience=10.0, cursor=cursor)['rc'] for _time in range(2)] == [0, 0]


def test_a_failure_that_was_lost_is_told_again(step, left_running, job):
    cursor = left_running('sleep 0.1; echo no such thing; exit 2')
    first, again = [step('sleep 0.1; echo no such thing; exit 2', patience=10.0, cursor=cursor) for _time in range(2)]
    assert (first['rc'], first['msg']) == (again['rc'], again['msg'])
    assert 'it ended with 2: no such thing' in again['msg']


def test_a_timeout_that_was_lost_is_told_again(step, left_running, job):
    cursor = left_running('sleep 60', deadline=0.3)
    first, again = [step('sleep 60', deadline=0.3, patience=10.0, cursor=cursor) for _time in range(2)]
    assert first['msg'] == again['msg']
    assert 'it took more than 0.3 s and was killed' in again['msg']


def test_no_secret_is_in_what_is_said_of_a_failure(step, tmp_path):
    key = 'AQD' + 'x' * 35 + '=='
    text = 'TASK [one] ***\nfatal: [a]: FAILED! => {"msg": "key = %s, admin_password: hush-hush"}\n' % key
    (tmp_path / 'checkout' / 'output').write_bytes(text.encode('utf-8'))
    said = json.dumps(step('cat output; exit 2'))
    assert 'one' in said and 'hush-hush' not in said and key not in said


LISTED = """
playbook: setup-hosts.yml

  play #1 (hosts): Prepare\tTAGS: []
    tasks:
      role : one\tTAGS: [always]
      two\tTAGS: []
"""


@pytest.mark.parametrize('text, tasks', [(LISTED, 2), ('ERROR! no such playbook\n', None)])
def test_tasks_are_counted_where_somebody_watches(step, tmp_path, left_running, job, executable, text, tasks):
    (tmp_path / 'listed').write_bytes(text.encode('utf-8'))
    program = executable('runner', '#!/bin/sh\n[ "$2" != --list-tasks ] || exec cat %s\nexec sleep 30\n' % (tmp_path / 'listed'))
    cursor = left_running(argv=[program, 'setup-hosts.yml'], count_tasks=True)
    assert cursor['expected'] == {'tasks': tasks, 'seconds': None}


@pytest.mark.parametrize('content, what', [
    (b'', 'is damaged'),
    (b'{"version": 1, "steps": {"boot', 'is damaged'),
    (b'[]', 'is damaged'),
    (json.dumps({'version': 2, 'steps': {}}).encode('utf-8'), 'was written by a newer version'),
])
def test_state_that_is_not_ours_to_read(step, tmp_path, state_dir, content, what):
    state_dir.mkdir()
    (state_dir / 'state.json').write_bytes(content)
    result = step()
    assert result['failed']
    assert what in result['problem']['what']
    assert runs(tmp_path) == 0
    assert (state_dir / 'state.json').read_bytes() == content


def test_return_documentation(step, returned, documented, left_running, job):
    goes_on = {'cursor': left_running('sleep 0.1', name='other')}
    assert job.wait(10)
    results = [step(), step(), step("echo '%s'; exit 2" % TASK, rerun=True), step('exit 2'),
               step('sleep 30', deadline=0.1)]
    assert returned(goes_on, *results) == documented('osa_step')


@pytest.fixture
def image(tmp_path):
    path = tmp_path / 'ceph1.img'
    path.write_bytes(b'')
    return path, ['losetup', '--noheadings', '--output', 'NAME', '--associated', str(path)]


def test_a_second_loop_device_is_refused(step, image, fake_run, state_dir):
    path, losetup = image
    fake_run.expect(losetup, '/dev/loop3\n/dev/loop7\n')
    result = step(unbound=[str(path), '/nonexistent/ceph2.img'])
    assert result['problem']['what'] == 'the step would bind loop devices a second time'
    assert result['problem']['where'] == '/dev/loop3 ({0}), /dev/loop7 ({0})'.format(path)
    assert State(str(state_dir)).steps() == {}


def test_a_step_that_is_done_may_have_loop_devices(step, image, executable):
    path, _losetup = image
    executable('losetup', '#!/bin/sh\n')
    assert step('true', unbound=[str(path)])['changed']
    executable('losetup', '#!/bin/sh\necho /dev/loop3\n')
    assert not step('true', unbound=[str(path)])['changed']
    assert step('false', unbound=[str(path)], rerun=True)['problem']['where'] == '/dev/loop3 (%s)' % path


def test_a_login_is_used_and_not_shown(step, tmp_path):
    login = 'http://me:hush-hush@proxy.example.org:3128'
    result = step('echo "$http_proxy" > proxy; exit 1', private_environment={'http_proxy': login})
    assert (tmp_path / 'checkout' / 'proxy').read_text().strip() == login
    assert 'hush-hush' not in json.dumps(result)


def test_no_answer_about_loop_devices_is_no_yes(step, image, fake_run):
    path, losetup = image
    fake_run.expect(losetup, rc=1, stderr='losetup: cannot open\n')
    problem = step(unbound=[str(path)])['problem']
    assert (problem['what'], problem['why']) == ('it cannot be told whether a loop device is bound', 'losetup: cannot open')
