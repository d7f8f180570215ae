#!/bin/sh
# make.sh zsh|fish: the completion for that shell on stdout, from what "nsrun help" prints, which is the table that parses.
# NSRUN: the program. tests/run/docs.bats compares the files beside this script with it.
set -eu
: "${NSRUN:=nsrun}"
commands=$("$NSRUN" help | awk '/^commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }')

# Lines of "COMMAND<tab>USAGE or SUMMARY or FLAG<tab>...": flags as letter, name, argument, text.
{
	"$NSRUN" help | awk '
		/^commands:/ { part = "summary"; next }
		/^global flags:/ { part = "flag"; next }
		/^$/ { part = "" }
		part == "summary" { name = $1; $1 = ""; print name "\tsummary\t" substr($0, 2) }
		part == "flag" { print "\t" $0 }'
	for command in $commands; do
		"$NSRUN" help "$command" | awk -v c="$command" '
			/^usage:/ { sub(/.*\[FLAGS\] ?/, ""); print c "\tusage\t" $0 }
			/^ +-/ { print c "\t" $0 }'
	done
} | awk -F '\t' -v shell="$1" '
function flag(line,   part) {
	letter = name = arg = ""
	text = line
	sub(/^ +/, "", text)
	if (match(text, /^-[a-z], /)) {
		letter = substr(text, 2, 1)
		text = substr(text, 5)
	}
	match(text, /^--[a-z0-9-]+/)
	name = substr(text, 3, RLENGTH - 2)
	text = substr(text, RLENGTH + 1)
	# The argument is the word right behind, the text is the rest.
	if (match(text, /^ [^ ]+/)) {
		part = substr(text, 2, RLENGTH - 1)
		if (text !~ /^  /) {
			arg = part
			text = substr(text, RLENGTH + 1)
		}
	}
	sub(/^ +/, "", text)
}
# What follows ":" in a description of zsh: files, folders, words, or anything.
function values(   list) {
	if (arg ~ /^(DIR)$/) return "_files -/"
	if (arg ~ /^(FILE|PATH)$/) return "_files"
	list = text
	sub(/^with --[a-z]+: /, "", list)
	if (arg ~ /^(FORMAT|LEVEL|NAME)$/ && list ~ /^[a-z]+(, [a-z]+)* or [a-z]+$/) {
		gsub(/,| or/, "", list)
		return "(" list ")"
	}
	return " "
}
function quote(s) {
	gsub(/\047/, "\047\\\047\047", s)
	return s
}
function zsh_text(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/\[/, "\\[", s)
	gsub(/\]/, "\\]", s)
	gsub(/:/, "\\:", s)
	return quote(s)
}
function zsh_flag(   tail) {
	tail = "[" zsh_text(text) "]" (arg == "" ? "" : ":" arg ":" values())
	tail = quote_arg(tail)
	if (letter == "")
		return "\047--" name (arg == "" ? "" : "=") tail "\047"
	return "\047(-" letter " --" name ")\047{-" letter (arg == "" ? "" : "+") ",--" name (arg == "" ? "" : "=") "}\047" tail "\047"
}
function quote_arg(s) { return s }
$1 == "" { flag($2); global[++n_global] = $2; next }
$2 == "summary" { order[++n] = $1; summary[$1] = $3; next }
$2 == "usage" { usage[$1] = $3; next }
{ own[$1] = own[$1] $2 "\n" }
END {
	by = "# Made by contrib/completions/make.sh " shell
	if (shell == "zsh") {
		print "#compdef nsrun\n" by
		print "\n_nsrun_ids() {\n\tlocal -a ids root\n\t[[ -z ${opt_args[--root]-} ]] || root=(--root ${opt_args[--root]})"
		print "\tids=(${(f)\"$(nsrun $root list -q 2>/dev/null)\"})\n\tcompadd -a ids\n}"
		print "\n_nsrun() {\n\tlocal context state line curcontext=$curcontext\n\tlocal -A opt_args\n\n\t_arguments -C \\"
		for (i = 1; i <= n_global; i++) {
			flag(global[i])
			print "\t\t" zsh_flag() " \\"
		}
		print "\t\t\0471:command:->command\047 \\\n\t\t\047*::argument:->argument\047\n\tcase $state in\n\tcommand)\n\t\tlocal -a commands=("
		for (i = 1; i <= n; i++)
			print "\t\t\t\047" order[i] ":" zsh_text(summary[order[i]]) "\047"
		print "\t\t)\n\t\t_describe command commands\n\t\t;;\n\targument)\n\t\tcase $words[1] in"
		for (i = 1; i <= n; i++) {
			print "\t\t" order[i] ")\n\t\t\t_arguments \\"
			count = split(own[order[i]], line, "\n")
			for (j = 1; j < count; j++) {
				flag(line[j])
				print "\t\t\t\t" zsh_flag() " \\"
			}
			what = " "
			if (usage[order[i]] ~ /(^|[ [|])ID/) what = "_nsrun_ids"
			else if (usage[order[i]] ~ /BUNDLE/) what = "_files -/"
			else if (usage[order[i]] ~ /COMMAND/) what = "(" names() ")"
			print "\t\t\t\t\047*:argument:" what "\047\n\t\t\t;;"
		}
		print "\t\tesac\n\t\t;;\n\tesac\n}\n\n_nsrun \"$@\""
	} else {
		print by "\n\nfunction __nsrun_ids\n\tnsrun list -q 2>/dev/null\nend\n"
		print "complete -c nsrun -f"
		for (i = 1; i <= n_global; i++)
			fish("__fish_use_subcommand", global[i])
		for (i = 1; i <= n; i++) {
			c = order[i]
			print "\ncomplete -c nsrun -n __fish_use_subcommand -a " c " -d \047" quote_fish(summary[c]) "\047"
			seen = "\047__fish_seen_subcommand_from " c "\047"
			if (usage[c] ~ /(^|[ [|])ID/)
				print "complete -c nsrun -n " seen " -a \047(__nsrun_ids)\047"
			else if (usage[c] ~ /COMMAND/)
				print "complete -c nsrun -n " seen " -a \047" names() "\047"
			else if (usage[c] ~ /BUNDLE/)
				print "complete -c nsrun -n " seen " -a \047(__fish_complete_directories)\047"
			count = split(own[c], line, "\n")
			for (j = 1; j < count; j++)
				fish(seen, line[j])
		}
	}
}
function names(   i, s) {
	for (i = 1; i <= n; i++)
		s = s (i > 1 ? " " : "") order[i]
	return s
}
function quote_fish(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/\047/, "\\\047", s)
	return s
}
function fish(when, line,   v) {
	flag(line)
	v = values()
	printf "complete -c nsrun -n %s%s -l %s%s -d \047%s\047\n", when, letter == "" ? "" : " -s " letter, name,
		arg == "" ? "" : v ~ /^_files/ ? " -r -F" : v ~ /^\(/ ? " -x -a \047" substr(v, 2, length(v) - 2) "\047" : " -x",
		quote_fish(text)
}'
