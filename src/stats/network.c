/* network: the interfaces of a network namespace, from the net/dev of a process in it (proc_pid_net(5)). */
#include "base/fd.h"
#include "base/procfs.h"
#include "stats/reader.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* The columns behind the name: 8 for what was received, 8 for what was sent. */
enum { BYTES, PACKETS, ERRORS, DROPPED, SENT = 8, COLUMNS = 16 };

/* "  eth0: 684169911 14813 0 ...": no blank behind the colon when the number is long. */
static bool read_interface(char *line, struct oci_stats_interface *out, struct arena *a)
{
	/* A name may hold colons ("eth0:1"); numbers do not. */
	char *numbers = strrchr(line, ':');
	uint64_t v[COLUMNS];

	if (!numbers)
		return false;
	*numbers++ = '\0';
	for (size_t i = 0; i < COLUMNS; i++) {
		const char *word = text_word(&numbers);

		if (!word || !text_number(word, &v[i]))
			return false;
	}
	line += strspn(line, " ");
	/* The container chooses the name; JSON has to be UTF-8. */
	for (char *c = line; *c; c++)
		*c = *c & 0x80 ? '?' : *c;
	*out = (struct oci_stats_interface){
		.name = arena_str(a, line, strlen(line)),
		.rx_bytes = { v[BYTES], true },
		.rx_packets = { v[PACKETS], true },
		.rx_errors = { v[ERRORS], true },
		.rx_dropped = { v[DROPPED], true },
		.tx_bytes = { v[SENT + BYTES], true },
		.tx_packets = { v[SENT + PACKETS], true },
		.tx_errors = { v[SENT + ERRORS], true },
		.tx_dropped = { v[SENT + DROPPED], true },
	};
	return true;
}

void stats_interfaces(char *text, struct oci_stats *out, struct arena *a)
{
	char *line;

	/* The two lines of the heading have no numbers. */
	while ((line = text_line(&text))) {
		struct oci_stats_interface i;

		if (!read_interface(line, &i, a))
			continue;
		out->network_interfaces.v = stats_room(a, out->network_interfaces.v,
		                                       out->network_interfaces.n, sizeof i);
		out->network_interfaces.v[out->network_interfaces.n++] = i;
	}
}

void stats_network(int proc, pid_t pid, struct oci_stats *out, struct arena *a)
{
	char path[32];

	snprintf(path, sizeof path, "%d/net/dev", (int)pid);
	autofd fd = procfs_openat(proc, path, O_RDONLY);
	stats_interfaces(stats_text(fd, ""), out, a);
}
