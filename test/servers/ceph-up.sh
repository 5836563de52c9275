#!/usr/bin/env bash
# Runs a throw-away S3 server (Ceph RGW) on 127.0.0.1, all in memory.
# Debian packages: radosgw ceph-mon ceph-osd ceph-common.
#
#   ceph-up.sh S3_PORT MON_PORT      keys in the environment: S3_ACCESS_KEY, S3_SECRET_KEY
#
# Prints "ready" once S3 answers with those keys, then stays until its standard input ends or a
# signal comes, and leaves no process and no file behind. Whoever started it keeps the other end
# of that pipe: when the starter dies, in whatever way, the pipe closes and the server goes too.
set -euo pipefail
port=$1 mon_port=$2
fsid=11111111-2222-3333-4444-555555555555 osd_uuid=22222222-2222-3333-4444-555555555555
dir=$(mktemp -d "${TMPDIR:-/tmp}/atelier-ceph-XXXXXX")
pids=()

stop() {
  trap - EXIT
  trap '' INT TERM HUP
  # The gateway first: it waits on the other two. Nothing in memory is worth a clean end.
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM HUP

# Daemons must not hold this script's stdin or stdout open, or their ends would not be seen.
daemon() {
  "$@" </dev/null >>"$dir/log/daemons.out" 2>&1 &
  pids=("$!" "${pids[@]}")
}
fail() {
  echo "ceph-up: $1" >&2
  tail -n 20 "$dir"/log/daemons.out >&2 || true
  exit 1
}

mkdir -p "$dir"/{mon,osd0,rgw,run,log}
cat >"$dir/ceph.conf" <<CONF
[global]
fsid = $fsid
mon host = [v2:127.0.0.1:$mon_port/0]
mon initial members = a
public network = 127.0.0.0/8
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon data avail warn = 2
mon data avail crit = 1
osd objectstore = memstore
memstore device bytes = 2147483648
osd memory target = 1073741824
osd max object name len = 256
osd max object namespace len = 64
ms bind ipv6 = false
run dir = $dir/run
log file = $dir/log/\$name.log
admin socket = $dir/run/\$name.asok
pid file = $dir/run/\$name.pid
keyring = $dir/keyring
[mon.a]
mon data = $dir/mon
[osd.0]
osd data = $dir/osd0
public addr = 127.0.0.1
cluster addr = 127.0.0.1
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$port
rgw data = $dir/rgw
rgw lc debug interval = 5
CONF
export CEPH_CONF=$dir/ceph.conf
cd "$dir"

ceph-authtool --create-keyring keyring --gen-key -n mon. --cap mon 'allow *' >/dev/null
for who in client.admin client.rgw osd.0; do
  ceph-authtool keyring --gen-key -n "$who" --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' >/dev/null
done
monmaptool --create --clobber --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon_port/0]" monmap >/dev/null
ceph-mon -i a --mkfs --monmap monmap --keyring keyring >>log/daemons.out 2>&1
daemon ceph-mon -f -i a
timeout 20 ceph osd new "$osd_uuid" 0 >/dev/null 2>>log/daemons.out || fail "the monitor does not answer"
timeout 20 ceph-osd -i 0 --mkfs --osd-uuid "$osd_uuid" >>log/daemons.out 2>&1 || fail "no object store"
timeout 20 ceph osd crush add osd.0 1.0 root=default host=h0 >/dev/null 2>&1
daemon ceph-osd -f -i 0
for _ in $(seq 1 50); do
  if timeout 5 ceph osd stat 2>/dev/null | grep -q '1 up'; then break; fi
  sleep 0.2
done
daemon radosgw -f -n client.rgw
for _ in $(seq 1 300); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  sleep 0.1
done
timeout 60 radosgw-admin -n client.admin user create --uid=test --display-name=test \
  --access-key="$S3_ACCESS_KEY" --secret="$S3_SECRET_KEY" >/dev/null 2>>log/daemons.out ||
  fail "the gateway does not answer"
echo ready

# `read` runs in the foreground of this shell, so a signal's trap interrupts it at once.
while read -r _; do :; done
