# cases.bash: broken bundles and hosts. Each: a name, what is broken as a filter of jq for config.json, and what nsrun has
# to say: the cause, the place and the remedy, as extended regular expressions. Then what else is done first:
#
#	prepare=COMMANDS   in the bundle
#	flags=FLAGS        of the run command
#	global=FLAGS       of the runtime; rivals have none of them
#	wrap=FUNCTION      that starts the runtime
#	needs=NEED...      a case that cannot be tried here is left out, and named

# ---- the config says it wrong ----
broken 'a host name without a UTS namespace' '.linux.namespaces |= map(select(.type != "uts"))' \
	'without a private UTS namespace' 'config.json:[0-9]+:[0-9]+ /hostname' 'add .*uts'
broken 'a relative working directory' '.process.cwd = "home"' \
	'"home" is not an absolute path' '/process/cwd' 'write it from /'
broken 'an unknown namespace' '.linux.namespaces += [{type: "nett"}]' \
	'nett' '/linux/namespaces/[0-9]' 'network|net'
broken 'a namespace twice' '.linux.namespaces += [{type: "pid"}]' \
	'pid namespace is listed twice' '/linux/namespaces/[0-9]' 'remove one'
broken 'a soft limit above the hard one' '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 4096, hard: 1024}]' \
	'soft limit 4096 is above the hard limit 1024' '/process/rlimits/0' 'raise hard, or lower soft'
broken 'no program' 'del(.process.args)' 'args is empty' '/process' 'name the program'
broken 'a wrong type' '.process.args = "sh"' 'array' '/process/args' '\['
broken 'a sysctl of the whole host' '.linux.sysctl = {"kernel.panic": "1"}' 'kernel.panic' '/linux/sysctl' 'host|namespace|remove'
broken 'a sysctl that does not exist' '.linux.sysctl = {"net.ipv4.nonsense": "1"}' \
	'no such file or directory' '/linux/sysctl/net.ipv4.nonsense' 'correct the name'
broken 'an unknown action of seccomp' '.linux.seccomp = {defaultAction: "SCMP_ACT_NOPE"}' \
	'SCMP_ACT_NOPE' '/linux/seccomp/defaultAction' 'SCMP_ACT'
broken 'a hook with a relative path' '.hooks.createRuntime = [{path: "bin/true"}]' \
	'absolute' '/hooks/createRuntime/0/path' 'from /'
broken 'a version of the future' '.ociVersion = "9.0.0"' '9.0.0' '/ociVersion' 'version 1'
broken 'maps that overlap' '.linux.namespaces += [{type: "user"}] | .linux.gidMappings =
	[{containerID: 0, hostID: 0, size: 10}] | .linux.uidMappings = .linux.gidMappings + [{containerID: 5, hostID: 20, size: 10}]' \
	'overlap' '/linux/uidMappings' '.'
broken 'a user who is not mapped' '.linux.namespaces += [{type: "user"}] | .process.user = {uid: 5000, gid: 0}
	| .linux.gidMappings = [{containerID: 0, hostID: 0, size: 10}] | .linux.uidMappings = .linux.gidMappings' \
	'5000' '/process/user' 'uidMappings'
broken 'an out-of-range oomScoreAdj' '.process.oomScoreAdj = 2000' '2000, expected -1000 to 1000' '/process/oomScoreAdj' 'in this range'
broken 'a rootfsPropagation that is none' '.linux.rootfsPropagation = "sharde"' 'sharde' '/linux/rootfsPropagation' 'shared'
prepare='head -c 300 config.json >c && mv c config.json' \
	broken 'a config that is cut off' . 'the text ends' 'config.json:[0-9]' 'make it JSON'
prepare='rm config.json' broken 'a bundle without a config' . 'no such file' 'config.json' 'nsrun spec'

# ---- the root file system is not what the config thinks ----
broken 'a root that is not there' '.root.path = "nowhere"' 'no such file or directory' 'nowhere' 'root'
prepare='touch file' broken 'a root that is a file' '.root.path = "file"' 'not a directory' '/root' 'directory'
broken 'a bind mount without its source' '.mounts += [{destination: "/x", type: "bind", source: "/no/such", options: ["bind"]}]' \
	'/no/such.*no such file or directory|no such file or directory.*/no/such|no such file' '/mounts/[0-9]+' 'create the mount.s source'
broken 'an unknown file system' '.mounts += [{destination: "/x", type: "nosuchfs", source: "x"}]' \
	'no such device' '/mounts/[0-9]+' 'typing error|module'
broken 'an unknown mount option' '.mounts += [{destination: "/x", type: "tmpfs", source: "x", options: ["sizee=1m"]}]' \
	"Unknown parameter 'sizee'" '/mounts/[0-9]+' 'options'
broken 'a directory on a file' '.mounts += [{destination: "/bin/busybox", type: "bind", source: "/tmp", options: ["bind"]}]' \
	'directory' '/mounts/[0-9]+' 'bind a directory on a directory'
prepare='ln -s loop rootfs/loop' \
	broken 'a mount point in a loop' '.mounts += [{destination: "/loop/x", type: "tmpfs", source: "x"}]' \
	'symbolic links' '/mounts/[0-9]+' 'symlink'
