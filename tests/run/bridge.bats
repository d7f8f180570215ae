# bridge.bats: the hooks of contrib/hooks. The host of these tests is a network namespace of their own.
load helpers
load nethost

HOOKS=$(cd "$BATS_TEST_DIRNAME/../../contrib/hooks" && pwd)

setup_net() {
	skip_unless root ip jq unshare nsenter flock
	new_net HOLDER
	on_host ip link set lo up
	on_host ip link add probe type bridge || skip "this kernel has no bridge"
	on_host ip link delete probe
	on_host ip link add pa type veth peer name pb || skip "this kernel has no veth"
	on_host ip link delete pa
}

# hooked HOOK ANNOTATIONS: a bundle with a hook of ours
hooked() {
	new_bundle
	edit '.hooks = {createRuntime: [{path: $hook}], poststop: [{path: $hook}]} | .annotations = $notes
		| .process.args = ["sleep", "600"] | .process.capabilities |= map_values(. + ["CAP_NET_RAW"])' \
		--arg hook "$HOOKS/$1" --argjson notes "$2"
}

# cabled ADDRESS [MORE]: a container on the bridge nsrt0, running
cabled() {
	hooked nsrun-bridge "$(jq -n --arg a "$1" '{"nsrun.bridge.name": "nsrt0", "nsrun.bridge.address": $a,
		"nsrun.bridge.gateway": "10.88.7.1"} + $more' --argjson more "${2:-{\}}")"
	detached run --detach "$ID"
	[ "$status" -eq 0 ]
}

@test "two containers on a bridge reach each other, the bridge, and are reached" {
	setup_net
	cabled 10.88.7.2/24
	first=$ID
	cabled 10.88.7.3/24
	in_box "$ID" ip -4 -brief addr show eth0 | grep -q '10.88.7.3/24'
	[ "$(in_box "$ID" ip route show default)" = "default via 10.88.7.1 dev eth0 " ]
	in_box "$ID" busybox ping -c 1 -W 5 10.88.7.1
	in_box "$ID" busybox ping -c 1 -W 5 10.88.7.2
	in_box "$first" busybox ping -c 1 -W 5 10.88.7.3
	on_host busybox ping -c 1 -W 5 10.88.7.2
	[ "$(on_host ip -oneline link show master nsrt0 | wc -l)" -eq 2 ]
	# The bridge goes with the last one.
	nsrun delete --force "$first"
	[ "$(on_host ip -oneline link show master nsrt0 | wc -l)" -eq 1 ]
	nsrun delete --force "$ID"
	no_device nsrt0
}

@test "a program in the container pings the other one by itself" {
	setup_net
	cabled 10.88.7.2/24
	hooked nsrun-bridge '{"nsrun.bridge.name": "nsrt0", "nsrun.bridge.address": "10.88.7.3/24",
		"nsrun.bridge.gateway": "10.88.7.1"}'
	in_container 'ping -c 1 -W 5 10.88.7.2 && ping -c 1 -W 5 10.88.7.1'
	run -0 nsrun run "$ID"
	[[ $output == *'1 packets received'*'1 packets received'* ]]
}

@test "a bridge that was there stays, with its addresses" {
	setup_net
	on_host ip link add nsrt0 type bridge
	on_host ip addr add 10.88.7.1/24 dev nsrt0
	cabled 10.88.7.2/24
	in_box "$ID" busybox ping -c 1 -W 5 10.88.7.1
	nsrun delete --force "$ID"
	on_host ip addr show nsrt0 | grep -q '10.88.7.1/24'
	[ -z "$(on_host ip -oneline link show master nsrt0)" ]
}

@test "NAT: what leaves the bridge has the host's address; the rule goes with the container" {
	setup_net
	skip_unless nft
	on_host nft add table ip probe || skip "this kernel has no nftables"
	# The world beyond the host: it knows no way back to 10.88.7.0/24.
	new_net world
	on_host ip link add wan type veth peer name eth0 netns $world
	on_host ip addr add 192.0.2.1/24 dev wan
	on_host ip link set wan up
	nsenter --net=/proc/$world/ns/net ip addr add 192.0.2.2/24 dev eth0
	nsenter --net=/proc/$world/ns/net ip link set eth0 up
	cabled 10.88.7.2/24
	run ! in_box "$ID" busybox ping -c 1 -W 1 192.0.2.2
	nsrun delete --force "$ID"
	cabled 10.88.7.2/24 '{"nsrun.bridge.nat": "true"}'
	in_box "$ID" busybox ping -c 1 -W 5 192.0.2.2
	on_host nft list ruleset | grep -q masquerade
	nsrun delete --force "$ID"
	run ! grep masquerade <(on_host nft list ruleset)
}

