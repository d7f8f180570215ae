#!/bin/sh
# layers.sh: who may include whom. The table of ARCHITECTURE.md, checked over every #include line.
. "$(dirname "$0")/common.sh"

files=$(sources)
# shellcheck disable=SC2086 # file names without blanks
found=$(grep -n '^[[:space:]]*#[[:space:]]*include' /dev/null $files | awk -F: '
BEGIN {
	# layer: what it may include, as patterns of our own headers
	may["libocispec-lite"] = "libocispec-lite/"
	may["base"]  = "base/"
	may["host"]  = "libocispec-lite/ base/ host/"
	may["check"] = "libocispec-lite/ base/ host/facts.h check/"
	may["plan"]  = "libocispec-lite/ base/err.h base/str.h base/caps.h base/idrange.h base/rlimits.h base/sys.h host/facts.h plan/" # names and numbers; see symbols.sh
	may["apply"] = "libocispec-lite/ base/ host/facts.h plan/ apply/"
	may["stats"] = "libocispec-lite/ base/ apply/cgroup.h stats/"
	may["store"] = "libocispec-lite/ base/ store/"
	may["cmd"]   = "libocispec-lite/ base/ host/ check/ plan/ apply/ stats/ store/ cmd/"
	may["main"]  = may["cmd"]
	may["start"] = "" # nothing is there yet
	may["systemd"] = "libocispec-lite/ base/ apply/systemd_wire.h systemd/" # a program of its own
	may["criu"] = "libocispec-lite/ base/ apply/criu_wire.h criu/" # the same

	# header of a library: the files that may include it, as patterns
	lib["yajl/"] = "libocispec-lite/"
	lib["seccomp.h"] = "src/apply/seccomp_compile.c"
	lib["sys/capability.h"] = "src/base/caps.c"
	lib["libmount/"] = "src/host/mountinfo.c"
	lib["dlfcn.h"] = "src/systemd/"
}
function among(name, list,   i, n, part) {
	n = split(list, part, " ")
	for (i = 1; i <= n; i++)
		if (index(name, part[i]) == 1)
			return 1
	return 0
}
{
	file = $1
	layer = file
	sub(/^src\//, "", layer)
	sub(/[\/.].*/, "", layer)
	if (!(layer in may))
		print file ":" $2 ": no layer is called " layer
	if (match($0, /include *"[^"]*"/)) {
		name = substr($0, RSTART, RLENGTH)
		gsub(/include *|"/, "", name)
		if (name != "config.h" && !among(name, may[layer]))
			print file ":" $2 ": " layer " may not include " name
	} else if (match($0, /<[^>]*>/)) {
		name = substr($0, RSTART + 1, RLENGTH - 2)
		for (l in lib)
			if (index(name, l) == 1 && !among(file, lib[l]))
				print file ":" $2 ": <" name "> is for " lib[l]
	}
}')
[ -z "$found" ] || {
	echo "$found"
	bad=$(echo "$found" | wc -l)
}
done_with "layers: #include lines of $(echo "$files" | wc -l) files"
