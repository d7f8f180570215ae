/* psi: pressure stall information of a cgroup (accounting/psi.rst). v2 only, of any controller, so hybrid hosts too. */
#include "base/str.h"
#include "stats/reader.h"
#include <string.h>

/* "12.34": two runs of digits. JSON wants no zero in front. */
static bool is_decimal(const char *s)
{
	size_t whole = strspn(s, "0123456789"), rest;

	if (!whole || (whole > 1 && *s == '0') || s[whole] != '.')
		return false;
	rest = strspn(s + whole + 1, "0123456789");
	return rest && !s[whole + 1 + rest];
}

/* some avg10=0.00 avg60=0.00 avg300=0.00 total=0 */
static void read_line(struct oci_psi_line *out, char *line, struct arena *a)
{
	const struct {
		const char *key;
		char **out;
	} averages[] = { { "avg10=", &out->avg10 },
		         { "avg60=", &out->avg60 },
		         { "avg300=", &out->avg300 } };
	const char *word;

	while ((word = text_word(&line))) {
		uint64_t total;

		if (str_starts(word, "total=") && text_number(word + strlen("total="), &total))
			out->total.v = total;
		for (size_t i = 0; i < sizeof averages / sizeof *averages; i++) {
			const char *value = word + strlen(averages[i].key);

			if (str_starts(word, averages[i].key) && is_decimal(value))
				*averages[i].out = arena_str(a, value, strlen(value));
		}
	}
}

struct oci_psi *stats_psi(struct stats *s, const char *file)
{
	/* With psi=0 the file is there, and reading fails. */
	char *text = stats_text(stats_holder(s, STATS_V2, file), file), *line;
	struct oci_psi *psi = NULL;

	while ((line = text_line(&text))) {
		const char *which = text_word(&line);
		bool some = which && STR_EQ(which, "some");

		if (!some && (!which || !STR_EQ(which, "full")))
			continue;
		if (!psi)
			psi = oci_blank(&oci_psi_schema, s->a);
		read_line(some ? psi->some : psi->full, line, s->a);
	}
	return psi;
}
