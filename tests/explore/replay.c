/* SPDX-License-Identifier: MIT */
/* One path again, with words for what happens; behind its last letter everything goes well. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "explore.h"

bool explore_talking;

void explore_say(const char *format, ...)
{
    va_list list;

    if (!explore_talking)
        return;
    va_start(list, format);
    (void)vprintf(format, list);
    va_end(list);
    (void)putchar('\n');
}

static const char *next_token(const char *script)
{
    script += strcspn(script, " ");
    return script + strspn(script, " ");
}

/* The steps of the script, then healthy ones, to the end. */
static void walk(const char *script)
{
    explore_world *w = &explore_it.world;

    while (!explore_failed.is && !explore_ended(w)) {
        if (w->steps >= EXPLORE_STEPS_MAX) {
            explore_violated("ends", "not after %u steps", EXPLORE_STEPS_MAX);
            return;
        }
        explore_choices_begin(EXPLORE_REPLAY);
        explore_choice.script = script;
        explore_step(w);
        script = next_token(script);
    }
    if (!explore_failed.is)
        explore_check_end(w);
}

int explore_replay(const char *line)
{
    char name[EXPLORE_NAME_SIZE];
    explore_config c;
    const char *script = explore_config_parse(&c, line);

    if (script == NULL) {
        (void)printf("not a configuration: %s\n", line);
        return 2;
    }
    script += strspn(script, " ");
    explore_config_print(&c, name);
    (void)printf("%s\n", name);
    explore_invariants_begin(NULL);
    explore_talking = true;
    explore_start(&c, UINT8_MAX, EXPLORE_START_MS);
    if (!explore_failed.is)
        walk(script);
    explore_talking = false;
    explore_invariants_end();
    if (explore_choice.misfit)
        (void)printf("note: some letters are no answers to what was asked\n");
    if (explore_failed.is)
        (void)printf("VIOLATED: %s: %s\n", explore_failed.invariant, explore_failed.what);
    else
        (void)printf("every invariant holds\n");
    return explore_failed.is || explore_choice.misfit;
}
