/* sample_table: a round as a table for people. See sample.h. */
#include "base/human.h"
#include "base/str.h"
#include "cmd/sample.h"
#include <stdio.h>
#include <string.h>

#define CELL 64

/* Wide enough for what is usual, so that the columns stay where they are from one table to the next. */
static const struct {
	const char *head;
	size_t width;
} columns[] = {
	{ "ID", 8 },        { "STATUS", 7 }, { "CPU %", 5 },         { "MEMORY / LIMIT", 21 },
	{ "MEM %", 5 },     { "PIDS", 7 },   { "READ / WRITE", 19 }, { "PRESSURE CPU/MEM/IO %", 0 },
	{ "OOM KILLS", 0 },
};
enum { ID, STATUS, CPU, MEMORY, MEMORY_PERCENT, PIDS, IO, PRESSURE, OOM_KILLS, COLUMNS };
_Static_assert(sizeof columns / sizeof *columns == COLUMNS, "a column for each");

static const char *size(char buf[HUMAN_SIZE], struct oci_u64 bytes, const char *none)
{
	return bytes.set ? human_size(buf, bytes.v) : none;
}

static const char *pair(char buf[CELL], struct oci_u64 left, struct oci_u64 right, const char *none)
{
	char a[HUMAN_SIZE], b[HUMAN_SIZE];

	snprintf(buf, CELL, "%s / %s", size(a, left, "-"), size(b, right, none));
	return left.set ? buf : "-";
}

static const char *number(char buf[CELL], struct oci_u64 n)
{
	snprintf(buf, CELL, "%llu", (unsigned long long)n.v);
	return n.set ? buf : "-";
}

static const char *pids(char buf[CELL], const struct sample_pids *p)
{
	number(buf, p->current);
	if (p->limit.set)
		str_add(buf, CELL, "/%llu", (unsigned long long)p->limit.v);
	return p->current.set ? buf : "-";
}

static const char *memory_percent(char buf[CELL], const struct sample_memory *m)
{
	if (!m->limit.set || !m->limit.v)
		return "-";
	snprintf(buf, CELL, "%.1f", 100.0 * (double)m->usage.v / (double)m->limit.v);
	return buf;
}

static const char *pressure(char buf[CELL], const struct sample_pressure *p)
{
	snprintf(buf, CELL, "%s %s %s", p->cpu ? p->cpu : "-", p->memory ? p->memory : "-",
	         p->io ? p->io : "-");
	return p->cpu || p->memory || p->io ? buf : "-";
}

/* One cell; of the heading when s is NULL. */
static const char *cell(const struct sample *s, size_t column, char buf[CELL])
{
	if (!s)
		return columns[column].head;
	switch (column) {
	case ID: return s->id;
	case STATUS: return s->status;
	case CPU: return s->cpu_percent ? s->cpu_percent : "-";
	case MEMORY: return pair(buf, s->memory->usage, s->memory->limit, "-");
	case MEMORY_PERCENT: return memory_percent(buf, s->memory);
	case PIDS: return pids(buf, s->pids);
	case IO: return pair(buf, s->io->read, s->io->write, "-");
	case PRESSURE: return pressure(buf, s->pressure);
	default: return number(buf, s->oom_kills);
	}
}

static void print_line(const struct sample *s, const size_t width[COLUMNS], unsigned cut)
{
	char line[1024] = "", buf[CELL];

	for (size_t c = 0; c < COLUMNS; c++)
		str_add(line, sizeof line, "%-*s%s", c + 1 < COLUMNS ? (int)width[c] : 0,
		        cell(s, c, buf), c + 1 < COLUMNS ? "  " : "");
	if (cut)
		printf("%.*s\033[K\n", (int)cut, line);
	else
		puts(line);
}

void round_print(const struct round *r, struct sample_size size)
{
	size_t width[COLUMNS], shown = r->n;
	char buf[CELL];

	for (size_t c = 0; c < COLUMNS; c++) {
		width[c] = columns[c].width;
		for (size_t i = 0; i <= r->n; i++) {
			size_t len = strlen(cell(i ? &r->v[i - 1] : NULL, c, buf));

			width[c] = len > width[c] ? len : width[c];
		}
	}
	/* The heading, the line that tells of the rest, and the one where the cursor stays take a line each. */
	if (size.columns && r->n + 2 > size.lines)
		shown = size.lines > 3 ? size.lines - 3 : 0;
	if (size.columns)
		fputs("\033[H", stdout);
	print_line(NULL, width, size.columns);
	for (size_t i = 0; i < shown; i++)
		print_line(&r->v[i], width, size.columns);
	if (shown < r->n)
		printf("%zu more\033[K\n", r->n - shown);
	if (size.columns)
		fputs("\033[J", stdout);
}