@test "annotations that cannot be right end the create, and nothing is left" {
	setup_net
	for notes in '{}' '{"nsrun.bridge.address": "10.88.7.2", "nsrun.bridge.gateway": "10.88.7.1"}' \
		'{"nsrun.bridge.address": "10.88.7.2/24"}' \
		'{"nsrun.bridge.address": "10.88.7.2/24", "nsrun.bridge.gateway": "10.88.7.1", "nsrun.bridge.name": "a b"}' \
		'{"nsrun.bridge.address": "10.88.7.2/24", "nsrun.bridge.gateway": "10.88.7.1; id"}' \
		'{"nsrun.bridge.address": "fd00::2/64", "nsrun.bridge.gateway": "fd00::1", "nsrun.bridge.nat": "true"}' \
		'{"nsrun.bridge.address": "10.88.7.999/24", "nsrun.bridge.gateway": "10.88.7.1"}'; do
		hooked nsrun-bridge "$notes"
		run ! nsrun create "$ID"
		[[ $output == *'nsrun-bridge: '* || $output == *'10.88.7.999'* ]] || {
			echo "$notes: $output"
			return 1
		}
	done
	[ "$(on_host ip -oneline link | wc -l)" -eq 1 ]
}

@test "without a network namespace the host is left alone" {
	setup_net
	hooked nsrun-bridge '{"nsrun.bridge.address": "10.88.7.2/24", "nsrun.bridge.gateway": "10.88.7.1"}'
	edit '.linux.namespaces |= map(select(.type != "network"))'
	run ! nsrun create "$ID"
	[[ $output == *"the container is in the host's network namespace"* ]]
	[ "$(on_host ip -oneline link | wc -l)" -eq 1 ]
}

@test "pinned namespaces are joined by path, live on without processes, and go with delete" {
	skip_unless root jq
	pins=$WORK/pins/pod
	hooked nsrun-pin "{\"nsrun.pin.dir\": \"$pins\"}"
	edit '.hostname = "pod"'
	first=$ID
	detached run --detach "$ID"
	[ "$status" -eq 0 ]
	for type in net ipc uts; do
		[ "$(stat -Lc %i "$pins/$type")" = "$(stat -Lc %i "/proc/$(pid_of "$first")/ns/$type")" ]
	done
	nsrun kill "$first" KILL
	wait_for is_status "$first" stopped
	new_bundle
	edit 'del(.hostname) | .linux.namespaces |= map(if .type | IN("network", "ipc", "uts")
		then .path = $pins + "/" + (if .type == "network" then "net" else .type end) else . end)' --arg pins "$pins"
	in_container 'hostname'
	run -0 nsrun run "$ID"
	[ "$output" = pod ]
	nsrun delete "$first"
	[ ! -e "$pins" ]
	run ! grep "$pins" /proc/self/mountinfo
}

@test "a folder with another container's pins is refused, and they stay" {
	skip_unless root jq
	pins=$WORK/pins/pod
	hooked nsrun-pin "{\"nsrun.pin.dir\": \"$pins\", \"nsrun.pin.types\": \"net cgroup\"}"
	first=$ID
	detached create "$ID"
	[ "$status" -eq 0 ]
	inode=$(stat -Lc %i "$pins/net")
	hooked nsrun-pin "{\"nsrun.pin.dir\": \"$pins\"}"
	run ! nsrun create "$ID"
	[[ $output == *"nsrun-pin: $pins is another container's: $first"* ]]
	[ "$(stat -Lc %i "$pins/net")" = "$inode" ]
	for dir in relative / '' /run/../run/x/; do
		hooked nsrun-pin "{\"nsrun.pin.dir\": \"$dir\"}"
		run ! nsrun create "$ID"
		[[ $output == *'nsrun.pin.dir must be an absolute path'* ]]
	done
	hooked nsrun-pin "{\"nsrun.pin.dir\": \"$pins\", \"nsrun.pin.types\": \"pid\"}"
	run ! nsrun create "$ID"
	[[ $output == *'"pid" is none of'* ]]
}
