/* caps: see caps.h. */
#include "base/caps.h"
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

#define MAX 64 /* bits in a capability set */

static char names[MAX][32];
static const char *words[MAX + 1];

/* libcap says "cap_chown", the spec "CAP_CHOWN". A number without a name is printed as a number: there the list ends. */
const char *const *cap_words(void)
{
	for (int i = 0; i < MAX && !words[i]; i++) {
		char *name = cap_to_name(i);

		if (!name || isdigit((unsigned char)*name)) {
			cap_free(name);
			break;
		}
		snprintf(names[i], sizeof names[i], "%s", name);
		cap_free(name);
		for (char *c = names[i]; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		words[i] = names[i];
	}
	return words;
}

int cap_by_name(const char *name)
{
	cap_words();
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], name) == 0)
			return i;
	return -1;
}

const char *cap_name(int cap)
{
	return cap >= 0 && cap < MAX ? words[cap] : NULL;
}
