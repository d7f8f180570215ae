/* schema: what follows from a row alone. */
#include "libocispec-lite/schema.h"

size_t oci_item_size(const struct oci_field *f)
{
	switch ((enum oci_type)f->type) {
	case OCI_OBJS:
	case OCI_OBJMAP: return f->sub->size;
	case OCI_STRS: return sizeof(char *);
	case OCI_U64S: return sizeof(uint64_t);
	case OCI_MAP:
	case OCI_NUMMAP: return sizeof(struct oci_entry);
	case OCI_BOOL:
	case OCI_I64:
	case OCI_U64:
	case OCI_STR:
	case OCI_NUM:
	case OCI_OBJ:
	case OCI_ANY: break;
	}
	return 0;
}
