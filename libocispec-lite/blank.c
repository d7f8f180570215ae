/* blank: an object of a schema that holds what it must and nothing else. */
#include "libocispec-lite/encode.h"
#include <string.h>

static void fill(const struct oci_field *f, char *member, struct arena *a)
{
	/* Of a vector only the pointer, which must not be NULL. */
	const void *p = "";

	switch ((enum oci_type)f->type) {
	case OCI_BOOL: ((struct oci_bool *)member)->set = true; return;
	case OCI_I64: ((struct oci_i64 *)member)->set = true; return;
	case OCI_U64: ((struct oci_u64 *)member)->set = true; return;
	case OCI_ANY: return;
	case OCI_NUM: p = "0"; break;
	case OCI_OBJ: p = oci_blank(f->sub, a); break;
	case OCI_STR:
	case OCI_OBJS:
	case OCI_STRS:
	case OCI_U64S:
	case OCI_MAP:
	case OCI_OBJMAP:
	case OCI_NUMMAP: break;
	}
	memcpy(member, &p, sizeof(p));
}

void *oci_blank(const struct oci_schema *s, struct arena *a)
{
	char *v = arena_alloc(a, s->size, alignof(uint64_t));

	for (size_t i = 0; i < s->n; i++)
		if (s->fields[i].flags & OCI_REQUIRED)
			fill(&s->fields[i], v + s->fields[i].off, a);
	return v;
}
