/* engine_texts: every text that an engine looks for in an error, and what it does when it finds it. The engines' rules
 * are in engine-contract.md 1.8; tests/run/engine_texts.bats has a copy of each and holds the real output against it.
 * A text may be put into a longer one, but not be changed, nor its case. Texts that no engine looks for and that are
 * runc's only because users search for them stay where they are used. */
#pragma once

/* containerd's shim: an error of delete with "does not exist" is ignored; one of kill is its "not found". No other
 * error of the two may have these words. */
#define TEXT_NO_CONTAINER "container does not exist"
/* containerd: kill of a dead process, which is no failure. CRI-O: the same, with this case. */
#define TEXT_NOT_RUNNING "container not running"

/* docker, of the whole error in lower case: exit status 127. podman: "executable file not found in", 127. The file is
 * named by TEXT_EXEC in front. */
#define TEXT_NOT_IN_PATH "executable file not found in $PATH"
/* What exec could not run: the file, then TEXT_NOT_IN_PATH, TEXT_STAT or the kernel's text. docker and podman show it to
 * their users from here on. */
#define TEXT_EXEC "exec: \"%s\": "
#define TEXT_STAT "stat %s: "
/* runc begins every error of its exec with it; CRI-O and conmon show the line. */
#define TEXT_EXEC_FAILED "exec failed: "

/* The kernel's own texts, which err_text() writes. ESRCH: kill of a dead process, for containerd (any case) and CRI-O
 * (this case). EACCES: 126 for docker and podman; EPERM: 126 for podman; EISDIR: 126 for docker. ENOENT: 127 for
 * both; ENOTDIR: 127 for docker. */
#define TEXT_ESRCH   "no such process"
#define TEXT_EACCES  "permission denied"
#define TEXT_EPERM   "operation not permitted"
#define TEXT_EISDIR  "is a directory"
#define TEXT_ENOENT  "no such file or directory"
#define TEXT_ENOTDIR "not a directory"

/* podman: `/proc/[a-z0-9-].+/attr.*` with the backticks is "OCI runtime error: security attribute". Needs the file's
 * name below /proc/self, "attr/exec". */
#define TEXT_LABEL "write to `/proc/self/%s`"

/* podman: whether "restore --lsm-mount-context" is known, it sees by the error without a value. */
#define TEXT_NO_VALUE "requires an argument"

/* The life of a container. containerd, CRI-O, podman and buildah hand these to their callers, and test suites of theirs
 * and runc's compare them. */
#define TEXT_EXISTS       "container with given ID already exists"
#define TEXT_BAD_ID       "invalid container ID format"
#define TEXT_NOT_PAUSED   "container not paused"
#define TEXT_HAS_STOPPED  "cannot start a container that has stopped"
#define TEXT_STARTED      "cannot start an already running container"
#define TEXT_NOT_STOPPED  "cannot delete container %s that is not stopped: %s" /* id, status */
#define TEXT_EXEC_STOPPED "cannot exec in a stopped container"
#define TEXT_EXEC_PAUSED  "cannot exec in a paused container (use --ignore-paused to override)"
