# netdev.bats: linux.netDevices. Everything happens in a network namespace of the test's own, where "host" devices are
# made: this machine's are not touched.
load helpers
load nethost

setup_net() {
	skip_unless root ip unshare nsenter
	new_net HOLDER
	on_host ip link set lo up
	on_host ip link add vha type veth peer name vhb || skip "this kernel has no veth"
}

box() {
	new_bundle
	edit '.process.args = ["sleep", "600"]'
}

@test "a device goes into the container: named, up, with its attributes and its permanent global addresses" {
	setup_net
	on_host ip link set vha address 02:00:00:00:00:99 mtu 1300
	on_host ip addr add 10.7.0.1/24 brd 10.7.0.255 dev vha
	on_host ip addr add 10.7.0.2/24 dev vha
	on_host ip addr add 10.8.0.1 peer 10.8.0.9/32 dev vha
	on_host ip addr add 10.9.0.1/24 dev vha valid_lft 1000 preferred_lft 1000
	on_host ip addr add 192.168.77.1/24 scope link dev vha
	[ ! -e /proc/net/if_inet6 ] || on_host ip addr add fd00:7::1/64 nodad dev vha
	box
	edit '.linux.netDevices = {vha: {name: "eth0"}}'
	detached create "$ID"
	[ "$status" -eq 0 ]
	no_device vha
	in_box "$ID" ip addr show eth0
	got=$(in_box "$ID" ip -json addr show eth0)
	[ "$(jq -r '.[0].address' <<<"$got")" = 02:00:00:00:00:99 ]
	[ "$(jq -r '.[0].mtu' <<<"$got")" = 1300 ]
	jq -e '.[0].flags | index("UP")' <<<"$got"
	want='10.7.0.1/24 10.7.0.255
10.7.0.2/24 null
10.8.0.1/32 null'
	[ "$(jq -r '.[0].addr_info[] | select(.family == "inet") | "\(.local)/\(.prefixlen) \(.broadcast)"' <<<"$got" |
		sort)" = "$want" ]
	[ "$(jq -r '.[0].addr_info[] | select(.local == "10.8.0.1").address' <<<"$got")" = 10.8.0.9 ]
	[ ! -e /proc/net/if_inet6 ] || jq -e '.[0].addr_info[] | select(.local == "fd00:7::1" and .prefixlen == 64)' <<<"$got"
	nsrun start "$ID"
	nsrun delete --force "$ID"
	# A veth ends with its namespace: nsrun does not take it back.
	wait_for no_device vhb
	no_device vha
}

@test "without a name a device keeps the one it has; several go in the order of the config" {
	setup_net
	on_host ip link add vhc type veth peer name vhd
	box
	edit '.linux.netDevices = {vhc: {}, vha: {name: ""}}'
	detached run --detach "$ID"
	[ "$status" -eq 0 ]
	in_box "$ID" ip link show vhc up | grep -q vhc
	in_box "$ID" ip link show vha up | grep -q vha
	nsrun plan | grep ' netdev ' >"$WORK/plan"
	[ "$(awk '{ print $5 }' "$WORK/plan" | paste -sd ' ')" = "vhc vha" ]
}

@test "a name that ends in %d is numbered by the kernel, also beside one that is taken" {
	setup_net
	on_host ip link add vhc type veth peer name vhd
	box
	edit '.linux.netDevices = {vha: {name: "eth%d"}, vhc: {name: "eth%d"}}'
	detached create "$ID"
	[ "$status" -eq 0 ]
	in_box "$ID" ip link show eth0
	in_box "$ID" ip link show eth1
}

@test "a name that the container has already is an error, and the device stays as it was" {
	setup_net
	new_net other
	nsenter --net=/proc/$other/ns/net ip link add eth0 type veth peer name eth1
	nsenter --net=/proc/$other/ns/net ip link add vha type veth peer name vhx
	on_host ip addr add 10.7.0.1/24 dev vha
	box
	edit '(.linux.namespaces[] | select(.type == "network")).path = $path | .linux.netDevices = {vha: {name: "eth0"}}' \
		--arg path "/proc/$other/ns/net"
	run ! nsrun create "$ID"
	[[ $output == *'netdev vha as eth0: the container has a network device called "eth0"'* ]]
	[[ $output == *'/linux/netDevices/vha'* ]]
	[[ $output == *'hint: give it another name'* ]]
	on_host ip addr show vha | grep -q 10.7.0.1/24
	# The old name is taken there, the new one is not.
	edit '.linux.netDevices = {vha: {name: "eth7"}}'
	detached create "$ID"
	[ "$status" -eq 0 ]
	nsenter --net=/proc/$other/ns/net ip addr show eth7 | grep -q 10.7.0.1/24
	no_device vha
	# A joined namespace outlives the container, and the device stays in it.
	nsrun delete --force "$ID"
	nsenter --net=/proc/$other/ns/net ip link show eth7
	no_device vha
}

