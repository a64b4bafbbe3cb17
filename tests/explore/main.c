/* SPDX-License-Identifier: MIT */
/*
 *     explore PLAN             search: quick, bounded or full; open: what is known to violate
 *     explore self-test        broken devices must be found out
 *     explore CONFIG [FAULTS]  search one configuration
 *
 * EXPLORE='CONFIG:LETTERS' in the environment replays one path instead, whatever the arguments.
 * EXPLORE_FAULTS=N allows N faults on every path, EXPLORE_SHARE=I/N searches the I-th of N shares,
 * EXPLORE_VERBOSE=1 prints a line for each configuration, and EXPLORE_EXACT=1 tolerates nothing
 * (see invariants.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"

typedef struct totals {
    explore_result all;
    size_t configs, failed;
} totals;

static void print_counts(const char *what, const explore_result *r)
{
    (void)printf("%s: %zu states, %zu transitions, %.4g paths, %zu ends (%zu successes); "
                 "%zu unseen, "
                 "%zu stranded; at most %u steps, %u.%03u s\n",
                 what, r->states, r->transitions, r->paths, r->ends, r->ends_ok, r->unseen,
                 r->stranded, r->longest_steps, (unsigned)(r->longest_ms / 1000),
                 (unsigned)(r->longest_ms % 1000));
}

static void add(totals *t, const explore_result *r)
{
    t->all.states += r->states;
    t->all.transitions += r->transitions;
    t->all.ends += r->ends;
    t->all.ends_ok += r->ends_ok;
    t->all.unseen += r->unseen;
    t->all.stranded += r->stranded;
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
    if (!explore_search(c, faults, &result, path, sizeof path)) {
        t->failed++;
        (void)printf("VIOLATED: %s: %s\n  replay: %s\n", explore_failed.invariant,
                     explore_failed.what, path);
    } else if (verbose) {
        char what[EXPLORE_NAME_SIZE + 32];
        (void)snprintf(what, sizeof what, "%s, %u faults", name, faults);
        print_counts(what, &result);
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
    print_counts(name, &t.all);
    (void)printf("%zu configurations, %zu with a violation\n", t.configs, t.failed);
    explore_plan_free(&plan);
    return t.failed != 0 || t.configs == 0;
}

int main(int argc, char **argv)
{
    const char *line = getenv("EXPLORE");
    explore_config c;
    totals t = {0};

    if (line != NULL)
        return explore_replay(line);
    if (argc < 2) {
        (void)printf("usage: explore quick|bounded|full|open|self-test|CONFIG [FAULTS]\n");
        return 2;
    }
    if (strcmp(argv[1], "self-test") == 0)
        return explore_selftest();
    if (explore_config_parse(&c, argv[1]) == NULL)
        return search_plan(argv[1]);
    search_one(&t, &c, argc > 2 ? (uint8_t)strtoul(argv[2], NULL, 10) : 2, true);
    return t.failed != 0;
}
