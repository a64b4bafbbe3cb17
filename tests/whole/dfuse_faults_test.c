/* SPDX-License-Identifier: MIT */
/*
 * Every transfer of jobs on a DfuSe board goes wrong in every way, then pairs of them; every job is
 * interrupted at every step, runs out of time at every moment, and loses power at every operation
 * of the flash. Whatever happens: it ends in bounded time with an error that says something;
 * success means that the memory is right; nothing is touched beside the pages that are erased; and
 * the same board can be written again.
 *
 *     whole_dfuse_faults JOB N KIND [N KIND]     replays one, and tells its outcome
 */
#include "whole/dfuse_trial.h"

/* Under AddressSanitizer all is several times slower: every so manyth trial there. */
#if defined(__SANITIZE_ADDRESS__)
#define EVERY 7u
#else
#define EVERY 1u
#endif
#define PAIRS (2000u / EVERY)
#define SEED  20261124u

/* ---- The tests ---- */

static void ended(const char *what, unsigned long long from)
{
    printf("%s: %llu trials, %u violations\n", what, trials - from, violations);
    assert_int_equal(violations, 0);
}

static void without_faults_every_job_succeeds(void **state)
{
    (void)state;
    violations = 0;
    for (size_t j = 0; j < BOARD_JOBS; j++) {
        extent e = try(&(trial){.what = &board_jobs[j]}, false);
        printf("%s: %s, %u transfers, %u steps, %u ms, %u flash operations\n", board_jobs[j].name,
               dfukit_error_name(e.error), (unsigned)e.transfers, (unsigned)e.steps, (unsigned)e.ms,
               (unsigned)e.operations);
        if (board_jobs[j].job.verb != DFUKIT_VERB_LEAVE)
            assert_int_equal(e.error, DFUKIT_OK);
    }
    ended("no faults", trials - BOARD_JOBS);
}

static void every_transfer_goes_wrong_in_every_way(void **state)
{
    unsigned long long from = trials;
    (void)state;
    violations = 0;
    for (size_t j = 0; j < BOARD_JOBS; j++) {
        extent e = try(&(trial){.what = &board_jobs[j]}, false);
        assert_true(e.transfers < MEDDLER_SEEN);
        for (unsigned kind = 1; kind < MISCHIEF_COUNT; kind++) {
            for (uint32_t i = 1; i <= e.transfers; i++) {
                trial t = {.what = &board_jobs[j], .plan = {{i, (mischief)kind}}};
                if ((i + kind) % EVERY == 0 && mischief_bites((mischief)kind, e.seen[i]))
                    try(&t, false);
            }
        }
    }
    ended("one fault", from);
}

static uint32_t chance(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % n;
}

static void pairs_of_transfers_go_wrong(void **state)
{
    unsigned long long from = trials;
    const char *wanted = getenv("DFUKIT_SEED");
    uint32_t seed = wanted != NULL ? (uint32_t)strtoul(wanted, NULL, 0) : SEED;
    uint32_t counts[BOARD_JOBS];
    (void)state;
    violations = 0;
    printf("seed %u (DFUKIT_SEED)\n", (unsigned)seed);
    for (size_t j = 0; j < BOARD_JOBS; j++)
        counts[j] = try(&(trial){.what = &board_jobs[j]}, false).transfers;
    for (unsigned k = 0; k < PAIRS; k++) {
        uint32_t j = chance(&seed, BOARD_JOBS);
        uint32_t i = 1 + chance(&seed, counts[j]);
        uint32_t near =
            i + 1 + (chance(&seed, 2) != 0 ? chance(&seed, 6) : chance(&seed, counts[j]));
        mischief a = (mischief)(1 + chance(&seed, MISCHIEF_COUNT - 1));
        mischief b = (mischief)(1 + chance(&seed, MISCHIEF_COUNT - 1));
        try(&(trial){.what = &board_jobs[j], .plan = {{i, a}, {near, b}}}, false);
    }
    ended("two faults", from);
}

