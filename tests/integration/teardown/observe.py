# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All of a lab host that can be told from the outside, as JSON: kind → sorted lines. Runs there, and knows nothing of ours."""

import hashlib
import json
import os
import re
import stat
import subprocess

# Not looked at, with all below. The kernel's own tables; what lives as long as the machine runs or a program wants it; what
# many lab hosts share read-only.
VOLATILE = ["/proc", "/sys", "/run", "/tmp", "/dev/pts", "/dev/shm", "/dev/mqueue", "/var/cache/lxc/openstack-base"]
# What any visitor leaves, whatever he does there.
VISITED = [
    r"/root/\.ansible(/tmp(/.*)?)?",  # Ansible's folder for its modules, on each host that it manages
    r"/var/log/(journal/.*|lastlog|wtmp|btmp)",  # the log of the system, and of who came by ssh
    r"/var/cache/apt/(src)?pkgcache\.bin",  # apt's view of its lists, made by whoever asks apt for anything
    r"/var/lib/libuuid/clock\.txt",  # uuidd is started by whoever wants an id that is made of the time
    r"/var/tmp/systemd-private-.*",  # of units that run, gone with them
    r"/etc/ld\.so\.cache|/var/cache/ldconfig/.*",  # made anew by any package
    r"/var/lib/dpkg/(lock.*|triggers/.*|status-old|available)|/var/log/(dpkg\.log|alternatives\.log|apt/.*)|/var/lib/apt/extended_states",
]
# States of units that say when something happened, not what is there; and uuidd, see above.
UNITS = (r"(time-set|time-sync|network-online)\.target|uuidd\.(service|socket)|session.*|user.*"
         r"|(systemd-tmpfiles|apt-daily|e2scrub|fstrim|logrotate|man-db|dpkg-db).*")
# Counters of the kernel, and what belongs to a device that may come and go or to the whole machine.
SYSCTLS = (r"fs\.(aio-nr|dentry-state|file-nr|inode-.*|quota\..*)|kernel\.(ns_last_pid|pty\.nr|random\..*)|net\.netfilter\..*"
           r"|net\.ipv[46]\.(conf|neigh)\..*|dev\..*|debug\..*|vm\..*|sunrpc\..*|user\..*|kernel\.(sched.*|tainted|perf.*|core.*)")
HASHED = 8 << 20  # bytes of the largest file whose content counts


def said(*argv):
    try:
        return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False).stdout.splitlines()
    except FileNotFoundError:
        return []


def files():
    """Type, owner, permissions, and size and content of files, target of links; of what packages bring the time instead of the content."""
    for top, folders, names in os.walk("/"):
        folders[:] = [name for name in folders if os.path.join(top, name) not in VOLATILE]
        for name in sorted(folders + names):
            path = os.path.join(top, name)
            if any(re.fullmatch(pattern, path) for pattern in VISITED):
                continue
            try:
                yield "%s %s" % (path, facts(path, os.lstat(path)))
            except FileNotFoundError:
                continue


def facts(path, seen):
    text = "%o %d:%d" % (seen.st_mode, seen.st_uid, seen.st_gid)
    if stat.S_ISLNK(seen.st_mode):
        return "%s -> %s" % (text, os.readlink(path))
    if stat.S_ISREG(seen.st_mode):
        text += " %d" % seen.st_size
        packaged = path.startswith("/usr/") and not path.startswith("/usr/local/")
        if seen.st_size <= HASHED and not packaged:
            with open(path, "rb") as stream:
                text += " " + hashlib.md5(stream.read()).hexdigest()
        elif packaged:
            text += " %d" % seen.st_mtime
    return text


def units():
    listed = said("systemctl", "list-units", "--all", "--no-legend", "--plain", "--no-pager")
    words = [line.split() for line in listed] + [line.split()[:2] for line in said(
        "systemctl", "list-unit-files", "--no-legend", "--no-pager")]
    return [" ".join(line[:4] if len(line) > 2 else line) for line in words if not re.fullmatch(UNITS, line[0])
            and line[2:3] != ["inactive"]]  # one that is not in use is listed as long as somebody has asked for it


def processes():
    """Programs, each once: how many workers one has is its own matter."""
    lines = said("ps", "-eo", "user:20,args")
    return sorted({line for line in lines if not re.search(r"\]$|ps -eo|sshd|python3 -|uuidd|systemd-(journald|tmpfiles)|\(sd-pam\)|sftp", line)})


observed = {
    "files": list(files()),
    "packages": said("dpkg-query", "-W", "-f", "${binary:Package} ${Version} ${db:Status-Status}\n"),
    "units": units(),
    "processes": processes(),
    "links": sorted(line.split()[0] for line in said("ip", "-brief", "link")),
    "addresses": said("ip", "-brief", "-4", "address"),
    "routes": said("ip", "route"),
    "rules": said("nft", "list", "ruleset") + said("iptables-save"),
    # Of other lab hosts on this machine there may be more; those of this one have a file that can be seen here.
    "loops": [" ".join(line.split()) for line in said("losetup", "--noheadings", "--output", "NAME,BACK-INO,BACK-FILE")
              if os.path.exists(line.split()[-1]) and str(os.stat(line.split()[-1]).st_ino) == line.split()[1]],
    "mounts": sorted(" ".join(line.split()[4:6]) for line in open("/proc/self/mountinfo")),
    "swap": open("/proc/swaps").read().splitlines(),
    "sysctls": [line for line in said("sysctl", "-a") if not re.match("(%s) " % SYSCTLS, line)],
    "volume groups": said("vgs", "--noheadings"),
    "containers": said("lxc-ls", "-f"),
}
print(json.dumps({kind: sorted(lines) for kind, lines in observed.items()}))
