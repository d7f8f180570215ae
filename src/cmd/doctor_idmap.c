/* doctor_idmap: see doctor.h. */
#include "base/fd.h"
#include "cmd/doctor.h"
#include "host/trial.h"
#include <sys/stat.h>

static void tell(struct diagnosis *d, const char *name, const char *what, int rc)
{
	char text[64];

	finding(d, "id-mapped mounts", name, rc < 0 ? VERDICT_NO : VERDICT_YES,
	        rc < 0 ? arena_fmt(d->a, "%s: %s", what, err_text(-rc, text, sizeof text)) : what,
	        "boot a newer kernel (tmpfs: 6.3, overlay: 5.19), or keep what is to be id-mapped on "
	        "ext4, xfs or btrfs");
}

void doctor_idmap(struct diagnosis *d, const struct facts *f, int proc)
{
	static const char *const places[] = {
		"/", "/home", "/tmp", "/var/lib", "/var/lib/containers", "/var/lib/docker"
	};
	dev_t seen[sizeof places / sizeof *places];
	size_t n = 0;

	if (!f->cap_sys_admin || f->in_userns) {
		finding(d, "id-mapped mounts", "all", VERDICT_UNKNOWN,
		        "only root of the machine can try", "run nsrun doctor as root");
		return;
	}
	autofd userns = trial_idmap_userns(proc);
	if (userns < 0) {
		finding(d, "id-mapped mounts", "all", VERDICT_NO, "no user namespace can be mapped",
		        "see \"user namespaces\"");
		return;
	}
	tell(d, "tmpfs", "a new one", trial_idmap(NULL, userns));
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct stat st;
		bool known = stat(places[i], &st) < 0;

		for (size_t j = 0; j < n && !known; j++)
			known = seen[j] == st.st_dev;
		if (known)
			continue;
		seen[n++] = st.st_dev;
		tell(d, places[i], "the file system there", trial_idmap(places[i], userns));
	}
}
