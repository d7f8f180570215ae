# table.awk: the results of run.sh as a table, and the verdict over the first of the runtimes.
#
#	awk -v runtimes='NAME...' -v absent='NAME...' [-v tally=FILE] [-v rows=1|2] -f table.awk RESULTS
#
# A failure of the first runtime counts unless a rival was tried too and none passes. With rows=1: one line for
# each engine, as the README has them, and nothing else; with rows=2 what was skipped, in lines "engine|action". Exits 1 when something counts as failed.
BEGIN {
	FS = "\t"
	n = split(runtimes, runtime, " ")
	split(absent, missing, " ")
	for (i in missing)
		is_absent[missing[i]] = 1
	mark["ok"] = "✓"
	mark["failed"] = "✗"
	mark["skipped"] = "skip"
	title["podman"] = "podman, root"
	title["podman-user"] = "podman, ordinary user"
	title["docker"] = "docker"
	title["containerd"] = "containerd, ctr"
	title["cri"] = "containerd, CRI"
	title["buildah"] = "buildah"
}

{
	if (!($1 in known)) {
		known[$1] = 1
		engines[++e] = $1
	}
}
$4 == "absent" { why_absent[$1] = $6; next }
$4 == "begun" { begun[$1, $3] = 1; next }
$4 == "version" { version[$1] = $6; next }
$4 == "ended" { ended[$1, $3] = 1; next }
{
	if (!(($1, $2) in row)) {
		row[$1, $2] = 1
		label[$1, ++rows_of[$1]] = $2
	}
	cell[$1, $2, $3] = $4
	why[$1, $2, $3] = $6
}

# judge(engine, label): passed, failed or skipped for the first runtime; sets reason
function judge(engine, what,    i, verdict, tried, passes) {
	verdict = cell[engine, what, runtime[1]]
	reason = why[engine, what, runtime[1]]
	if (verdict == "ok")
		return "passed"
	if (verdict == "skipped")
		return "skipped"
	if (verdict == "")
		reason = "was not run"
	for (i = 2; i <= n; i++) {
		if (cell[engine, what, runtime[i]] != "")
			tried = tried " " runtime[i]
		if (cell[engine, what, runtime[i]] == "ok")
			passes = passes " " runtime[i]
	}
	if (tried != "" && passes == "") {
		reason = "fails with every runtime (" runtime[1] tried "): " reason
		return "skipped"
	}
	reason = reason (passes != "" ? " (passes with" passes ")" : "")
	return "failed"
}

function count(verdict, engine, what) {
	sum[verdict]++
	if (verdict == "skipped")
		reasons[++s] = title[engine] ": " what ": " reason
	if (verdict == "failed")
		failures[++f] = title[engine] ": " what ": " reason
}

function head(engine,    line, i) {
	line = sprintf("%-30s", title[engine] (version[engine] ? " (" version[engine] ")" : ""))
	for (i = 1; i <= n; i++)
		line = line sprintf(" %-6s", runtime[i])
	print "\n" line
}

# The signs are of more bytes than columns: no width is given to them.
function print_row(engine, what,    line, i, sign) {
	line = sprintf("  %-28s", what)
	for (i = 1; i <= n; i++) {
		sign = mark[cell[engine, what, runtime[i]]]
		if (sign == "")
			sign = (runtime[i] in is_absent) ? "-" : (i > 1 ? "." : "?")
		line = line " " sign substr("        ", 1, length(runtime[i]) < 6 ? 6 - (sign == "skip" ? 4 : 1) : length(runtime[i]) - 1)
	}
	sub(/ *$/, "", line)
	print line
}

function readme_row(engine,    line, j) {
	for (j = 1; j <= rows_of[engine]; j++)
		if (cell[engine, label[engine, j], runtime[1]] == "ok")
			line = line (line == "" ? "" : " · ") label[engine, j]
	print "| " title[engine] " | " line " |"
}

END {
	for (k = 1; k <= e; k++) {
		engine = engines[k]
		if (rows) {
			if (rows == 1 && !(engine in why_absent))
				readme_row(engine)
			for (j = 1; rows == 2 && j <= rows_of[engine]; j++)
				if (cell[engine, label[engine, j], runtime[1]] == "skipped")
					print title[engine] "|" label[engine, j]
			continue
		}
		head(engine)
		if (engine in why_absent) {
			print "  skipped: " why_absent[engine]
			reason = why_absent[engine]
			count("skipped", engine, "all")
			continue
		}
		for (j = 1; j <= rows_of[engine]; j++) {
			print_row(engine, label[engine, j])
			count(judge(engine, label[engine, j]), engine, label[engine, j])
		}
		for (i = 1; i <= n; i++)
			if (begun[engine, runtime[i]] && !ended[engine, runtime[i]]) {
				print "  the tests with " runtime[i] " came to no end"
				reason = "the tests came to no end"
				if (i == 1)
					count("failed", engine, "all")
			}
	}
	if (rows)
		exit
	print ""
	for (i = 1; i <= s; i++)
		print "skipped: " reasons[i]
	for (i = 1; i <= f; i++)
		print "failed: " failures[i]
	printf "engines with %s: %d passed, %d failed, %d skipped\n", runtime[1], sum["passed"], sum["failed"], sum["skipped"]
	if (tally != "") {
		print sum["passed"] + 0, sum["failed"] + 0, sum["skipped"] + 0 >>tally
		for (i = 1; i <= s; i++)
			print "reason " reasons[i] >>tally
	}
	exit sum["failed"] > 0
}
