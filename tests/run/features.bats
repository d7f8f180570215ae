#!/usr/bin/env bats
# features: the document is what the specification says, and every word of it is true of this nsrun.
# shellcheck disable=SC2154,SC2030,SC2031,SC2016 # bats sets status and output, each test is a process, jq has $names

load helpers

# each FILTER: the strings of a list of the document, one per line
each() {
	nsrun features | jq -r "$1"
}

# accepts FILTER [ARGUMENT OF JQ]...: a config changed so has no finding that is an error
accepts() {
	cp "$WORK/plain.json" "$BUNDLE/config.json"
	edit "$@"
	run -0 nsrun check "$BUNDLE"
}

# plain_bundle: a bundle that accepts() begins with
plain_bundle() {
	new_bundle
	cp "$BUNDLE/config.json" "$WORK/plain.json"
}

@test "the document has each member of the specification, with its type, and no other" {
	run -0 --separate-stderr nsrun features
	# shellcheck disable=SC2154 # bats sets stderr
	[ -z "$stderr" ]
	jq -e '
	def strings: type == "array" and all(type == "string") and (unique | length) == length;
	def has_just($keys): (keys - $keys) == [] and ($keys - keys) == [];
	def switches($keys): has_just($keys) and all(.[]; type == "boolean");
	has_just(["ociVersionMin", "ociVersionMax", "hooks", "mountOptions", "linux", "annotations",
		"potentiallyUnsafeConfigAnnotations"])
	and (.ociVersionMin, .ociVersionMax | type == "string" and test("^[0-9]+\\.[0-9]+\\.[0-9]+(-[a-z0-9.]+)?$"))
	and (.hooks, .mountOptions, .potentiallyUnsafeConfigAnnotations | strings)
	and (.mountOptions | . == sort)
	and (.annotations | type == "object" and all(.[]; type == "string") and all(keys[]; test("^[a-z]+\\.[a-z.]+$")))
	and (.linux | has_just(["namespaces", "capabilities", "cgroup", "seccomp", "apparmor", "selinux", "intelRdt",
			"memoryPolicy", "mountExtensions", "netDevices"])
		and (.namespaces, .capabilities | strings)
		and (.capabilities | all(test("^CAP_[A-Z_]+$")))
		and (.cgroup | switches(["v1", "v2", "systemd", "systemdUser", "rdma"]))
		and (.seccomp | .enabled == false or (has_just(["enabled", "actions", "operators", "archs", "knownFlags",
				"supportedFlags"]) and (del(.enabled) | all(.[]; strings))
			and .supportedFlags - .knownFlags == []))
		and (.apparmor, .selinux, .netDevices | switches(["enabled"]))
		and (.intelRdt | switches(["enabled", "schemata", "monitoring"]))
		and (.memoryPolicy | has_just(["modes", "flags"]) and all(.[]; strings))
		and (.mountExtensions | has_just(["idmap"]) and (.idmap | switches(["enabled"]))))' <<<"$output"
	# As engines expect it: four spaces, a line break at the end.
	[[ ${lines[1]} == '    "ociVersionMin": "1.0.0",' ]]
	[ "$(nsrun features | tail -c 1)" = "" ]
}

@test "the document is valid by the schema" {
	local schema=${OCI_SCHEMA:-}
	[ -n "$schema" ] || skip "OCI_SCHEMA names no folder with the schema of the specification"
	python3 -c 'import jsonschema' 2>/dev/null || skip "jsonschema for python3 is missing"
	nsrun features >"$WORK/features.json"
	python3 - "$schema" "$WORK/features.json" <<-'END'
		import json, pathlib, sys, warnings
		warnings.simplefilter("ignore")
		import jsonschema
		top = pathlib.Path(sys.argv[1]).resolve()
		schema = json.loads((top / "features-schema.json").read_text())
		resolver = jsonschema.RefResolver(top.as_uri() + "/features-schema.json", schema)
		jsonschema.Draft4Validator(schema, resolver=resolver).validate(json.load(open(sys.argv[2])))
	END
}

@test "both versions are taken as ociVersion, and the later one is not below the earlier" {
	local version
	plain_bundle
	for version in $(each '.ociVersionMin, .ociVersionMax'); do
		accepts '.ociVersion = $v' --arg v "$version"
	done
	[ "$(each '.ociVersionMin, .ociVersionMax' | sort -V | head -n 1)" = "$(each .ociVersionMin)" ]
}

