/* SPDX-License-Identifier: MIT */
/*
 * A fuzz target without a fuzzer.
 *
 *     fuzz_NAME FILE...           run these: scripts (*.txt), or bytes as a fuzzer has found them
 *     fuzz_NAME --seeds FILE...   the same; fails also when they do not get as deep as they should
 *     fuzz_NAME --text FILE       print bytes as a script
 *     fuzz_NAME --bytes FILE OUT  write a script as bytes
 */
#include "script.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 262144u

static char file[ROOM + 1];
static uint8_t input[ROOM];

/* @return bytes of the input in `input`, -1: not understood. */
static long load(const char *name)
{
    FILE *f = fopen(name, "rb");
    size_t n, length = strlen(name);
    long got;

    if (f == NULL) {
        perror(name);
        return -1;
    }
    n = fread(file, 1, ROOM, f);
    fclose(f);
    file[n] = '\0';
    if (length < 4 || strcmp(name + length - 4, ".txt") != 0) {
        memcpy(input, file, n);
        return (long)n;
    }
    got = fuzz_encode(file, input, ROOM);
    if (got < 0)
        fprintf(stderr, "%s is not a script\n", name);
    return got;
}

/* As a fuzzer runs it: from memory that is exactly as long. */
static void run(size_t n)
{
    uint8_t *copy = malloc(n != 0 ? n : 1);

    if (copy == NULL)
        abort();
    memcpy(copy, input, n);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
}

static int run_all(int count, char **names, bool seeds)
{
    const char *missing;

    for (int i = 0; i < count; i++) {
        long n = load(names[i]);

        if (n < 0)
            return 1;
        fprintf(stderr, "# %s\n", names[i]);
        run((size_t)n);
    }
    missing = seeds ? fuzz_missing() : NULL;
    if (missing != NULL)
        fprintf(stderr, "the seeds do not reach %s\n", missing);
    printf("%d inputs run\n", count);
    return missing != NULL;
}

static int write_bytes(const char *name, long n)
{
    FILE *f = fopen(name, "wb");

    if (f == NULL || fwrite(input, 1, (size_t)n, f) != (size_t)n || fclose(f) != 0) {
        perror(name);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *option = argc > 2 ? argv[1] : "";
    long n;

    if (strcmp(option, "--seeds") == 0)
        return run_all(argc - 2, argv + 2, true);
    if (strcmp(option, "--text") != 0 && strcmp(option, "--bytes") != 0)
        return argc > 1 ? run_all(argc - 1, argv + 1, false) : 2;
    n = load(argv[2]);
    if (n < 0)
        return 1;
    if (option[2] == 'b')
        return argc > 3 ? write_bytes(argv[3], n) : 2;
    fuzz_print(input, (size_t)n, stdout);
    return 0;
}
