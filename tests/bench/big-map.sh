#!/usr/bin/env bash
# big-map.sh up|down: a real mon with 10,000 OSDs in its map, on this host, without authentication.
set -euo pipefail
folder=/var/tmp/osa_ceph_aio_bench
osds=10000

down() {
    [ ! -e "$folder/mon.pid" ] || pkill -F "$folder/mon.pid" || true
    sleep 1
    rm -rf "$folder"
}

up() {
    mkdir -p "$folder/mon"
    cd "$folder"
    fsid="$(cat /proc/sys/kernel/random/uuid)"
    addresses='[v2:127.0.0.1:13300,v1:127.0.0.1:16789]'
    cat > ceph.conf <<CONF
[global]
fsid = $fsid
mon host = $addresses
auth cluster required = none
auth service required = none
auth client required = none
mon data = $folder/mon
run dir = $folder
admin socket = $folder/\$name.asok
log file = $folder/\$name.log
pid file = $folder/mon.pid
CONF
    ceph-authtool --create-keyring keyring --gen-key --name mon. --cap mon 'allow *'
    monmaptool --create --addv big "$addresses" --fsid "$fsid" monmap
    osdmaptool --createsimple "$osds" osdmap --pg-bits 0 --clobber
    ceph-mon --mkfs -i big --conf ceph.conf --monmap monmap --keyring keyring --osdmap osdmap
    ceph-mon -i big --conf ceph.conf
    timeout 300 python3 - "$folder/ceph.conf" "$osds" <<'PYTHON'
import json, queue, rados, sys, threading, uuid
cluster = rados.Rados(conffile=sys.argv[1], name="client.admin")
cluster.connect()
todo = queue.Queue()
for number in range(int(sys.argv[2])):
    todo.put(number)

def work():  # a thousand at once, so that the mon takes many into one epoch of its map
    while True:
        try:
            number = todo.get_nowait()
        except queue.Empty:
            return
        cluster.mon_command(json.dumps({"prefix": "osd create", "uuid": str(uuid.uuid4()), "id": number}), b"")

threads = [threading.Thread(target=work) for _ in range(1000)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
status = json.loads(cluster.mon_command('{"prefix": "status", "format": "json"}', b"")[1])
print("OSDs in the map: %d" % status["osdmap"]["num_osds"])
PYTHON
}

"$1"
