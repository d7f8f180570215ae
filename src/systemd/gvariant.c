/* gvariant: the annotations org.systemd.property.* hold GVariant text, which GLib alone knows how to read. */
#include "base/str.h"
#include "systemd/property.h"
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LIBRARY  "libglib-2.0.so.0"
#define PREFIX   "org.systemd.property."
#define TYPE_MAX 256

struct variant; /* GVariant */
struct variant_error {
	uint32_t domain;
	int code;
	char *message;
};

/* Each is the g_variant_* function of its name, GLib 2.24. Nothing is given back: the process is about to end. */
static struct {
	struct variant *(*parse)(const void *type, const char *text, const char *limit,
	                         const char **end, struct variant_error **error);
	const char *(*get_type_string)(struct variant *v);
	const void *(*get_data)(struct variant *v);
	size_t (*get_size)(struct variant *v);
	const char *(*get_string)(struct variant *v, size_t *length);
	size_t (*n_children)(struct variant *v);
	struct variant *(*get_child_value)(struct variant *v, size_t i);
	struct variant *(*get_variant)(struct variant *v);
} g;

static int load(struct err *e)
{
	static const struct {
		const char *name;
		void *to;
	} calls[] = {
		{ "g_variant_parse", &g.parse },
		{ "g_variant_get_type_string", &g.get_type_string },
		{ "g_variant_get_data", &g.get_data },
		{ "g_variant_get_size", &g.get_size },
		{ "g_variant_get_string", &g.get_string },
		{ "g_variant_n_children", &g.n_children },
		{ "g_variant_get_child_value", &g.get_child_value },
		{ "g_variant_get_variant", &g.get_variant },
	};
	void *library = g.parse ? NULL : dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!library && !g.parse) {
		err_set(e, ERR_HOST, LIBRARY " is missing, which reads annotations " PREFIX "*: %s",
		        dlerror());
		return err_hint(
			e,
			"install GLib (package libglib2.0-0, glib2 or glib), or remove the annotation");
	}
	for (size_t i = 0; library && i < sizeof calls / sizeof *calls; i++) {
		void *p = dlsym(library, calls[i].name);

		if (!p)
			return err_set(e, ERR_HOST, LIBRARY " has no %s", calls[i].name);
		memcpy(calls[i].to, &p, sizeof p);
	}
	return 0;
}

static int append(struct sd_bus_message *m, struct variant *v);

/* A number as it lies in memory; a GVariant's boolean has one byte there, that of D-Bus is an int. */
static int append_number(struct sd_bus_message *m, struct variant *v, char type)
{
	uint64_t bytes = 0;
	size_t n = g.get_size(v);
	int truth;

	if (n > sizeof bytes || !g.get_data(v))
		return -EINVAL;
	memcpy(&bytes, g.get_data(v), n);
	truth = bytes != 0;
	return sd.message_append_basic(m, type,
	                               type == 'b' ? (const void *)&truth : (const void *)&bytes);
}

/* What is in an array, a tuple, a dictionary's entry or a variant. open: D-Bus' letter for it. */
static int append_container(struct sd_bus_message *m, struct variant *v, char open,
                            const char *contents)
{
	int rc = sd.message_open_container(m, open, contents);

	for (size_t i = 0; rc >= 0 && i < g.n_children(v); i++)
		rc = append(m, g.get_child_value(v, i));
	return rc < 0 ? rc : sd.message_close_container(m);
}

static int append(struct sd_bus_message *m, struct variant *v)
{
	const char *type = g.get_type_string(v);
	size_t n = strlen(type);
	char inner[TYPE_MAX];

	if (n >= sizeof inner)
		return -ENAMETOOLONG;
	switch (*type) {
	case 's':
	case 'o':
	case 'g': return sd.message_append_basic(m, *type, g.get_string(v, NULL));
	case 'b':
	case 'y':
	case 'n':
	case 'q':
	case 'i':
	case 'u':
	case 'x':
	case 't':
	case 'd': return append_number(m, v, *type);
	case 'v': return append_container(m, v, 'v', g.get_type_string(g.get_variant(v)));
	case 'a': return append_container(m, v, 'a', type + 1);
	case '(':
	case '{':
		snprintf(inner, sizeof inner, "%.*s", (int)n - 2, type + 1);
		return append_container(m, v, *type == '(' ? 'r' : 'e', inner);
	default: return -EOPNOTSUPP; /* maybe types and handles: D-Bus has none */
	}
}

int property_append_gvariant(struct bus *b, struct sd_bus_message *m,
                             const struct systemd_property *p)
{
	struct variant_error *why = NULL;
	int rc;

	if (load(b->e) < 0)
		return -1;
	struct variant *v = g.parse(NULL, p->text, NULL, NULL, &why);
	if (!v) {
		err_set(b->e, ERR_CONFIG,
		        "annotation " PREFIX "%s: \"%.80s\" is not a GVariant: %s", p->name,
		        p->text, why ? why->message : "no reason given");
		b->e->num = EINVAL;
		return err_hint(
			b->e,
			"write a number as 15 or uint64 15, text as 'text', a list as ['a', 'b']");
	}
	if ((rc = sd.message_open_container(m, 'v', g.get_type_string(v))) < 0 ||
	    (rc = append(m, v)) < 0 || (rc = sd.message_close_container(m)) < 0)
		return err_sys(b->e, ERR_CONFIG, -rc, "annotation " PREFIX "%s: \"%.80s\"", p->name,
		               p->text);
	return 0;
}
