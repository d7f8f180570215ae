/* hint: kernel folklore in one place. Pure. */
#pragma once
#include "plan/plan.h"

/* What to do about errno num in a step: one sentence that starts with a verb, or NULL when nothing is known. */
const char *hint_for(const struct step *s, int num, const struct plan *p);
