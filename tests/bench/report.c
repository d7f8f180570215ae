/*
 * report.c - the table and the JSON of a bench run, from the samples that rounds.c wrote.
 *
 * `report SAMPLES [JSON]` prints minimum, median and 95th percentile of each action of each runtime
 * and how many times the median of every other runtime it is; the file JSON gets the same. Lines of
 * "!<TAB>runtime<TAB>key<TAB>text" in SAMPLES are notes on a runtime, carried into the report.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERIES_MAX 128

/* All samples of one action of one runtime. */
struct series {
	char runtime[64], action[64];
	int64_t *walls, *cpus, *faults;
	size_t count;
	int64_t min, median, p95, cpu, rss; /* min to cpu in us; rss in KiB: the largest */
	int64_t fault;                      /* page faults, median */
};

struct note {
	char runtime[64], key[32], text[256];
};

static struct series series[SERIES_MAX];
static size_t series_count;
static struct note notes[SERIES_MAX];
static size_t notes_count;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "report: %s: %s\n", what, why);
	exit(1);
}

static struct series *series_of(const char *runtime, const char *action)
{
	for (size_t i = 0; i < series_count; i++)
		if (!strcmp(series[i].runtime, runtime) && !strcmp(series[i].action, action))
			return &series[i];
	return NULL;
}

static int64_t *append(int64_t *numbers, size_t count, int64_t number)
{
	numbers = reallocarray(numbers, count + 1, sizeof(*numbers));
	if (!numbers)
		die("samples", strerror(errno));
	numbers[count] = number;
	return numbers;
}

static void sample_add(const char *runtime, const char *action, int64_t wall, int64_t cpu,
                       int64_t rss, int64_t faults)
{
	struct series *s = series_of(runtime, action);

	if (!s) {
		if (series_count == SERIES_MAX)
			die(runtime, "too many series");
		s = &series[series_count++];
		snprintf(s->runtime, sizeof(s->runtime), "%s", runtime);
		snprintf(s->action, sizeof(s->action), "%s", action);
	}
	s->walls = append(s->walls, s->count, wall);
	s->cpus = append(s->cpus, s->count, cpu);
	s->faults = append(s->faults, s->count, faults);
	s->count++;
	s->rss = rss > s->rss ? rss : s->rss;
}

static void samples_read(const char *path)
{
	FILE *f = fopen(path, "re");
	char line[1024], runtime[64], action[64];
	int64_t wall, cpu, rss, faults;

	if (!f)
		die(path, strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		struct note *n = &notes[notes_count];

		if (notes_count < SERIES_MAX && sscanf(line, "!\t%63[^\t]\t%31[^\t]\t%255[^\n]",
		                                       n->runtime, n->key, n->text) == 3)
			notes_count++;
		else if (sscanf(line,
		                "%63[^\t]\t%63[^\t]\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64
		                "\t%" SCNd64,
		                runtime, action, &wall, &cpu, &rss, &faults) == 6)
			sample_add(runtime, action, wall, cpu, rss, faults);
	}
	fclose(f);
}

static int by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void series_reduce(struct series *s)
{
	qsort(s->cpus, s->count, sizeof(s->cpus[0]), by_number);
	qsort(s->walls, s->count, sizeof(s->walls[0]), by_number);
	qsort(s->faults, s->count, sizeof(s->faults[0]), by_number);
	s->cpu = s->cpus[s->count / 2];
	s->fault = s->faults[s->count / 2];
	s->min = s->walls[0];
	s->median = s->walls[s->count / 2];
	s->p95 = s->walls[(s->count * 95 + 99) / 100 - 1];
}

/* How many times the median of another runtime in the same action this one is; 0: not known. */
static double ratio_to(const struct series *s, const char *runtime)
{
	const struct series *other = series_of(runtime, s->action);

	return other && other->median > 0 ? (double)s->median / (double)other->median : 0;
}

/* The runtimes in the order of the plan, which are the columns of ratios. */
static size_t columns(const char **names)
{
	size_t count = 0;

	for (size_t i = 0; i < series_count; i++) {
		size_t n = 0;

		while (n < count && strcmp(names[n], series[i].runtime) != 0)
			n++;
		if (n == count)
			names[count++] = series[i].runtime;
	}
	return count;
}

