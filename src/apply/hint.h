/* hint: kernel folklore in one place. Pure. */
#pragma once
#include "plan/plan.h"

/* What to do about errno num in a step: one sentence that starts with a verb, or NULL when nothing is known. */
const char *hint_for(const struct step *s, int num, const struct plan *p);

/* The table behind it, for tests: rows of one kind of step and errno, the special before the general. */
struct hint_row {
	enum step_kind kind; /* or HINT_ANY */
	int num;
	const char *text;
};
#define HINT_ANY STEP__N
extern const struct hint_row hint_rows[];
extern const size_t hint_rows_n;
