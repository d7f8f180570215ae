# rdt.bats: linux.intelRdt, on a directory that stands for resctrl (NSRUN_RESCTRL, builds with --enable-faults). Its
# files keep every line that was written to them.
# bats file_tags=faults
load helpers

box() {
	skip_unless root faults
	RDT=$WORK/resctrl
	mkdir -p "$RDT"/mon_groups "$RDT"/info
	export NSRUN_RESCTRL=$RDT
	fill "$RDT"
	new_bundle
	edit '.process.args = ["sleep", "600"]'
}

# fill CLASS: what the kernel has in it
fill() {
	printf '    L3:0=00fff;1=fff\n    MB:0=100;1=  90\n' >"$1/schemata"
	: >"$1/tasks"
}

# class NAME: one that was made beforehand
class() {
	mkdir -p "$RDT/$1/mon_groups"
	fill "$RDT/$1"
}

@test "without closID the class has the container's id, and goes with it" {
	box
	edit '.linux.intelRdt = {l3CacheSchema: "L3:0=f", memBwSchema: "MB:0=20", schemata: ["L3:1=3", "L2:0=1"]}'
	detached create "$ID"
	[ "$status" -eq 0 ]
	# l3CacheSchema first, then memBwSchema, then schemata.
	[ "$(cat "$RDT/$ID/schemata")" = $'L3:0=f\nMB:0=20\nL3:1=3\nL2:0=1' ]
	[ "$(cat "$RDT/$ID/tasks")" = "$(pid_of "$ID")" ]
	nsrun start "$ID"
	nsrun delete --force "$ID"
	[ ! -e "$RDT/$ID" ]
}

@test "an empty intelRdt is a class without a schema of its own" {
	box
	edit '.linux.intelRdt = {}'
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ -z "$(cat "$RDT/$ID/schemata")" ]
	[ "$(cat "$RDT/$ID/tasks")" = "$(pid_of "$ID")" ]
}

@test "one of the two old properties alone is written" {
	box
	edit '.linux.intelRdt = {l3CacheSchema: "L3:0=f"}'
	detached create "$ID"
	[ "$(cat "$RDT/$ID/schemata")" = L3:0=f ]
	nsrun delete --force "$ID"
	edit '.linux.intelRdt = {memBwSchema: "MB:0=20"}'
	detached create "$ID"
	[ "$(cat "$RDT/$ID/schemata")" = MB:0=20 ]
}

@test "closID with a schema: a class that is missing is made, and stays" {
	box
	edit '.linux.intelRdt = {closID: "gold", schemata: ["L3:0=7f0"]}'
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(cat "$RDT/gold/schemata")" = L3:0=7f0 ]
	[ "$(cat "$RDT/gold/tasks")" = "$(pid_of "$ID")" ]
	nsrun delete --force "$ID"
	[ -d "$RDT/gold" ]
}

@test "closID with a schema: a class that is there must have it" {
	box
	class gold
	edit '.linux.intelRdt = {closID: "gold", l3CacheSchema: "L3:1=0FFF;0=fff", memBwSchema: "MB:1=90"}'
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(cat "$RDT/gold/tasks")" = "$(pid_of "$ID")" ]
	nsrun delete --force "$ID"
	[ -d "$RDT/gold" ]
	for other in '{l3CacheSchema: "L3:0=7ff"}' '{memBwSchema: "MB:0=50"}' '{schemata: ["L3:2=fff"]}' \
		'{schemata: ["L2:0=1"]}'; do
		edit ".linux.intelRdt = {closID: \"gold\"} + $other"
		run ! nsrun create "$ID"
		[[ $output == *'the class /gold is there with other schemata'* ]]
		[[ $output == *'/linux/intelRdt'* ]]
	done
	[ -d "$RDT/gold" ]
}

@test "closID alone: the container joins the class, which must be there; no schema is written" {
	box
	edit '.linux.intelRdt = {closID: "gold"}'
	run ! nsrun create "$ID"
	[[ $output == *'open the class /sys/fs/resctrl/gold: no such file or directory'* ]]
	[ ! -e "$RDT/gold" ]
	class gold
	cp "$RDT/gold/schemata" "$WORK/before"
	detached create "$ID"
	[ "$status" -eq 0 ]
	cmp "$WORK/before" "$RDT/gold/schemata"
	[ "$(cat "$RDT/gold/tasks")" = "$(pid_of "$ID")" ]
	nsrun delete --force "$ID"
	[ -d "$RDT/gold" ]
}