@test "a device is the container's until delete: what is done to it there stays, and a stopped container keeps it" {
	setup_net
	new_net other
	box
	edit '(.linux.namespaces[] | select(.type == "network")).path = $path | .linux.netDevices = {vha: {name: "eth0"}}' \
		--arg path "/proc/$other/ns/net"
	detached create "$ID"
	[ "$status" -eq 0 ]
	nsenter --net=/proc/$other/ns/net ip link set eth0 down
	nsenter --net=/proc/$other/ns/net ip link set eth0 name mine mtu 1200
	nsrun start "$ID"
	nsenter --net=/proc/$other/ns/net ip -json link show mine |
		jq -e '.[0].mtu == 1200 and (.[0].flags | index("UP") | not)'
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	nsenter --net=/proc/$other/ns/net ip link show mine
	no_device vha
	no_device mine
}

@test "devices that cannot be moved are named: missing, lo, a bridge" {
	setup_net
	box
	edit '.linux.netDevices = {nosuch0: {}}'
	run ! nsrun create "$ID"
	[[ $output == *'the host has no network device called "nosuch0"'* ]]
	[[ $output == *'hint: make the device'* ]]
	edit '.linux.netDevices = {lo: {name: "lo9"}}'
	run ! nsrun create "$ID"
	[[ $output == *'netdev lo as lo9'*'invalid argument'* ]]
	on_host ip link show lo
	on_host ip link add vhbr type bridge || skip "this kernel has no bridge"
	edit '.linux.netDevices = {vhbr: {}}'
	run ! nsrun create "$ID"
	[[ $output == *'netdev vhbr as vhbr'*'invalid argument'* ]]
	[[ $output == *'lo and bridges cannot'* ]]
	on_host ip link show vhbr
}

@test "the host's network namespace is refused: none in the config, or the path of the host's own" {
	setup_net
	box
	edit '.linux.netDevices = {vha: {}} | .linux.namespaces |= map(select(.type != "network"))'
	run ! nsrun create "$ID"
	[[ $output == *'cannot be moved without a network namespace of the container'* ]]
	edit '.linux.namespaces += [{type: "network", path: $path}]' --arg path "/proc/$HOLDER/ns/net"
	run ! nsrun create "$ID"
	[[ $output == *"the network namespace of the container is the host's"* ]]
	on_host ip link show vha
}

@test "names that the kernel would refuse are found before anything is made" {
	setup_net
	box
	edit '.linux.netDevices = {"a/b": {}, vha: {name: "name-of-16-bytes"}, vhb: {name: ".."}, c: {name: "x y"},
		d: {name: "%s"}, e: {name: "lo"}, f: {name: "g"}, g: {}}'
	run ! nsrun check
	[[ $output == *'/linux/netDevices/a~1b: invalid network device name "a/b"'* ]]
	[[ $output == *'/linux/netDevices/vha/name: invalid network device name "name-of-16-bytes"'* ]]
	[[ $output == *'/linux/netDevices/vhb/name: invalid network device name ".."'* ]]
	[[ $output == *'/linux/netDevices/c/name: invalid network device name "x y"'* ]]
	[[ $output == *'/linux/netDevices/d/name: invalid network device name "%s"'* ]]
	[[ $output == *'/linux/netDevices/e/name: every network namespace has a "lo" already'* ]]
	[[ $output == *'/linux/netDevices/g: two network devices would be called "g"'* ]]
}

@test "root moves a device into a container with a user namespace" {
	setup_net
	skip_unless userns
	box
	edit '.linux.namespaces += [{type: "user"}] | .linux.netDevices = {vha: {name: "eth0"}}
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	detached run --detach "$ID"
	[ "$status" -eq 0 ]
	in_box "$ID" ip link show eth0
}

@test "a create that fails behind the move gives the device back: name, addresses, state; at every step" {
	setup_net
	skip_unless faults
	on_host ip link add vhc type veth peer name vhd
	on_host ip addr add 10.7.0.1/24 dev vha
	on_host ip link set vha up
	box
	edit '.linux.netDevices = {vha: {name: "eth0"}, vhc: {name: "eth%d"}}
		| .hooks.createRuntime = [{path: "/bin/true"}]'
	nsrun plan --format json | jq -r '.steps[] | "\(.step) \(.lane) \(.kind)"' >"$WORK/steps"
	first=$(awk '$3 == "netdev" { print $1; exit }' "$WORK/steps")
	last=$(awk '$3 == "publish" { print $1 }' "$WORK/steps")
	[ "$first" -lt "$last" ]
	for ((n = first; n <= last; n++)); do
		for how in NSRUN_FAIL_AT NSRUN_KILL_INIT_AT; do
			# Init can be killed only while the host's side works, and the moves beforehand must have been possible.
			[ $how = NSRUN_FAIL_AT ] || awk -v n="$n" '$1 == n && $2 == "host" && $3 != "netdev" { ok = 1 }
				END { exit !ok }' "$WORK/steps" || continue
			run env "$how=$n" nsenter --net="/proc/$HOLDER/ns/net" "$NSRUN" --root "$ROOT" create "$ID" </dev/null
			[ "$status" -ne 0 ] || {
				# What init is killed at may have been the last thing that asked for it.
				[ $how = NSRUN_KILL_INIT_AT ]
				nsrun delete --force "$ID"
				continue
			}
			on_host ip addr show vha | grep -q 'inet 10.7.0.1/24' || {
				echo "$how=$n: vha is not back: $(on_host ip addr)"
				return 1
			}
			on_host ip link show vha up | grep -q vha
			[ -z "$(on_host ip link show vhc up)" ]
			on_host ip link show vhc >/dev/null
		done
	done
}
