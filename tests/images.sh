#!/bin/sh
# images.sh DIR: the pictures of docs/, made of real containers: DIR/trace.svg, the --trace of the quickest of TURNS runs as a
# timeline, and DIR/pod.svg, a pod of three containers as "inspect --dot" sees it. NSRUN is the program. Needs root, jq and
# busybox; without dot (graphviz) there is no pod.svg, and the exit status is 77.
set -eu
dir=$(cd "$1" && pwd)
nsrun=$(readlink -f "${NSRUN:-nsrun}")
for program in jq busybox awk; do
	command -v $program >/dev/null || { echo "$program is missing" && exit 77; }
done
[ "$(id -u)" -eq 0 ] || { echo "needs root" && exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/nsrun-images.XXXXXX")
names="images-$$-trace images-$$-pause images-$$-web images-$$-log"
clean_up() {
	for name in $names; do
		"$nsrun" --root "$work/state" delete --force "$name" >/dev/null 2>&1 || :
	done
	rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
mkdir -p "$work/rootfs/bin"
cp "$(command -v busybox)" "$work/rootfs/bin/busybox"
"$work/rootfs/bin/busybox" --install "$work/rootfs/bin"
cd "$work"

# container NAME FILTER: runs it in the background
container() {
	"$nsrun" spec --config "$1.json" --no-terminal -- sleep 1000
	jq "$2" "$1.json" >new.json
	mv new.json "$1.json"
	"$nsrun" --root state run --detach --config "$1.json" "images-$$-$1" </dev/null >out 2>&1 || { cat out && exit 1; }
}

# timeline: a trace as an SVG. A row for each process, on which each step is a bar, and below it a row for each step that
# takes a hundredth of the whole.
timeline() {
	jq -r '.traceEvents | (map(select(.ph == "M")) | map({(.pid | tostring): .args.name}) | add) as $names
		| map(select(.ph == "X")) | sort_by(.ts)[] | [$names[.pid | tostring], .ts, .dur, .name] | @tsv' | awk -F '\t' '
	# No path of the machine: of a cgroup its hierarchy is enough.
	function label(s) {
		if (match(s, "^cgroup /sys/fs/cgroup/[^/]*")) s = substr(s, 1, RLENGTH)
		sub("^rootfs /.*", "rootfs", s)
		gsub("&", "\\&amp;", s); gsub("<", "\\&lt;", s); gsub(">", "\\&gt;", s); gsub("\"", "\\&quot;", s)
		return s
	}
	{
		n++
		who[n] = $1; from[n] = $2 / 1000; time[n] = $3 / 1000; what[n] = label($4)
		if (!($1 in seen)) { seen[$1] = 1; lane[++lanes] = $1 }
		if (from[n] + time[n] > end) end = from[n] + time[n]
	}
	function x(t) { return left + t / end * (width - left - 20) }
	function bar(i, y, h) {
		printf "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"><title>%s: %.3f ms</title></rect>\n",
			x(from[i]), y, x(from[i] + time[i]) - x(from[i]) + 0.3, h, i % 2 ? "#1b7837" : "#7fbf7b", what[i], time[i]
	}
	END {
		width = 760; left = 20; row = 15; y = 44
		for (i = 1; i <= n; i++) if (time[i] >= end / 100) rows++
		height = y + lanes * (2 * row + 16) + rows * row + 10
		printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"10\">\n",
			width, height
		print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
		for (t = 0; t <= 4; t++) {
			printf "<line x1=\"%.1f\" y1=\"22\" x2=\"%.1f\" y2=\"%d\" stroke=\"#ddd\"/>\n", x(end * t / 4), x(end * t / 4), height
			printf "<text x=\"%.1f\" y=\"16\" text-anchor=\"%s\">%.1f ms</text>\n", x(end * t / 4), t == 4 ? "end" : "start", end * t / 4
		}
		for (l = 1; l <= lanes; l++) {
			printf "<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s</text>\n", left, y, lane[l]
			for (i = 1; i <= n; i++) if (who[i] == lane[l]) bar(i, y + 5, row)
			y += row + 20
			for (i = 1; i <= n; i++) {
				if (who[i] != lane[l] || time[i] < end / 100) continue
				bar(i, y - 9, 9)
				late = x(from[i]) > width / 2
				printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s, %.2f ms</text>\n",
					late ? x(from[i]) - 4 : x(from[i] + time[i]) + 4, y, late ? "end" : "start", what[i], time[i]
				y += row
			}
			y += 12
		}
		print "</svg>"
	}'
}

"$nsrun" spec --config trace.json --no-terminal -- true
# The quickest of a few: what else the machine does is no part of the picture.
best=
for turn in $(seq "${TURNS:-3}"); do
	"$nsrun" --root state --trace "trace.$turn" run --config trace.json "images-$$-trace" </dev/null
	time=$(jq '[.traceEvents[] | select(.ph == "X") | .ts + .dur] | max | floor' "trace.$turn")
	[ -n "$best" ] && [ "$time" -ge "$best" ] || { best=$time && cp "trace.$turn" trace.best; }
done
timeline <trace.best >"$dir/trace.svg.tmp"
mv "$dir/trace.svg.tmp" "$dir/trace.svg"

command -v dot >/dev/null || { echo "dot is missing: install graphviz" && exit 77; }
container pause .
pid=$("$nsrun" --root state state "images-$$-pause" | jq .pid)
join='{"uts": "uts", "ipc": "ipc", "network": "net"} as $file | del(.hostname)
	| .linux.namespaces |= map(if $file[.type] then .path = "/proc/'$pid'/ns/" + $file[.type] else . end)'
container web "$join"
container log "$join"
# Without what they share with the host, and the numbers, which are those of this run.
"$nsrun" --root state inspect --dot "images-$$-pause" | grep -v '":host"\|":user:\|":time:\|style=dashed' |
	sed "s/images-$$-//g; s/\\\\n[0-9]*//" | dot -Tsvg >"$dir/pod.svg.tmp"
mv "$dir/pod.svg.tmp" "$dir/pod.svg"