static void table_print(const char **names, size_t names_count)
{
	const char *action = "";

	printf("%-8s %-14s %5s %9s %9s %9s %9s %8s %7s ", "action", "runtime", "n", "min ms",
	       "median", "p95", "cpu ms", "RSS KiB", "faults");
	for (size_t n = 0; n < names_count; n++)
		printf(" %*s%s", n ? 1 : 2, "/", names[n]);
	putchar('\n');
	for (size_t i = 0; i < series_count; i++) {
		const struct series *s = &series[i];

		if (i > 0 && strcmp(action, s->action) != 0)
			putchar('\n');
		printf("%-8s %-14s %5zu %9.3f %9.3f %9.3f %9.3f %8" PRId64 " %7" PRId64 " ",
		       strcmp(action, s->action) == 0 ? "" : s->action, s->runtime, s->count,
		       (double)s->min / 1e3, (double)s->median / 1e3, (double)s->p95 / 1e3,
		       (double)s->cpu / 1e3, s->rss, s->fault);
		for (size_t n = 0; n < names_count; n++) {
			int width = (int)strlen(names[n]) + (n ? 2 : 3);
			double r = ratio_to(s, names[n]);

			if (r > 0)
				printf(" %*.2f", width - 1, r);
			else
				printf(" %*s", width - 1, "-");
		}
		putchar('\n');
		action = s->action;
	}
	for (size_t i = 0; i < notes_count; i++)
		printf("%s%s %s: %s\n", i ? "" : "\n", notes[i].runtime, notes[i].key,
		       notes[i].text);
}

static void json_string(FILE *f, const char *text)
{
	fputc('"', f);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(f, "\\%c", *p);
		else if (*p < 0x20 || *p >= 0x7f)
			fprintf(f, "\\u%04x", *p);
		else
			fputc(*p, f);
	}
	fputc('"', f);
}

static void json_write(FILE *f, const char **names, size_t names_count)
{
	fputs("{\n\"results\": [", f);
	for (size_t i = 0; i < series_count; i++) {
		const struct series *s = &series[i];
		const char *comma = "";

		fprintf(f, "%s\n{\"action\": \"%s\", \"runtime\": ", i ? "," : "", s->action);
		json_string(f, s->runtime);
		fprintf(f,
		        ", \"rounds\": %zu, \"wall_us\": {\"min\": %" PRId64
		        ", \"median\": %" PRId64 ", \"p95\": %" PRId64 "}, \"cpu_us\": %" PRId64
		        ", \"rss_kib\": %" PRId64 ", \"faults\": %" PRId64 ", \"ratio\": {",
		        s->count, s->min, s->median, s->p95, s->cpu, s->rss, s->fault);
		for (size_t n = 0; n < names_count; n++) {
			double r = ratio_to(s, names[n]);

			if (r <= 0)
				continue;
			fputs(comma, f);
			json_string(f, names[n]);
			fprintf(f, ": %.3f", r);
			comma = ", ";
		}
		fputs("}}", f);
	}
	fputs("\n],\n\"notes\": [", f);
	for (size_t i = 0; i < notes_count; i++) {
		fprintf(f, "%s\n{\"runtime\": ", i ? "," : "");
		json_string(f, notes[i].runtime);
		fputs(", ", f);
		json_string(f, notes[i].key);
		fputs(": ", f);
		json_string(f, notes[i].text);
		fputc('}', f);
	}
	fputs("\n]\n}\n", f);
}

static int report(const char *samples, const char *json)
{
	const char *names[SERIES_MAX];
	size_t names_count;
	FILE *f;

	samples_read(samples);
	for (size_t i = 0; i < series_count; i++)
		series_reduce(&series[i]);
	names_count = columns(names);
	table_print(names, names_count);
	if (!json)
		return 0;
	f = fopen(json, "we");
	if (f)
		json_write(f, names, names_count);
	if (!f || fclose(f) != 0)
		die(json, strerror(errno));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 || argc == 3)
		return report(argv[1], argv[2]);
	fputs("usage: report SAMPLES [JSON]\n", stderr);
	return 2;
}
