/* replay: runs a fuzz target over files, once each, without a fuzzer: replay FILE... */
#include "fuzz.h"
#include <stdio.h>

int main(int argc, char **argv)
{
	static uint8_t buf[4 << 20];

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");

		if (!f) {
			perror(argv[i]);
			return 1;
		}
		size_t n = fread(buf, 1, sizeof buf, f);
		fclose(f);
		LLVMFuzzerTestOneInput(buf, n);
	}
	return 0;
}
