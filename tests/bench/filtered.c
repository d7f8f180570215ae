/* filtered.c - what one getppid(2) costs, in ns: the least of many short loops, so that one is met which nothing
 * interrupted. Executed in containers by filtered.sh. */
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LOOPS 500
#define CALLS 200

int main(void)
{
	double least = 0;

	for (int i = 0; i < LOOPS; i++) {
		struct timespec a, b;

		clock_gettime(CLOCK_MONOTONIC, &a);
		for (int n = 0; n < CALLS; n++)
			syscall(SYS_getppid);
		clock_gettime(CLOCK_MONOTONIC, &b);
		double ns = (double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec);

		if (i == 0 || ns / CALLS < least)
			least = ns / CALLS;
	}
	printf("%.1f\n", least);
	return 0;
}
