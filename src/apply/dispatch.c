/* dispatch: which op runs a step. A switch, so that grep and gdb find their way and the compiler lists what is missing. */
#include "apply/ops.h"
#include <errno.h>

int run_op(struct run *r, const struct step *s)
{
	switch (s->kind) {
	case STEP_CGROUP: return op_cgroup(r, s);
	case STEP_SCOPE: return op_scope(r, s);
	case STEP_DELEGATE: return op_delegate(r, s);
	case STEP_DEVICES: return op_devices(r, s);
	case STEP_ATTACH: return op_attach(r, s);
	case STEP_FILTER: return op_filter(r, s);
	case STEP_AGENT: return op_agent(r, s);
	case STEP_FIFOS: return op_fifos(r, s);
	case STEP_OPEN_NS: return op_open_ns(r, s);
	case STEP_TREE: return op_tree(r, s);
	case STEP_CLONE: return op_clone(r, s);
	case STEP_ADOPT: return op_adopt(r, s);
	case STEP_IDMAP: return op_idmap(r, s);
	case STEP_NOTIFY: return op_notify(r, s);
	case STEP_RDT: return op_rdt(r, s);
	case STEP_NETDEV: return op_netdev(r, s);
	case STEP_PUBLISH: return op_publish(r, s);
	case STEP_WRITE: return op_write(r, s);
	case STEP_HOOK: return op_hook(r, s);
	case STEP_RLIMIT: return op_rlimit(r, s);
	case STEP_SCHED: return op_sched(r, s);
	case STEP_IOPRIO: return op_ioprio(r, s);
	case STEP_JOIN: return op_join(r, s);
	case STEP_UNSHARE: return op_unshare(r, s);
	case STEP_BECOME: return op_become(r, s);
	case STEP_AFFINITY: return op_affinity(r, s);
	case STEP_ROOT: return op_root(r, s);
	case STEP_LINK_UP: return op_link_up(r, s);
	case STEP_PROPAGATE: return op_propagate(r, s);
	case STEP_ROOTFS: return op_rootfs(r, s);
	case STEP_MOUNT: return op_mount(r, s);
	case STEP_NODE: return op_node(r, s);
	case STEP_PIVOT: return op_pivot(r, s);
	case STEP_COVER: return op_cover(r, s);
	case STEP_ATTR: return op_attr(r, s);
	case STEP_RETURN: return op_return(r, s);
	case STEP_SESSION: return op_session(r, s);
	case STEP_KEYRING: return op_keyring(r, s);
	case STEP_TTY: return op_tty(r, s);
	case STEP_HOSTNAME: return op_hostname(r, s);
	case STEP_DOMAINNAME: return op_domainname(r, s);
	case STEP_UMASK: return op_umask(r, s);
	case STEP_PERSONALITY: return op_personality(r, s);
	case STEP_MEMPOLICY: return op_mempolicy(r, s);
	case STEP_CHDIR: return op_chdir(r, s);
	case STEP_FDS: return op_fds(r, s);
	case STEP_USER: return op_user(r, s);
	case STEP_CAPS: return op_caps(r, s);
	case STEP_NNP: return op_nnp(r, s);
	case STEP_SECCOMP: return op_seccomp(r, s);
	case STEP_UNLISTEN: return op_unlisten(r, s);
	case STEP_LOOKUP: return op_lookup(r, s);
	case STEP_WAIT: return op_wait(r, s);
	case STEP_EXEC: return op_exec(r, s);
	case STEP__N: break;
	}
	return -ENOSYS;
}
