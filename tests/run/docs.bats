# docs.bats: what the pages say exists, and what exists is in the pages. No container is made.
load helpers

TOP=$BATS_TEST_DIRNAME/../..

# help_commands: the commands that "nsrun help" lists
help_commands() {
	nsrun help | awk '/^commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }' | sort
}

# help_flags [COMMAND]: "-b, --bundle DIR", as help has them; without COMMAND the global ones
help_flags() {
	nsrun help "$@" | awk '/^ +-/ { sub(/^ +/, ""); sub(/  .*/, ""); print }' |
		if [ $# -gt 0 ]; then grep -vx -e '-h, --help'; else cat; fi | sort
}

# man_part HEADING: the lines below a heading of the page, up to the next one, as plain text
man_part() {
	sed -e 's/\\f.//g; s/\\-/-/g' "$TOP/man/nsrun.1" | awk -v heading="$1" '
		/^\.S[HS] / { on = index($0 " ", ".SH " heading " ") == 1 || index($0 " ", ".SS " heading " ") == 1; next }
		on'
}

# man_flags HEADING: the flags in the tags of that part
man_flags() {
	man_part "$1" | awk '/^\.T[PQ]$/ { getline; if (/^-/) print }' | sort
}

# named_calls FILE: what follows "nsrun" in the code of a markdown page, one call per line, global flags taken off
named_calls() {
	awk '/^```/ { on = !on; next } on { print; next } { n = split($0, part, "`"); for (i = 2; i <= n; i += 2) print part[i] }' \
		"$1" | sed -n 's/^\(.*[ ;|&$(]\)*nsrun \(.*\)$/\2/p' |
		sed -E 's/^((--(root|log|log-format|log-level|cgroup-manager)[ =][^ ]+|--[a-z-]+) )*//' | grep -E '^[a-z]+( |$)'
}

@test "the man page and help know the same commands" {
	in_page=$(sed -n 's/^\.SS nsrun \([a-z]*\) .*/\1/p' "$TOP/man/nsrun.1" | sort)
	[ -n "$in_page" ]
	diff <(echo "$in_page") <(help_commands)
}

@test "the man page and help know the same flags, of every command" {
	[ -n "$(help_flags)" ]
	diff <(man_flags 'GLOBAL FLAGS') <(help_flags)
	for command in $(help_commands); do
		diff <(man_flags "nsrun $command") <(help_flags "$command") || {
			echo "the flags of $command differ: < man page, > help"
			return 1
		}
	done
}

@test "the man page gives the arguments of every command as help does" {
	for command in $(help_commands); do
		usage=$(nsrun help "$command" | sed -n "s/^usage: nsrun \[GLOBAL FLAGS\] //p")
		sed -e 's/\\f.//g; s/\\-/-/g' "$TOP/man/nsrun.1" | grep -Fqx ".SS nsrun $usage" || {
			echo "not in the page: .SS nsrun $usage"
			return 1
		}
	done
}

@test "the man page renders without a warning" {
	skip_unless groff
	run -0 groff -man -ww -Tutf8 -z "$TOP/man/nsrun.1"
	[ -z "$output" ] || {
		echo "$output"
		return 1
	}
}

@test "the commands and flags that README and docs show exist" {
	local -A help
	local page command rest word
	for command in $(help_commands); do
		help[$command]=$(nsrun help "$command")
	done
	for page in README.md docs/namespaces.md docs/cgroups.md docs/tour.md; do
		[ -n "$(named_calls "$TOP/$page")" ]
		while read -r command rest; do
			[ -n "${help[$command]:-}" ] || {
				echo "$page: nsrun $command: no such command"
				return 1
			}
			for word in $rest; do
				# What follows is not nsrun's.
				[[ $word != -- && $word != [\;\|\&\<\>]* ]] || break
				[[ $word == --[a-z]* ]] || continue
				[[ ${help[$command]} =~ ${word%%=*}( |$'\n') ]] || {
					echo "$page: nsrun $command $word: no such flag"
					return 1
				}
			done
		done < <(named_calls "$TOP/$page" | sort -u)
	done
}

@test "the files, targets and flags of configure that README names exist" {
	[ -s "$TOP/README.md" ]
	for file in $(grep -o -E '\b(contrib|docs|man|src|tests)/[a-z0-9./-]*[a-z0-9]|\b[A-Z]+\.md' "$TOP/README.md" | sort -u); do
		[ -e "$TOP/$file" ] || {
			echo "README.md names $file, which does not exist"
			return 1
		}
	done
	for target in $(grep -o -E '`make [a-z-]+' "$TOP/README.md" | cut -d' ' -f2 | sort -u); do
		case $target in install | check | distcheck) continue ;; esac
		grep -q "^$target:" "$TOP/Makefile.am" || {
			echo "README.md: make $target: no such target"
			return 1
		}
	done
	for flag in $(grep -o -E -e '`--(enable|disable|with)-[a-z-]+' "$TOP/README.md" | sed 's/^`--[a-z]*-//' | sort -u); do
		grep -q "AC_ARG_\(ENABLE\|WITH\)(\[$flag\]" "$TOP/configure.ac" || {
			echo "README.md: configure has no $flag"
			return 1
		}
	done
}