@test "closID / is the default class" {
	box
	edit '.linux.intelRdt = {closID: "/", enableMonitoring: true}'
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(cat "$RDT/tasks")" = "$(pid_of "$ID")" ]
	[ "$(cat "$RDT/mon_groups/$ID/tasks")" = "$(pid_of "$ID")" ]
	nsrun delete --force "$ID"
	[ -d "$RDT/mon_groups" ]
	[ ! -e "$RDT/mon_groups/$ID" ]
}

@test "enableMonitoring: a group with the container's id in its class, gone with delete; one that is there: no" {
	box
	class gold
	edit '.linux.intelRdt = {closID: "gold", enableMonitoring: true}'
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(cat "$RDT/gold/mon_groups/$ID/tasks")" = "$(pid_of "$ID")" ]
	nsrun delete --force "$ID"
	[ ! -e "$RDT/gold/mon_groups/$ID" ]
	mkdir "$RDT/gold/mon_groups/$ID"
	run ! nsrun create "$ID"
	[[ $output == *"make the monitoring group /sys/fs/resctrl/gold/mon_groups/$ID: file exists"* ]]
	[ -d "$RDT/gold/mon_groups/$ID" ]
}

@test "a class of the container's name that is there already is somebody else's" {
	box
	class "$ID"
	edit '.linux.intelRdt = {}'
	run ! nsrun create "$ID"
	[[ $output == *"make the class /sys/fs/resctrl/$ID: file exists"* ]]
	[ -d "$RDT/$ID" ]
}

@test "a create that fails leaves no class and no monitoring group, whose ever they were to be" {
	box
	for rdt in '{enableMonitoring: true, schemata: ["L3:0=1"]}' \
		'{closID: "new", enableMonitoring: true, schemata: ["L3:0=1"]}'; do
		edit ".linux.intelRdt = $rdt"
		n=$(nsrun plan --format json | jq '.steps[] | select(.kind == "rdt").step')
		for at in "$n" $((n + 1)) $((n + 5)); do
			run env NSRUN_FAIL_AT=$at "$NSRUN" --root "$ROOT" create "$ID" </dev/null
			[ "$status" -eq 1 ]
			[ ! -e "$RDT/$ID" ]
			[ ! -e "$RDT/new" ]
			run env NSRUN_KILL_AT=$at "$NSRUN" --root "$ROOT" create "$ID" </dev/null
			nsrun delete --force "$ID"
			[ ! -e "$RDT/$ID" ]
			[ ! -e "$RDT/new" ]
		done
	done
}

@test "a resctrl that is not mounted is an error" {
	skip_unless root
	[ ! -e /sys/fs/resctrl/schemata ] || skip "it is mounted here"
	new_bundle
	edit '.linux.intelRdt = {closID: "gold"}'
	run ! nsrun create "$ID"
	[[ $output == *'resctrl is not mounted at /sys/fs/resctrl'* ]]
	[[ $output == *'hint: mount it'* ]]
}

@test "schemas and ids that cannot be right are found before anything is made" {
	new_bundle
	edit '.linux.intelRdt = {closID: "a/b", l3CacheSchema: "MB:0=1", memBwSchema: "L3:0=1",
		schemata: ["L3:0=1\nMB:0=1", "x"]}'
	run ! nsrun check
	[[ $output == *'/linux/intelRdt/closID: invalid closID "a/b"'* ]]
	[[ $output == *'/linux/intelRdt/l3CacheSchema: warning: l3CacheSchema ought to begin with "L3:"'* ]]
	[[ $output == *'/linux/intelRdt/memBwSchema: memBwSchema does not begin with "MB:"'* ]]
	[[ $output == *'/linux/intelRdt/schemata/0: the schema contains a line break'* ]]
	[[ $output == *'/linux/intelRdt/schemata/1: "x" names no resource'* ]]
	edit '.linux.intelRdt = {closID: "info", memBwSchema: "MB:0=1\nMB:1=2", enableCMT: true}'
	run ! nsrun check
	[[ $output == *"closID \"info\" is one of the kernel's own directories"* ]]
	[[ $output == *'/linux/intelRdt/memBwSchema: the schema contains a line break'* ]]
	[[ $output == *'/linux/intelRdt/enableCMT: warning: enableCMT was taken out of the specification in 1.3'* ]]
}
