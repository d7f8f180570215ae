/* sysctl: linux.sysctl may only name what a namespace of the container owns. config-linux.md, runc's rules. */
#include "base/str.h"
#include "base/unsafe.h"
#include "check/check.h"
#include <ctype.h>
#include <string.h>

static const char *const ipc_keys[] = { "kernel.msgmax", "kernel.msgmnb",          "kernel.msgmni",
	                                "kernel.sem",    "kernel.shmall",          "kernel.shmmax",
	                                "kernel.shmmni", "kernel.shm_rmid_forced", NULL };

/* As sysctl(8): what separates is the first of "." and "/" that occurs; with "/" a "." is part of a name. Gives the
 * form with dots, where a "/" is a dot inside a name ("net.ipv4.conf.eth0/100.forwarding"). */
static char *dotted(struct check *k, const char *key)
{
	char *s = arena_str(k->a, key, strlen(key));
	const char *first = strpbrk(key, "./");

	if (first && *first == '/')
		for (char *c = s; *c; c++)
			*c = *c == '/' ? '.' : *c == '.' ? '/' : *c;
	return s;
}

/* Letters, digits and _ -, separated by single dots; no way up. */
static bool well_formed(const char *s)
{
	for (char last = '.'; *s; last = *s++)
		if (*s == '.' || *s == '/' ? last == '.' || last == '/' || !s[1]
		                           : !isalnum((unsigned char)*s) && !strchr("_-", *s))
			return false;
	return true;
}

static bool is_ipc(const char *key)
{
	for (size_t i = 0; ipc_keys[i]; i++)
		if (STR_EQ(ipc_keys[i], key))
			return true;
	return str_starts(key, "fs.mqueue.");
}

static void check_entry(struct check *k, const struct oci_entry *e)
{
	const char *key = dotted(k, e->key);

	if (!*key || !well_formed(key))
		bad(k, AT(*e), "write it as net.ipv4.ip_forward",
		    "\"%s\" is not the name of a sysctl", e->key);
	else if (STR_EQ(key, "kernel.hostname"))
		bad(k, AT(*e), "use \"hostname\"",
		    "sysctl \"%s\" is not allowed as it conflicts with the OCI \"hostname\" field",
		    e->key);
	else if (is_ipc(key) && check_ns(k, "ipc") == NS_ABSENT)
		bad(k, AT(*e), "add {\"type\": \"ipc\"} to linux.namespaces",
		    "sysctl \"%s\" is not allowed in the hosts ipc namespace", e->key);
	else if (str_starts(key, "net.") && check_ns(k, "network") == NS_ABSENT)
		bad(k, AT(*e), "add {\"type\": \"network\"} to linux.namespaces",
		    "sysctl \"%s\" not allowed in host network namespace", e->key);
	else if (STR_EQ(key, "kernel.domainname") && check_ns(k, "uts") == NS_ABSENT)
		bad(k, AT(*e), "add {\"type\": \"uts\"} to linux.namespaces",
		    "sysctl \"%s\" is not allowed in the hosts UTS namespace", e->key);
	else if (str_starts(key, "user.") && check_ns(k, "user") == NS_ABSENT)
		bad(k, AT(*e), "add a user namespace",
		    "setting ucounts without a user namespace not allowed: %s", e->key);
	else if (!is_ipc(key) && !str_starts(key, "net.") && !str_starts(key, "user.") &&
	         !STR_EQ(key, "kernel.domainname"))
		bad(k, AT(*e), "set it on the host",
		    "sysctl \"%s\" is not in a separate kernel namespace", e->key);
	if (e->value && strpbrk(e->value, "\n\r"))
		bad(k, AT(*e), "write it on one line", "the value of \"%s\" contains a line break",
		    e->key);
}

void check_sysctl(struct check *k)
{
	const struct oci_linux *l = k->c->linux_;

	for (size_t i = 0; l && i < l->sysctl.n && !unsafe("sysctl"); i++)
		check_entry(k, &l->sysctl.v[i]);
}