@test "the completions of zsh and fish are what help makes of them" {
	for pair in zsh:_nsrun fish:nsrun.fish; do
		diff <(NSRUN=$NSRUN sh "$TOP/contrib/completions/make.sh" "${pair%:*}") "$TOP/contrib/completions/${pair#*:}" || {
			echo "make it anew: contrib/completions/make.sh ${pair%:*} >contrib/completions/${pair#*:}"
			return 1
		}
		! command -v "${pair%:*}" >/dev/null || "${pair%:*}" -n "$TOP/contrib/completions/${pair#*:}"
	done
}

@test "the completion of bash has every command, and every flag that does something" {
	. "$TOP/contrib/completions/nsrun.bash"
	compopt() { :; }
	COMP_WORDS=(nsrun '') COMP_CWORD=1
	_nsrun || :
	diff <(printf '%s\n' "${COMPREPLY[@]}" | sort) <(help_commands)
	for command in $(help_commands); do
		COMP_WORDS=(nsrun "$command" --) COMP_CWORD=2
		_nsrun || :
		has=$(printf '%s\n' "${COMPREPLY[@]}" | sort -u)
		# None that does not exist, and of those that do only what is ignored may be missing.
		diff <(comm -23 <(echo "$has") <(nsrun help "$command" | grep -o -e '--[a-z0-9-]*' | sort -u)) /dev/null
		wanted=$(nsrun help "$command" | grep -E '^ +-' | grep -v -e 'accepted and ignored' -e 'not supported' |
			sed 's/^[^-]*\(-., \)*\(--[a-z0-9-]*\).*/\2/' | sort -u)
		diff <(comm -13 <(echo "$has") <(echo "$wanted")) /dev/null || {
			echo "the completion of $command lacks these"
			return 1
		}
	done
}

@test "each command has a page of its own, that renders" {
	diff <(sed -n 's|^\tman/nsrun-\([a-z]*\)\.1.*|\1|p' "$TOP/Makefile.am" | sort) <(help_commands)
	for command in $(help_commands); do
		sh "$TOP/man/command.sh" "$command" >"$WORK/page"
		grep -q '^\.SH SYNOPSIS' "$WORK/page"
		diff <(awk '/^\.T[PQ]$/ { getline; if (/^\\fB\\-/) print }' "$WORK/page" | sed -e 's/\\f.//g; s/\\-/-/g' | sort) \
			<(help_flags "$command")
		! command -v groff >/dev/null || [ -z "$(groff -man -ww -Tutf8 -z "$WORK/page" 2>&1)" ]
	done
}

@test "nsrun-plan(7) has every kind of step and every member of the JSON" {
	local page=$TOP/man/nsrun-plan.7
	[ -e "$TOP/src/plan/kinds.c" ] || skip "the sources are not here"
	named() {
		sed -n '/^\.T[PQ]$/{n; s/^\.B //p}' <(sed -n "$1" "$page") | tr -d '\\' | sort -u
	}
	diff <(sed -n 's/^\t\[STEP_[A-Z_]*\] *= { "\([a-z-]*\)".*/\1/p' "$TOP/src/plan/kinds.c" | sort) \
		<(named '/^.SH KINDS/,/^.SH JSON/p')
	diff <(sed -n 's/^\t[A-Z0-9]*(doc_step, [a-z]*, "\([a-z]*\)".*/\1/p' "$TOP/src/plan/print.c" | sort) \
		<(named '/^.SH JSON/,$p')
	! command -v groff >/dev/null || [ -z "$(groff -man -ww -Tutf8 -z "$page" 2>&1)" ]
}

@test "nsrun-config(5) has every property" {
	sh "$TOP/man/config.sh" >"$WORK/page"
	diff <(sed -n 's/^| `\([^`]*\)`.*/\1/p' "$TOP/docs/support.md") \
		<(sed -n '/^\.TP$/{n; s/^\.B //p}' "$WORK/page" | tr -d '\\')
	! command -v groff >/dev/null || [ -z "$(groff -man -ww -Tutf8 -z "$WORK/page" 2>&1)" ]
}
