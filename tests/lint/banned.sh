#!/bin/sh
# banned.sh: what must not be written, wherever it compiles. Looks at code without its comments.
. "$(dirname "$0")/common.sh"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# "file:line:code", comments blanked; strings keep their quotes and, in the second file, their text.
strip='
FNR == 1 { inside = 0 }
{
	code = bare = ""
	line = $0
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		two = substr(line, i, 2)
		if (inside) {
			if (two == "*/") {
				inside = 0
				i++
			}
		} else if (quote != "") {
			code = code c
			if (c == "\\") {
				i++
				code = code substr(line, i, 1)
			} else if (c == quote) {
				quote = ""
				bare = bare c
			}
		} else if (two == "/*") {
			inside = 1
			i++
		} else {
			if (c == "\"" || c == "\047")
				quote = c
			code = code c
			bare = bare c
		}
	}
	quote = ""
	print FILENAME ":" FNR ":" bare > bare_file
	print FILENAME ":" FNR ":" code > code_file
}'
# shellcheck disable=SC2046 # file names without blanks
awk -v bare_file="$tmp/bare" -v code_file="$tmp/code" "$strip" $(sources)

# ban FILE REGEX EXCEPT TEXT: each line of FILE that matches REGEX is wrong, but in files that match EXCEPT
ban() {
	grep -E "^[^:]*:[0-9]*:.*$2" "$tmp/$1" | grep -vE "^($3):" | cut -d: -f1,2 >"$tmp/hits" || :
	while read -r place; do
		complain "$place" "$4"
	done <"$tmp/hits"
}

none='-'
word='(^|[^A-Za-z0-9_>.])'
ban bare '//' "$none" 'a // comment: write /* */'
ban bare "$word(strcpy|strcat|strncpy|strncat|stpcpy|v?sprintf|strtok|strtok_r|gets|atoi|atol|atoll|alloca|system|popen|tmpnam|tempnam|mktemp|realpath|setenv|putenv)\\(" \
	"$none" 'a banned call (src/base/banned.h says why)'
ban bare "${word}close\\(" 'src/base/fd\.h' 'a raw close(): fd_close() and autofd say who owns a descriptor'
# libseccomp gives names that are ours to free.
ban bare "$word(free|malloc|calloc|realloc|strdup|strndup|asprintf)\\(" \
	'libocispec-lite/arena\.c|src/apply/seccomp_compile\.c' 'memory comes from an arena'
# What only one op calls may stay with it.
ban bare "${word}syscall\\(" 'src/base/sys\.c|src/apply/[a-z_]*\.c' 'a raw syscall(): its wrapper belongs into base/sys.c'
ban bare "$word(mount|umount|umount2|setns|unshare|capset|sys_capset|pivot_root|sys_pivot_root|chroot|sethostname|setdomainname|sys_move_mount|sys_fsmount|sys_mount_setattr)\\(" \
	'src/apply/[a-z_]*\.c|src/base/sys\.[ch]|src/host/[a-z_]*\.c|src/base/procfs\.c|src/criu/[a-z_]*\.c' \
	'an effect on the kernel outside apply/'
ban bare "${word}fork\\(" 'src/(apply|host|criu)/[a-z_]*\.c' 'a process is made in apply/ only'
# What SECURITY.md rests on has one place each.
ban bare "${word}sys_openat2\\(" 'src/base/(path|procfs|sys)\.[ch]|src/host/kernel\.c' \
	'openat2(2): base/path.h opens what is in a rootfs, base/procfs.h what is in /proc'
ban bare "$word(execve|execveat|execv|execvp|execvpe|execl|execlp|execle|fexecve|posix_spawnp?)\\(" \
	'src/apply/(op_exec|spawn|criu)\.c|src/host/selfexe\.c|src/criu/swrk\.c' \
	'an exec: op_exec runs the program, spawn.h what is the host'"'"'s'
ban bare "$word(setresuid|setresgid|setreuid|setregid|setuid|setgid|seteuid|setegid|setgroups|initgroups|setfsuid|setfsgid)\\(" \
	'src/apply/op_(clone|join|cred)\.c' 'a change of ids: op_cred reads back what it has set'
ban bare "$word(f|l)?setxattr\\(" 'src/apply/op_mount\.c' 'a label: op_mount has those of file systems, op_write those of processes'
ban code '"(attr/|sys")' 'src/plan/(cred|process)\.c|src/apply/op_write\.c|src/cmd/look_process\.c' 'a label or a sysctl: op_write writes them'
# The helper programs are the host's.
ban bare "$word(mkdir|symlink|link|unlink|rmdir|remove|rename|chmod|chown|lchown|mknod|mkfifo|creat|truncate|stat|lstat|readlink|opendir|fopen)\\(" \
	'(libocispec-lite|src/(host|check|plan|stats|store|cmd|systemd|criu))/.*|src/main\.c|src/apply/(criu|helper)\.c' \
	'a path without a descriptor where a container is set up (security.md R1)'
# selfexe and exeswap run before anything else is there.
ban code "[a-z_]*(open|read|write|stat|access|readlink|exec)[a-z_0-9]*\\([^;]*\"/proc(/|\")" 'src/base/procfs\.c|src/host/(selfexe|exeswap)\.c' \
	'/proc by its name: base/procfs.h has the verified one'
# op_lookup reads the container's own passwd file (security.md R10) and has the PATH of those who set none.
ban code '"/(etc|home|lib|run|tmp|usr|var)[/"]' \
	'libocispec-lite/.*|src/(base|host|check|plan|store|cmd)/.*|src/main\.c|src/apply/(hint|attend|undo|cgroup|op_cgroup|op_devices|op_lookup)\.[ch]' \
	'a path of the system in code that runs inside the container'

# The tests may call what is banned, but write comments as we do.
# shellcheck disable=SC2046
tests=$(find tests libocispec-lite/fuzz -name '*.[ch]')
[ -z "$tests" ] || {
	awk -v bare_file="$tmp/bare" -v code_file="$tmp/code" "$strip" $tests
	ban bare '//' "$none" 'a // comment: write /* */'
}
done_with "banned: $(sources | wc -l) files"
