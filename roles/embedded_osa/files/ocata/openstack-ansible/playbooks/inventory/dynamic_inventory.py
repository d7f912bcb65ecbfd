#!/usr/bin/env python
"""The all-in-one's inventory: made from openstack_user_config.yml, conf.d and env.d, and kept in
openstack_inventory.json, so that containers keep their names and addresses."""
import glob
import ipaddress
import json
import os
import random
import sys
import uuid

import yaml

CONFIG_DIR = os.environ.get('OSA_CONFIG_DIR', '/etc/openstack_deploy')
ENV_DIR = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'env.d')
INVENTORY = os.path.join(CONFIG_DIR, 'openstack_inventory.json')


def load_yaml(pattern):
    merged = {}
    for path in sorted(glob.glob(pattern)):
        with open(path) as stream:
            for key, value in (yaml.safe_load(stream) or {}).items():
                if isinstance(value, dict):
                    merged.setdefault(key, {}).update(value)
                else:
                    merged[key] = value
    return merged


def load_inventory():
    if not os.path.exists(INVENTORY):
        return {}
    with open(INVENTORY) as stream:
        return json.load(stream)


def save(inventory):
    text = json.dumps(inventory, indent=4, sort_keys=True) + '\n'
    temporary = INVENTORY + '.new'
    with open(temporary, 'w') as stream:
        stream.write(text)
    os.rename(temporary, INVENTORY)
    return text


class Group(dict):
    """Groups by name; each is made when it is first named."""

    def __missing__(self, name):
        self[name] = {'hosts': [], 'children': []}
        return self[name]

    def add(self, name, kind, member):
        if member not in self[name][kind]:
            self[name][kind].append(member)


class Addresses(object):
    def __init__(self, config, taken):
        self.network = ipaddress.ip_network(config['cidr_networks']['container'])
        self.taken = set(taken)
        for entry in config.get('used_ips', []):
            first, _separator, last = (part.strip() for part in entry.partition(','))
            low, high = (int(ipaddress.ip_address(end)) for end in (first, last or first))
            self.taken.update(str(ipaddress.ip_address(number)) for number in range(low, high + 1))

    def draw(self):
        free = [str(address) for address in self.network.hosts() if str(address) not in self.taken]
        address = random.SystemRandom().choice(free)
        self.taken.add(address)
        return address


def provider_network(config):
    return config['global_overrides']['provider_networks'][0]['network']


def host_variables(name, address, component, host_group, netmask, network):
    return {
        'ansible_host': address, 'component': component, 'container_address': address,
        'container_name': name, 'container_types': name + '-host_containers', 'is_metal': True,
        'physical_host': name, 'physical_host_group': host_group,
        'properties': {'is_metal': True, 'service_name': 'ceph'},
        'container_networks': {'container_address': {
            'address': address, 'bridge': network['container_bridge'], 'netmask': netmask,
            'type': network['container_type']}},
    }


def container_variables(name, address, component, host, host_group, netmask, network, properties):
    return {
        'ansible_host': address, 'component': component, 'container_address': address,
        'container_name': name, 'physical_host': host, 'physical_host_group': host_group,
        'properties': properties,
        'container_networks': {'container_address': {
            'address': address, 'bridge': network['container_bridge'],
            'interface': network['container_interface'], 'netmask': netmask,
            'type': network['container_type']}},
    }


def generate(config, skeleton, known):
    network = provider_network(config)
    groups, hostvars = Group(), {}
    addresses = Addresses(config, (variables['ansible_host'] for variables in known.values()))
    netmask = str(addresses.network.netmask)

    for group, properties in skeleton.get('physical_skel', {}).items():
        for parent in properties['belongs_to']:
            groups.add(parent, 'children', group)
    for component, properties in skeleton.get('component_skel', {}).items():
        for parent in properties['belongs_to']:
            groups.add(parent, 'children', component)

    for container_type, properties in skeleton.get('container_skel', {}).items():
        component = properties['contains'][0]
        prefix = container_type[:-len('_container')]
        host_group = prefix + '_hosts'
        groups[container_type]
        for host, settings in (config.get(host_group) or {}).items():
            groups.add(host_group, 'hosts', host)
            groups.add('lxc_hosts', 'hosts', host)
            groups.add(prefix + '_all', 'hosts', host)
            for parent in properties['belongs_to']:
                groups.add(parent, 'children', host + '-host_containers')
            hostvars.setdefault(host, host_variables(host, settings['ip'], component, host_group, netmask, network))
            if properties['properties'].get('is_metal'):
                groups.add(component, 'hosts', host)
                continue
            pattern = '%s_%s-' % (host, container_type)
            name = next((old for old in known if old.startswith(pattern)), None)
            address = known[name]['ansible_host'] if name else addresses.draw()
            name = name or pattern + uuid.uuid4().hex[:8]
            hostvars[name] = container_variables(
                name, address, component, host, host_group, netmask, network, properties['properties'])
            for group in (container_type, component, prefix + '_all', host + '-host_containers'):
                groups.add(group, 'hosts', name)

    inventory = dict(groups)
    inventory['all'] = {'vars': dict(
        config['global_overrides'], container_cidr=config['cidr_networks']['container'])}
    inventory['_meta'] = {'hostvars': hostvars}
    return inventory


def main():
    if '--host' in sys.argv:
        print('{}')
        return
    config = load_yaml(os.path.join(CONFIG_DIR, 'openstack_user_config.yml'))
    if not config:
        sys.exit('%s/openstack_user_config.yml is missing: run scripts/bootstrap-aio.sh first' % CONFIG_DIR)
    config.update(load_yaml(os.path.join(CONFIG_DIR, 'conf.d', '*.yml')))
    known = load_inventory().get('_meta', {}).get('hostvars', {})
    inventory = generate(config, load_yaml(os.path.join(ENV_DIR, '*.yml')), known)
    sys.stdout.write(save(inventory))


if __name__ == '__main__':
    main()