static void every_step_is_interrupted(void **state)
{
    unsigned long long from = trials;
    (void)state;
    violations = 0;
    for (size_t j = 0; j < BOARD_JOBS; j++) {
        uint32_t n = try(&(trial){.what = &board_jobs[j]}, false).steps;
        for (uint32_t i = 1; i <= n; i += EVERY)
            try(&(trial){.what = &board_jobs[j], .cancel_at = i}, false);
    }
    ended("interrupted", from);
}

static void every_moment_is_the_last(void **state)
{
    unsigned long long from = trials;
    (void)state;
    violations = 0;
    for (size_t j = 0; j < BOARD_JOBS; j++) {
        uint32_t ms = try(&(trial){.what = &board_jobs[j]}, false).ms;
        for (uint32_t i = 1; i <= ms + 2; i += (1 + ms / 150) * EVERY)
            try(&(trial){.what = &board_jobs[j], .timeout_ms = i}, false);
    }
    ended("out of time", from);
}

static void every_flash_operation_loses_power(void **state)
{
    unsigned long long from = trials;
    (void)state;
    violations = 0;
    for (size_t j = 0; j < BOARD_JOBS; j++) {
        uint32_t n = try(&(trial){.what = &board_jobs[j]}, false).operations;
        for (uint32_t i = 1; i <= n; i++) {
            trial t = {.what = &board_jobs[j], .power_cut = i};
            extent e = try(&t, false);
            if (e.error == DFUKIT_OK && !board_jobs[j].job.has_alt && i < n) {
                violations++;
                printf("%s: success with power cut %u\n", board_jobs[j].name, (unsigned)i);
            }
        }
    }
    ended("power cut", from);
}

static void every_flash_operation_fails(void **state)
{
    unsigned long long from = trials;
    (void)state;
    violations = 0;
    for (size_t j = 0; j < BOARD_JOBS; j++) {
        uint32_t n = try(&(trial){.what = &board_jobs[j]}, false).operations;
        for (uint32_t i = 1; i <= n; i += EVERY)
            try(&(trial){.what = &board_jobs[j], .flash_fails = i}, false);
    }
    ended("flash operation fails", from);
}

static int replay(int argc, char **argv)
{
    trial t = {.what = NULL};
    size_t n = 0;
    for (size_t j = 0; j < BOARD_JOBS; j++) {
        if (strcmp(board_jobs[j].name, argv[1]) == 0)
            t.what = &board_jobs[j];
    }
    for (int i = 2; i + 1 < argc; i += 2) {
        uint32_t number = (uint32_t)strtoul(argv[i + 1], NULL, 0);
        if (strcmp(argv[i], "cancel") == 0)
            t.cancel_at = number;
        else if (strcmp(argv[i], "timeout") == 0)
            t.timeout_ms = number;
        else if (strcmp(argv[i], "cut") == 0)
            t.power_cut = number;
        else if (strcmp(argv[i], "fails") == 0)
            t.flash_fails = number;
        else if (n < 2) {
            t.plan[n].at = (unsigned)strtoul(argv[i], NULL, 0);
            for (unsigned k = 1; k < MISCHIEF_COUNT; k++) {
                if (strcmp(mischief_name((mischief)k), argv[i + 1]) == 0)
                    t.plan[n].kind = (mischief)k;
            }
            n++;
        }
    }
    if (t.what == NULL)
        return 2;
    try(&t, true);
    return violations != 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_faults_every_job_succeeds),
        cmocka_unit_test(every_transfer_goes_wrong_in_every_way),
        cmocka_unit_test(pairs_of_transfers_go_wrong),
        cmocka_unit_test(every_step_is_interrupted),
        cmocka_unit_test(every_moment_is_the_last),
        cmocka_unit_test(every_flash_operation_loses_power),
        cmocka_unit_test(every_flash_operation_fails),
    };
    file_fill();
    if (argc > 1)
        return replay(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