broken 'a working directory that is a file' '.process.cwd = "/bin/busybox"' 'not a directory' '/process/cwd' 'directory'
needs=userns broken 'a message queue file system without an ipc namespace' '.linux.namespaces |= map(select(.type != "ipc")) +
	[{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 1000}] | .linux.gidMappings = .linux.uidMappings' \
	'mqueue.*operation not permitted' '/mounts/[0-9]+' 'ipc namespace'

# ---- the program cannot run ----
broken 'a program that is nowhere' '.process.args = ["nosuch"]' 'nosuch.*not found|not found.*nosuch' '/process/args' 'PATH'
broken 'a path with no program' '.process.args = ["/bin/nosuch"]' 'no such file or directory' '/process/args' 'rootfs'
prepare='rm -f rootfs/prog; echo >rootfs/prog; chmod 644 rootfs/prog' \
	broken 'a program without the x bit' '.process.args = ["/prog"]' 'permission denied' '/process/args' 'executable'
broken 'a directory for a program' '.process.args = ["/bin"]' 'is a directory|permission denied' '/process/args' 'name a program'
prepare='echo hello >rootfs/prog; chmod 755 rootfs/prog' \
	broken 'a script without #!' '.process.args = ["/prog"]' 'exec format error' '/process/args' '#!'
prepare='printf "#!/no/interpreter\n" >rootfs/prog; chmod 755 rootfs/prog' \
	broken 'a missing interpreter' '.process.args = ["/prog"]' 'no such file or directory' '/process/args' 'interpreter'
prepare='printf "#!/prog\n" >rootfs/prog; chmod 755 rootfs/prog' \
	broken 'an interpreter that is the script itself' '.process.args = ["/prog"]' 'symbolic links' '/process/args' 'interpreter'
prepare='{ printf "\177ELF\002\001\001\0\0\0\0\0\0\0\0\0\002\0\363\137\001\0\0\0"; head -c 100 /dev/zero; } >rootfs/prog; chmod 755 rootfs/prog' \
	broken 'a program of another machine' '.process.args = ["/prog"]' 'exec format error' '/process/args' 'architecture'
prepare='mkdir d; cp rootfs/bin/busybox d/prog' \
	broken 'a program on a noexec mount' '.process.args = ["/d/prog"]
	| .mounts += [{destination: "/d", type: "bind", source: "d", options: ["bind", "noexec"]}]' \
	'permission denied' '/process/args' 'noexec|executable'
broken 'arguments beyond the limit' '.process.args = ["true", ("x" * 200000)]' 'argument list too long' '/process/args' 'shorten'
needs=seccomp broken 'a filter that kills init' '.linux.seccomp = {defaultAction: "SCMP_ACT_KILL_PROCESS",
	syscalls: [{names: ["read", "write"], action: "SCMP_ACT_ALLOW"}]} | .process.noNewPrivileges = true' \
	'init was killed by signal 31' '/linux/seccomp' 'allow'

# ---- hooks ----
broken 'a hook that fails' '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "echo because >&2; exit 3"]}]' \
	'status 3.*because' '/hooks/createRuntime/0' 'by hand'
broken 'a hook that is not there' '.hooks.prestart = [{path: "/no/such/hook"}]' \
	'no such file or directory' '/hooks/prestart/0' 'path'
broken 'a hook that does not end' '.hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "60"], timeout: 1}]' \
	'1 s|timeout|timed out' '/hooks/createRuntime/0' 'timeout'

# ---- the host is not what the config thinks ----
broken 'a namespace of a process that has gone' '.linux.namespaces |= map(if .type == "network" then .path = "/proc/4194304/ns/net" else . end)' \
	'/proc/4194304/ns/net: no such file' '/linux/namespaces/[0-9]/path' 'still exists'
broken 'a namespace of another type' '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/uts" else . end)' \
	'/proc/self/ns/uts' '/linux/namespaces/[0-9]' 'of that type'
broken 'a network device that is not there' '.linux.netDevices = {nosuch0: {name: "eth0"}}' \
	'no network device called "nosuch0"' '/linux/netDevices/nosuch0' 'make the device'
needs=memory broken 'a memory limit below what init needs' '.linux.resources = {memory: {limit: 65536, swap: 65536}}' \
	'OOM-killed|memory' 'limit|/linux/resources/memory' 'memory'
flags='--pid-file /no/such/dir/pid' broken 'a pid file without its directory' . '/no/such/dir.*no such file' '/no/such/dir' 'director|pid-file'
flags='--preserve-fds 3' broken 'descriptors that are not open' . 'descriptor 3 is to be preserved' 'descriptor 3' 'preserve-fds'
few_files() {
	sh -c 'ulimit -n 7; exec "$@"' sh "$@"
}
wrap=few_files broken 'too few descriptors' . 'too many open files' 'step|open' 'RLIMIT_NOFILE'
# Of a user namespace that is made for it: its root may set its limits.
no_uts() {
	unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_uts_namespaces; exec "$@"' sh "$@"
}
needs=userns global='--cgroup-manager disabled' wrap=no_uts broken 'a limit of namespaces' 'del(.linux.resources)' \
	'max_uts_namespaces' 'step' 'raise that limit'
