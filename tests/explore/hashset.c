/* SPDX-License-Identifier: MIT */
/* A map from hashes to numbers of states: open addressing, never more than half full. */
#include <stdlib.h>

#include "explore.h"

static uint32_t put(explore_set *s, uint64_t key, uint32_t value)
{
    size_t i = (size_t)(key & (s->room - 1));

    while (s->keys[i] != 0 && s->keys[i] != key)
        i = (i + 1) & (s->room - 1);
    if (s->keys[i] == 0) {
        s->keys[i] = key;
        s->values[i] = value;
        s->count++;
    }
    return s->values[i];
}

static bool grow(explore_set *s)
{
    explore_set larger = {.room = s->room != 0 ? 2 * s->room : 1024};

    larger.keys = calloc(larger.room, sizeof *larger.keys);
    larger.values = calloc(larger.room, sizeof *larger.values);
    if (larger.keys == NULL || larger.values == NULL) {
        explore_set_free(&larger);
        return false;
    }
    for (size_t i = 0; i < s->room; i++) {
        if (s->keys[i] != 0)
            (void)put(&larger, s->keys[i], s->values[i]);
    }
    explore_set_free(s);
    *s = larger;
    return true;
}

uint32_t explore_set_add(explore_set *s, uint64_t key, uint32_t value)
{
    if (2 * (s->count + 1) > s->room && !grow(s)) {
        explore_violated("memory", "no memory for %zu states", s->count);
        return value;
    }
    return put(s, key, value);
}

void explore_set_free(explore_set *s)
{
    free(s->keys);
    free(s->values);
    *s = (explore_set){0};
}