@test "each namespace, capability and hook of the document is recognised" {
	local word
	plain_bundle
	each '.linux.namespaces[]' | sort >"$WORK/words"
	printf '%s\n' cgroup ipc mount network pid time user uts | diff - "$WORK/words"
	for word in $(each '.linux.namespaces[]'); do
		[ "$word" != time ] || [ -e /proc/self/ns/time ] || continue
		accepts '.linux.namespaces = [{type: "mount"}, {type: "user"}, {type: $t}] | .linux.namespaces |= unique
			| .linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}] | .linux.gidMappings = .linux.uidMappings
			| del(.hostname) | .mounts = [] | del(.linux.resources)' --arg t "$word"
	done
	accepts '.process.capabilities.bounding = ($all | split("\n"))' --arg all "$(each '.linux.capabilities[]')"
	[[ $output != *capabilit* ]]
	for word in $(each '.hooks[]'); do
		accepts '.hooks[$h] = [{path: "/bin/true"}]' --arg h "$word"
	done
}

@test "each mode and flag of memoryPolicy is recognised" {
	local word
	plain_bundle
	[ "$(each '.linux.memoryPolicy.modes | length')" -eq 7 ]
	for word in $(each '.linux.memoryPolicy.modes[]'); do
		accepts '.linux.memoryPolicy = {mode: $m, nodes: "0"}
			| if $m == "MPOL_DEFAULT" or $m == "MPOL_LOCAL" then del(.linux.memoryPolicy.nodes) else . end' --arg m "$word"
	done
	for word in $(each '.linux.memoryPolicy.flags[]'); do
		accepts '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: [$f]}' --arg f "$word"
	done
}

@test "what the document calls enabled is accepted" {
	plain_bundle
	[ "$(each '.linux | [.mountExtensions.idmap.enabled, .netDevices.enabled, .intelRdt.enabled, .apparmor.enabled,
		.selinux.enabled] | all')" = true ]
	# Also when only some file systems have it.
	accepts '.mounts += [{destination: "/m", type: "bind", source: "/tmp", options: ["bind"],
		uidMappings: [{containerID: 0, hostID: 1, size: 1}], gidMappings: [{containerID: 0, hostID: 1, size: 1}]}]'
	accepts '.linux.netDevices = {eth7: {name: "in7"}}'
	run nsrun check "$BUNDLE"
	[[ $output != *"not supported"* ]]
}

@test "every annotation that the code honours is named, and none that it does not know" {
	local name known word
	cd "${SRCDIR:-$BATS_TEST_DIRNAME/../..}"
	each '.potentiallyUnsafeConfigAnnotations[]' >"$WORK/listed"
	# Names in the code, but those of D-Bus, files of a cgroup, and what features says of itself.
	grep -rhoE '"(org|run|io|com|net|dev)\.[A-Za-z_]+\.[A-Za-z_.]*' src --include='*.[ch]' --exclude=features.c |
		tr -d '"' | grep -vE '^(org\.freedesktop|io\.bfq|io\.cost)\.' | sort -u >"$WORK/honoured"
	[ -s "$WORK/honoured" ]
	while read -r name; do
		known=
		while read -r word; do
			[ "$name" != "$word" ] || known=1
			case $word in *.) [[ $name != "$word"* ]] || known=1 ;; esac
		done <"$WORK/listed"
		[ -n "$known" ] || {
			echo "$name is not in potentiallyUnsafeConfigAnnotations"
			false
		}
	done <"$WORK/honoured"
	while read -r word; do
		grep -qF "$word" "$WORK/honoured"
	done <"$WORK/listed"
}

@test "the annotations say which nsrun it is" {
	[ "$(each '.annotations["io.nsrun.version"]')" = "$(nsrun --version | sed -n 's/^nsrun version //p')" ]
	[ "$(each '.annotations["io.github.seccomp.libseccomp.version"]')" = \
		"$(nsrun --version | sed -n 's/^libseccomp: //p')" ]
	[ "$(each '.annotations["io.nsrun.kernel.oldest"]')" = 5.10 ]
}

@test "what is lost on this kernel is printed" {
	local call
	run -0 nsrun features --kernel
	[[ ${lines[0]} == "Linux $(uname -r); the oldest that nsrun supports is 5.10" ]]
	[ "$(grep -cE ' (yes|no|denied|unknown) +(needed|without it): ' <<<"$output")" -eq $((${#lines[@]} - 2)) ]
	for call in openat2 mount_setattr clone3 fsopen; do
		run -0 "$TOOLS/deny" ENOSYS "$call" "$NSRUN" features --kernel
		[[ $output =~ (^|$'\n')$call\ +[0-9.]+\ +no\  ]]
		"$TOOLS/deny" ENOSYS "$call" "$NSRUN" features |
			jq -e '.annotations["io.nsrun.kernel.missing"] | split(" ") | index($c)' --arg c "$call"
	done
	run -0 "$TOOLS/deny" EPERM openat2 "$NSRUN" features --kernel
	[[ $output =~ openat2\ +5.6\ +denied\  ]]
	# The same words are in the manual.
	for call in $(nsrun features --kernel | sed 1,2d | cut -d ' ' -f 1); do
		grep -qF "$call" "${SRCDIR:-$BATS_TEST_DIRNAME/../..}/man/nsrun.1"
	done
}
