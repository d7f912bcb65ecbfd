"""ceph_pool: a pool of a Ceph cluster, asked for and made with the admin's key of this host.

The autoscaler is on unless pg_autoscale_mode is off, whatever the cluster's default is. While it is
on, pg_num is the autoscaler's: the option does not count.
"""
import json

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = '''
module: ceph_pool
short_description: A pool of a Ceph cluster
description: Makes a pool where it is not there, and gives it the settings that are asked for.
author: osa_lab
options:
  name: {description: Name of the pool., type: str, required: true}
  application: {description: What it is for., type: str}
  pg_autoscale_mode: {description: "on, off or warn.", type: str, default: "on"}
  pg_num: {description: "Placement groups, where the autoscaler is not on. Else the cluster's default.", type: int}
  size: {description: Replicas. Else the cluster's default., type: int}
  timeout: {description: Seconds for one call to Ceph., type: int, default: 60}
'''
# YAML takes on and off without quotes for true and false.
MODES = {'true': 'on', 'yes': 'on', 'false': 'off', 'no': 'off'}


def autoscale_mode(value):
    return MODES.get(value.lower(), value.lower())


def creation(params, mode):
    """The words after ceph osd pool that make the pool."""
    numbers = [str(params['pg_num'])] * 2 if mode != 'on' and params['pg_num'] else []
    words = ['create', params['name']] + numbers + ['replicated', '--autoscale-mode', mode]
    return words + (['--size', str(params['size'])] if params['size'] else [])


def differences(params, mode, pool):
    """Settings of a pool that is there and should be others: [(name, value)]."""
    wanted = [('pg_autoscale_mode', mode), ('size', params['size'])]
    if mode != 'on' and pool['pg_autoscale_mode'] != 'on':
        wanted.append(('pg_num', params['pg_num']))
    return [(name, str(value)) for name, value in wanted if value and str(value) != str(pool[name])]


def main():
    module = AnsibleModule(argument_spec={
        'name': {'type': 'str', 'required': True},
        'application': {'type': 'str'},
        'pg_autoscale_mode': {'type': 'str', 'default': 'on'},
        'pg_num': {'type': 'int'},
        'size': {'type': 'int'},
        'timeout': {'type': 'int', 'default': 60},
    })
    params = module.params
    mode = autoscale_mode(params['pg_autoscale_mode'])

    def ceph(*words):
        argv = ['timeout', '--kill-after=5', str(params['timeout']), 'ceph', 'osd', 'pool'] + list(words)
        rc, out, err = module.run_command(argv)
        if rc != 0:
            module.fail_json(msg='%s: %s' % (' '.join(argv[3:]), err.strip() or 'ended with %d' % rc), rc=rc)
        return out

    def found():
        pools = json.loads(ceph('ls', 'detail', '--format', 'json'))
        return next((pool for pool in pools if pool['pool_name'] == params['name']), None)

    done = []
    pool = found()
    if pool is None:
        done.append(creation(params, mode))
        ceph(*done[-1])
        pool = found()
    for name, value in differences(params, mode, pool):
        done.append(['set', params['name'], name, value])
        ceph(*done[-1])
    if params['application'] and params['application'] not in pool['application_metadata']:
        done.append(['application', 'enable', params['name'], params['application']])
        ceph(*done[-1])
    module.exit_json(changed=bool(done), done=done)


if __name__ == '__main__':
    main()
