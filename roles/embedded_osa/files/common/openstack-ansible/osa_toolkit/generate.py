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
    def __init__(self, cidr, config, taken):
        self.network = ipaddress.ip_network(cidr)
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


def of_a_host(name, address, host, host_group, component, netmask, network, common):
    """The variables that a host and a container have in common; each queue gives its address a name."""
    key = network['ip_from_q'] + '_address'
    return dict(common, **{
        'ansible_host': address, 'component': component, key: address, 'container_name': name,
        'physical_host': host, 'physical_host_group': host_group,
        'container_networks': {key: {
            'address': address, 'bridge': network['container_bridge'], 'netmask': netmask,
            'type': network['container_type']}},
    })


def generate(config, skeleton, known, separator, member, common):
    network = config['global_overrides']['provider_networks'][0]['network']
    cidr = config['cidr_networks'][network['ip_from_q']]
    groups, hostvars = Group(), {}
    addresses = Addresses(cidr, config, (variables['ansible_host'] for variables in known.values()))
    netmask = str(addresses.network.netmask)

    for group, properties in skeleton.get('physical_skel', {}).items():
        for parent in properties['belongs_to']:
            groups.add(parent, 'children', group)
    for component, properties in skeleton.get('component_skel', {}).items():
        for parent in properties['belongs_to']:
            groups.add(parent, 'children', component)

    for container_type, skeleton_of_type in skeleton.get('container_skel', {}).items():
        component = skeleton_of_type['contains'][0]
        properties = skeleton_of_type.get('properties', {})
        prefix = container_type[:-len('_container')]
        host_group = prefix + '_hosts'
        groups[container_type]
        for host, settings in (config.get(host_group) or {}).items():
            groups.add(host_group, 'hosts', host)
            groups.add('lxc_hosts', 'hosts', host)
            groups.add(prefix + '_all', 'hosts', host)
            for parent in skeleton_of_type['belongs_to']:
                groups.add(parent, 'children', member.format(host=host, type=container_type))
            if host not in hostvars:
                hostvars[host] = of_a_host(host, settings['ip'], host, host_group, component, netmask, network, common)
                hostvars[host].update(
                    container_types=host + '-host_containers', is_metal=True, properties=dict(properties, is_metal=True))
            if properties.get('is_metal'):
                groups.add(component, 'hosts', host)
                continue
            pattern = separator.join((host, container_type.replace('_', separator))) + '-'
            name = next((old for old in known if old.startswith(pattern)), None)
            address = known[name]['ansible_host'] if name else addresses.draw()
            name = name or pattern + uuid.uuid4().hex[:8]
            hostvars[name] = of_a_host(name, address, host, host_group, component, netmask, network, common)
            hostvars[name]['properties'] = properties
            for interface in hostvars[name]['container_networks'].values():
                interface['interface'] = network['container_interface']
            for group in (container_type, component, prefix + '_all', host + '-host_containers'):
                groups.add(group, 'hosts', name)

    inventory = dict(groups)
    inventory['all'] = {'vars': dict(config['global_overrides'], container_cidr=cidr)}
    inventory['_meta'] = {'hostvars': hostvars}
    return inventory


def main(env_dir, separator, member, common=None):
    """Print the inventory.

    :param env_dir: folder of the skeleton.
    :param separator: between the words of a container's name.
    :param member: what the groups that a type of container belongs to have as a child, of {host} and {type}.
    :param common: variables that every host and container has.
    """
    if '--host' in sys.argv:
        print('{}')
        return
    config = load_yaml(os.path.join(CONFIG_DIR, 'openstack_user_config.yml'))
    if not config:
        sys.exit('%s/openstack_user_config.yml is missing: run scripts/bootstrap-aio.sh first' % CONFIG_DIR)
    config.update(load_yaml(os.path.join(CONFIG_DIR, 'conf.d', '*.yml')))
    known = load_inventory().get('_meta', {}).get('hostvars', {})
    inventory = generate(config, load_yaml(os.path.join(env_dir, '*.yml')), known, separator, member, common or {})
    sys.stdout.write(save(inventory))
