#!/bin/sh
# symbols.sh: what the built objects may call, by nm(1). Planning is pure; what runs after clone neither allocates nor
# prints; a stage calls no stage behind it. Looks at the archives in BUILDDIR.
. "$(dirname "$0")/common.sh"
need nm
lib=${BUILDDIR:-.}
[ -e "$lib/libplan.a" ] || {
	echo "nothing is built in $lib"
	exit 77
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
for stage in ocispec base host check plan apply stats store cmd; do
	# "stage object symbol"; the compiler's own helpers do not count.
	nm -A --defined-only --extern-only "$lib/lib$stage.a" 2>/dev/null |
		awk -v s=$stage '{ split($1, p, ":"); print s, p[2], $NF }' >>"$tmp/defined"
	nm -A --undefined-only "$lib/lib$stage.a" 2>/dev/null |
		awk -v s=$stage '{ split($0, p, ":"); print s, p[2], $NF }' |
		grep -vE ' (__(asan|ubsan|lsan|sanitizer|stack_chk)_|__[a-z]+[sdt]i[0-9]$|_GLOBAL_OFFSET_TABLE_)' >>"$tmp/used" || :
done

found=$(awk '
BEGIN {
	# stage: the stages whose functions it may call
	may["ocispec"] = " ocispec "
	may["base"]  = " base "
	may["host"]  = " ocispec base host "
	may["check"] = " ocispec base check "
	may["plan"]  = " ocispec base plan "
	may["apply"] = " ocispec base plan apply "
	may["stats"] = " ocispec base apply stats "
	may["store"] = " ocispec base store "
	may["cmd"]   = " ocispec base host check plan apply stats store cmd "

	# all that planning takes from libc
	split("bcmp memchr memcmp memcpy memmove memset snprintf strchr strcmp strcspn strlen strncmp strnlen strrchr " \
	      "strspn strstr vsnprintf", list, " ")
	for (i in list)
		pure[list[i]]

	# what no process between clone and exec may call (house 3.7)
	split("malloc calloc realloc free reallocarray posix_memalign aligned_alloc strdup strndup asprintf vasprintf " \
	      "getline getdelim fopen fdopen freopen fmemopen fclose fflush fread fwrite fgets fputs fputc puts putc " \
	      "putchar printf fprintf dprintf vprintf vfprintf vdprintf perror stdin stdout stderr opendir fdopendir " \
	      "scandir glob qsort strerror initgroups getaddrinfo gethostbyname setlocale newlocale iconv_open dlopen " \
	      "dlsym exit atexit abort syslog openlog execvp execvpe execlp posix_spawn pthread_create system popen",
	      list, " ")
	for (i in list)
		lane[list[i]]

	# Objects of apply/ that run in the host lane only, and why they may do what the others may not.
	host["attend"]     = "run in the foreground: waits beside the container"
	host["attend_tty"] = "its terminal"
	host["op_cgroup"]  = "makes cgroups before init is born"
	host["op_devices"] = "writes the device program before init is born"
	host["op_filter"]  = "makes the filter before init is born"
	host["seccomp_compile"] = "the same, with libseccomp"
	host["seccomp_cache"] = "the same"
	host["op_notify"]  = "speaks to the agent while init waits"
	host["systemd"]    = "asks the helper program while init waits"
	host["criu"]       = "the same, for checkpoint and restore: no init is born"
	host["old_value"]  = "update: no container is born"
	host["transaction"] = "the same"
	host["undo"]       = "cleans up after a create that failed"
}
function name(object) {
	sub(/^lib[a-z]*_a-/, "", object)
	sub(/\.o$/, "", object)
	return object
}
FILENAME ~ /defined$/ {
	if (!($3 in stage))
		stage[$3] = $1
	next
}
{
	user = $1
	object = name($2)
	call = $3
	sub(/@.*/, "", call)
	# printf of _FORTIFY_SOURCE is __printf_chk, strtol of C23 __isoc23_strtol
	plain = call
	if (plain ~ /^__.*_chk$/) {
		sub(/^__/, "", plain)
		sub(/_chk$/, "", plain)
	}
	place = "src/" user "/" object ".c: "
	if (user == "ocispec")
		place = "libocispec-lite/" object ".c: "

	if (call in stage) {
		if (!index(may[user], " " stage[call] " "))
			print place user " calls " call "() of " stage[call]
		else if (user == "plan" && stage[call] == "base" && call !~ /^(err|str|idrange)_|_by_name$/)
			print place "planning calls " call "() of base: only err_*, str_*, idrange_* and names"
		else if (user == "apply" && !(object in host) && call ~ /^(arena|log)_/)
			print place call "() after clone"
	} else if (user == "plan" && !(plain in pure)) {
		print place "planning is pure, but calls " plain "()"
	} else if (user == "apply" && !(object in host) && (plain in lane || plain ~ /^get(pw|gr)(nam|uid|gid|ent|ouplist)/)) {
		print place plain "() may run after clone"
	}
}' "$tmp/defined" "$tmp/used" | sort -u)
[ -z "$found" ] || {
	echo "$found"
	bad=$(echo "$found" | wc -l)
}
done_with "symbols: $(wc -l <"$tmp/used") calls of 9 stages"
