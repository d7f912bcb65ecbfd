# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import subprocess

import jinja2
import pytest

APT_CONFIG = '''APT "";
Acquire "";
Acquire::http "";
Acquire::http::Proxy "http://me:it's@p:3128";
Acquire::http::Proxy::deb.example.org "DIRECT";
Acquire::https::CaInfo "/etc/ca.pem";
Acquire::Retries "3";
Acquire::Check-Valid-Until "false";
'''
OTHERS = '''Acquire::http::Dl-Limit "7";
Acquire::ftp::Proxy "ftp://p";
Dir::Etc "etc/apt";
'''
MMDEBSTRAP = '''#!/bin/bash
for word in "$@"; do
    case "$word" in --aptopt=/*) cp "${word#--aptopt=}" "$SEEN" ;; esac
done
'''


@pytest.mark.parametrize('dump, wanted', [
    (APT_CONFIG + OTHERS, ''.join(APT_CONFIG.splitlines(True)[3:])), (OTHERS, ''), ('', '')])
def test_apt_settings_of_this_machine(root, tmp_path, executable, dump, wanted):
    """The image is made through the machine's proxies, with the machine's patience."""
    (tmp_path / 'dump').write_text(dump)
    executable('apt-config', '#!/bin/sh\n[ "$*" = dump ] && cat %s\n' % (tmp_path / 'dump'))
    executable('mmdebstrap', MMDEBSTRAP)
    with open(os.path.join(root, 'roles/lab_host/templates/image.sh.j2'), encoding='utf-8') as stream:
        script = jinja2.Template(stream.read(), trim_blocks=True).render(
            lookup=lambda *words: '', __lab_host_seen={'archive': {'sources': []}})
    image = tmp_path / 'image'
    subprocess.run(['bash', '-s', str(image), 'bookworm', 'lxc'], input=script, text=True, check=True,
                   env=dict(os.environ, SEEN=str(tmp_path / 'seen')))
    assert (tmp_path / 'seen').read_text() == wanted
    assert os.listdir(str(image)) == ['osa_ceph_aio.image']
