/* SPDX-License-Identifier: MIT */
/* The explorer is able to fail: what is broken on purpose breaks the invariant it must break, and
 * the line printed for it breaks it again. */
#include <stdio.h>
#include <string.h>

#include "explore.h"

// clang-format off
static const struct {
    const char *config;
    uint8_t faults;
    const char *invariant; /* NULL: all hold */
} rows[] = {
    {"attr=0f,lenient,verb=write,from=runtime",                                 1, NULL},
    {"attr=0d,lenient,verb=write,from=runtime,broken=lastbyte",                 0, "written"},
    {"attr=0f,lenient,verb=write,from=runtime,broken=lastbyte",                 0, "succeeds"},
    {"attr=05,strict,verb=write,from=2,broken=lastbyte",                        0, "written"},
    {"attr=0d,lenient,verb=write,from=runtime,twoblocks,broken=lastbyte",       0, "written"},
    {"attr=05,lenient,verb=write,from=2,loader,alternates,broken=lastbyte",     0, "written"},
    {"attr=01,strict,verb=write,from=8,v10,broken=lastbyte",                    0, "written"},
    {"attr=0d,lenient,verb=write,from=runtime,broken=liar",                     0, NULL},
    {"attr=0d,lenient,verb=write,from=runtime,broken=liar",                     1, "written"},
    {"attr=0f,strict,verb=write,from=runtime,verify=never,broken=liar",         1, "written"},
    {"attr=0f,lenient,verb=write,from=runtime,broken=stray",                    0, "inside"},
    {"attr=0f,lenient,verb=write,from=runtime,broken=hasty",                    1, "boots"},
    {"attr=0f,lenient,verb=write,from=2,broken=size",                           0, "legal"},
    {"attr=0f,lenient,verb=write,from=2,broken=brick",                          1, "again"},
    {"attr=0f,lenient,verb=write,from=2,broken=leak",                           0, "freed"},
    {"attr=0f,lenient,verb=write,from=2,broken=stuck",                          0, "ends"},
};
// clang-format on

/* What the search takes for the same state goes on in the same way: the tree of all paths, with
 * nothing merged, has as many ends as the graph has paths, and no longer ones. */
static const struct {
    const char *config;
    uint8_t faults;
} merged[] = {
    {"attr=0f,lenient,verb=write,from=runtime", 1},
    {"attr=03,strict,verb=write,from=runtime,verify=always", 1},
    {"attr=07,strict,verb=write,from=5,slowmanifest,batch=4", 1},
    {"attr=01,lenient,verb=write,from=5,timeout=4000", 2},
    {"attr=0b,lenient,verb=verify,from=9", 2},
    {"attr=05,lenient,verb=leave,from=7", 2},
};

static int check_merging(void)
{
    static char path[8192];
    int wrong = 0;

    for (size_t i = 0; i < sizeof merged / sizeof merged[0]; i++) {
        explore_config c = {0};
        explore_result graph, tree;
        bool same = explore_config_parse(&c, merged[i].config) != NULL &&
                    explore_search(&c, merged[i].faults, &graph, path, sizeof path);
        explore_unmerged = true;
        same = same && explore_search(&c, merged[i].faults, &tree, path, sizeof path) &&
               (double)tree.ends == graph.paths && tree.paths == graph.paths &&
               tree.longest_steps == graph.longest_steps && tree.longest_ms == graph.longest_ms;
        explore_unmerged = false;
        (void)printf("%s: %s: %zu states instead of %zu, %.0f paths\n", same ? "ok" : "WRONG",
                     merged[i].config, graph.states, tree.states, graph.paths);
        wrong += same ? 0 : 1;
    }
    return wrong;
}

/* EXPLORE='...' without what surrounds the line. */
static void strip(char *path)
{
    size_t n = strlen(path);

    if (n > 10) {
        memmove(path, path + 9, n - 10);
        path[n - 10] = '\0';
    }
}

int explore_selftest(void)
{
    static char path[8192];
    int wrong = 0;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        explore_config c = {0};
        explore_result result;
        bool holds = explore_config_parse(&c, rows[i].config) != NULL &&
                     explore_search(&c, rows[i].faults, &result, path, sizeof path);
        const char *found = holds ? NULL : explore_failed.invariant;
        bool right = rows[i].invariant == NULL || found == NULL
                         ? rows[i].invariant == found
                         : strcmp(rows[i].invariant, found) == 0;
        (void)printf("%s: %s: %s\n", right ? "ok" : "WRONG", rows[i].config,
                     found != NULL ? found : "holds");
        if (right && found != NULL) {
            (void)printf("  %s\n", path);
            strip(path);
            right = explore_replay(path) == 1 && strcmp(explore_failed.invariant, found) == 0;
            if (!right)
                (void)printf("WRONG: the replay shows something else\n");
        } else if (!right) {
            (void)printf("  %s\n  %s\n", explore_failed.what, path);
        }
        wrong += right ? 0 : 1;
    }
    wrong += check_merging();
    (void)printf("%d rows are wrong\n", wrong);
    return wrong != 0;
}
