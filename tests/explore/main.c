/* SPDX-License-Identifier: MIT */
/*
 *     explore PLAN             search: quick, bounded or full
 *     explore self-test        broken devices must be found out
 *     explore CONFIG [FAULTS]  search one configuration
 *
 * EXPLORE='CONFIG:LETTERS' in the environment replays one path instead, whatever the arguments.
 * EXPLORE_FAULTS=N allows N faults on every path, EXPLORE_SHARE=I/N searches the I-th of N shares,
 * EXPLORE_VERBOSE=1 prints a line for each configuration, and EXPLORE_RESULT=FILE is where the last
 * line goes as well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"

typedef struct totals {
    explore_result all;
    size_t configs, failed;
    size_t depth[4]; /* how many with so many faults, or more */
} totals;

static void print_counts(FILE *to, const explore_result *r)
{
    (void)fprintf(to,
                  "%zu states, %zu transitions, %.4g paths, %zu ends (%zu successes, %zu unseen), "
                  "at most %u steps and %u.%03u s",
                  r->states, r->transitions, r->paths, r->ends, r->ends_ok, r->unseen,
                  r->longest_steps, (unsigned)(r->longest_ms / 1000),
                  (unsigned)(r->longest_ms % 1000));
}

/* What was covered, in one line. */
static void print_totals(FILE *to, const char *plan, const totals *t)
{
    (void)fprintf(to, "explore %s: %zu configurations", plan, t->configs);
    for (unsigned i = sizeof t->depth / sizeof t->depth[0]; i-- > 0;) {
        if (t->depth[i] != 0)
            (void)fprintf(to, ", %zu with up to %u faults on a path", t->depth[i], i);
    }
    (void)fputs(": ", to);
    print_counts(to, &t->all);
    (void)fprintf(to, "; %zu violations\n", t->failed);
}

static bool print_result(const char *plan, const totals *t)
{
    const char *name = getenv("EXPLORE_RESULT");

    print_totals(stdout, plan, t);
    if (name == NULL)
        return true;
    FILE *file = fopen(name, "w");
    if (file == NULL) {
        (void)printf("cannot write %s\n", name);
        return false;
    }
    print_totals(file, plan, t);
    return fclose(file) == 0;
}

static void add(totals *t, const explore_result *r)
{
    t->all.states += r->states;
    t->all.transitions += r->transitions;
    t->all.ends += r->ends;
    t->all.ends_ok += r->ends_ok;
    t->all.unseen += r->unseen;
    t->all.paths += r->paths;
    if (t->all.longest_steps < r->longest_steps)
        t->all.longest_steps = r->longest_steps;
    if (t->all.longest_ms < r->longest_ms)
        t->all.longest_ms = r->longest_ms;
}

static void search_one(totals *t, const explore_config *c, uint8_t faults, bool verbose)
{
    static char path[8192];
    char name[EXPLORE_NAME_SIZE];
    explore_result result;

    explore_config_print(c, name);
    t->configs++;
    t->depth[faults < 3 ? faults : 3]++;
    if (!explore_search(c, faults, &result, path, sizeof path)) {
        t->failed++;
        (void)printf("VIOLATED: %s: %s\n  replay: %s\n", explore_failed.invariant,
                     explore_failed.what, path);
    } else if (verbose) {
        (void)printf("%s, %u faults: ", name, faults);
        print_counts(stdout, &result);
        (void)putchar('\n');
    }
    (void)fflush(stdout);
    add(t, &result);
}

static int search_plan(const char *name)
{
    const char *faults = getenv("EXPLORE_FAULTS");
    const char *share = getenv("EXPLORE_SHARE");
    bool verbose = getenv("EXPLORE_VERBOSE") != NULL;
    explore_plan plan;
    totals t = {0};
    unsigned mine = 0, shares = 1;

    if (share != NULL && (sscanf(share, "%u/%u", &mine, &shares) != 2 || shares == 0))
        return 2;
    if (!explore_plan_make(&plan, name)) {
        (void)printf("no such plan or configuration: %s\n", name);
        explore_plan_free(&plan);
        return 2;
    }
    for (size_t i = 0; i < plan.count; i++) {
        uint8_t bound = faults != NULL ? (uint8_t)strtoul(faults, NULL, 10) : plan.faults[i];
        if (i % shares == mine % shares)
            search_one(&t, &plan.configs[i], bound, verbose);
    }
    bool told = print_result(name, &t);
    explore_plan_free(&plan);
    return !told || t.failed != 0 || t.configs == 0;
}

int main(int argc, char **argv)
{
    const char *line = getenv("EXPLORE");
    explore_config c;
    totals t = {0};

    if (line != NULL)
        return explore_replay(line);
    if (argc < 2) {
        (void)printf("usage: explore quick|bounded|full|self-test|CONFIG [FAULTS]\n");
        return 2;
    }
    if (strcmp(argv[1], "self-test") == 0)
        return explore_selftest();
    if (explore_config_parse(&c, argv[1]) == NULL)
        return search_plan(argv[1]);
    search_one(&t, &c, argc > 2 ? (uint8_t)strtoul(argv[2], NULL, 10) : 2, true);
    return t.failed != 0;
}
