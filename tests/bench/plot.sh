#!/bin/sh
# plot.sh RESULTS: the JSON of "bench.sh --json RESULTS" as a picture (SVG) on stdout: for each action a bar for each
# runtime, as long as its median, with a line up to its 95th percentile. Needs jq.
set -eu
jq -r '.results | group_by(.action)[] | .[] | [.action, .runtime, .wall_us.median, .wall_us.p95] | @tsv' "$1" | awk -F '\t' '
BEGIN {
	width = 640; left = 130; row = 16
	split("run create start exec state kill delete", order, " ")
	colour["floor"] = "#999999"; colour["nsrun"] = "#1b7837"; colour["crun"] = "#c2a5cf"; colour["runc"] = "#7fbfff"
}
{
	n[$1]++
	runtime[$1, n[$1]] = $2; median[$1, n[$1]] = $3 / 1000; p95[$1, n[$1]] = $4 / 1000
	if ($4 / 1000 > most) most = $4 / 1000
}
function bar(a, i, y,  r, x) {
	r = runtime[a, i]
	x = left + median[a, i] / most * (width - left - 110)
	printf "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", left, y, x - left, row - 4,
		r in colour ? colour[r] : "#dddddd"
	printf "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#444\"/>\n", x, y + row / 2 - 2,
		left + p95[a, i] / most * (width - left - 110), y + row / 2 - 2
	printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", left - 6, y + row - 6, r
	printf "<text x=\"%.1f\" y=\"%d\">%.1f</text>\n", left + p95[a, i] / most * (width - left - 110) + 4, y + row - 6,
		median[a, i]
}
END {
	y = 30
	for (o = 1; o in order; o++) y += n[order[o]] * row + (n[order[o]] ? 12 : 0)
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">\n", width, y
	printf "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
	print "<text x=\"6\" y=\"16\">ms, median; the line ends at the 95th percentile</text>"
	y = 30
	for (o = 1; o in order; o++) {
		a = order[o]
		if (!n[a]) continue
		printf "<text x=\"6\" y=\"%d\" font-weight=\"bold\">%s</text>\n", y + row - 6, a
		for (i = 1; i <= n[a]; i++) { bar(a, i, y); y += row }
		y += 12
	}
	print "</svg>"
}'
