/* SPDX-License-Identifier: MIT */
/*
 * Questions and answers. Whatever may happen in more than one way is a question with a letter for
 * each answer; a transition is the string of letters that it was given. The search counts through
 * these strings like an odometer: the last answer that can be another one is changed, and what
 * follows it is asked anew.
 */
#include <string.h>

#include "explore.h"

explore_choices explore_choice;

void explore_choices_begin(explore_mode mode)
{
    explore_choice.mode = mode;
    explore_choice.n = 0;
    explore_choice.given = 0;
}

bool explore_choices_next(void)
{
    explore_choices *c = &explore_choice;
    unsigned last = c->n;

    while (last > 0 && c->index[last - 1] + 1u >= c->room[last - 1])
        last--;
    if (last == 0)
        return false;
    c->index[last - 1]++;
    c->given = last;
    c->n = 0;
    return true;
}

/* The number of the answer. */
static size_t answer(explore_choices *c, const char *options, size_t allowed)
{
    const char *found;

    switch (c->mode) {
    case EXPLORE_SLOW:
        found = strchr(options, 'w');
        return found != NULL ? (size_t)(found - options) : 0;
    case EXPLORE_SEARCH:
        return c->n < c->given ? c->index[c->n] : 0;
    case EXPLORE_REPLAY:
        if (c->script == NULL || *c->script == '\0' || *c->script == ' ')
            return 0;
        found = memchr(options, *c->script++, allowed);
        c->misfit = c->misfit || found == NULL;
        return found != NULL ? (size_t)(found - options) : 0;
    case EXPLORE_FIRST:
    default:
        return 0;
    }
}

char explore_choose(const char *options, size_t healthy)
{
    explore_world *w = &explore_it.world;
    explore_choices *c = &explore_choice;
    size_t allowed = w->faults_left > 0 ? strlen(options) : healthy;
    size_t i = answer(c, options, allowed);

    if (c->n < EXPLORE_CHOICES_MAX) {
        c->index[c->n] = (uint8_t)i;
        c->room[c->n] = (uint8_t)allowed;
        c->letters[c->n++] = options[i];
        c->letters[c->n] = '\0';
    } else {
        explore_violated("ends", "a single step asks more than %u questions", EXPLORE_CHOICES_MAX);
    }
    if (i >= healthy) {
        w->faults++;
        w->faults_left--;
    }
    return options[i];
}
