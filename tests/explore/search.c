/* SPDX-License-Identifier: MIT */
/*
 * Breadth first: states are expanded in the order in which they were found, so the first path that
 * breaks an invariant is a shortest one. A state waits as a snapshot and is only a hash afterwards;
 * edges are kept for the questions that need the whole graph.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"

#define STATES_MOST 60000000u

bool explore_unmerged;

typedef struct state {
    uint32_t parent;
    uint32_t letters; /* of the step that led here, in `text` */
    explore_snapshot *snapshot;
} state;

/* Something that grows. */
typedef struct pile {
    size_t count, room;
} pile;

typedef struct search {
    explore_set known;
    pile states_pile, edges_pile, text_pile;
    state *states;
    explore_edge *edges;
    char *text;
    explore_result *result;
} search;

static bool fits(pile *p, void **items, size_t size, size_t more)
{
    if (p->count + more <= p->room)
        return true;
    size_t room = 2 * (p->room + more) + 1024;
    void *grown = realloc(*items, room * size);
    if (grown == NULL) {
        explore_violated("memory", "no memory for %zu items", room);
        return false;
    }
    *items = grown;
    p->room = room;
    return true;
}

/* ---- Paths ---- */

/* The line that replays the path to state `at`, and `last`, the letters of one more step. */
static void print_path(const search *s, const explore_config *c, uint32_t at, const char *last,
                       char *path, size_t size)
{
    char name[EXPLORE_NAME_SIZE];
    uint32_t way[EXPLORE_STEPS_MAX + 1];
    size_t n = 0, done;

    for (; at != 0 && n <= EXPLORE_STEPS_MAX; at = s->states[at].parent)
        way[n++] = at;
    explore_config_print(c, name);
    done = (size_t)snprintf(path, size, "EXPLORE='%s:", name);
    for (size_t i = n; i > 0 && done < size; i--)
        done += (size_t)snprintf(path + done, size - done, "%s%s", i < n ? " " : "",
                                 s->text + s->states[way[i - 1]].letters);
    if (done < size)
        (void)snprintf(path + done, size - done, "%s%s'", n > 0 && *last != '\0' ? " " : "", last);
}

/* ---- Expanding ---- */

static bool add_edge(search *s, uint32_t from, uint32_t to, uint64_t ms)
{
    if (!fits(&s->edges_pile, (void **)&s->edges, sizeof *s->edges, 1))
        return false;
    s->edges[s->edges_pile.count++] = (explore_edge){from, to, (uint32_t)ms};
    return true;
}

/* The state that the world is in. @return its number; *new when it was not known. */
static uint32_t arrive(search *s, uint32_t parent, const char *letters, bool *new)
{
    size_t length = strlen(letters) + 1;
    uint32_t number = (uint32_t)s->states_pile.count;
    uint64_t hash;
    explore_snapshot *snapshot = explore_take(&hash);

    *new = false;
    if (explore_unmerged)
        hash = number + UINT64_C(1);
    if (snapshot == NULL || number >= STATES_MOST) {
        explore_violated("memory", "no memory for more than %u states", number);
        free(snapshot);
        return 0;
    }
    uint32_t found = explore_set_add(&s->known, hash, number);
    if (found != number || !fits(&s->states_pile, (void **)&s->states, sizeof *s->states, 1) ||
        !fits(&s->text_pile, (void **)&s->text, 1, length)) {
        free(snapshot);
        return found;
    }
    *new = true;
    s->states[number] = (state){parent, (uint32_t)s->text_pile.count, snapshot};
    memcpy(s->text + s->text_pile.count, letters, length);
    s->text_pile.count += length;
    s->states_pile.count++;
    return number;
}

/* An end: look at it once, and never expand it. */
static void conclude(search *s, uint32_t at)
{
    explore_world *w = &explore_it.world;

    s->result->ends++;
    if (dfukit_host_outcome(w->host)->error == DFUKIT_OK)
        s->result->ends_ok++;
    free(s->states[at].snapshot);
    s->states[at].snapshot = NULL;
    explore_check_end(w);
}

/* Every way in which the step of state `at` may go. */
static void expand(search *s, uint32_t at)
{
    explore_world *w = &explore_it.world;
    explore_snapshot *snapshot = s->states[at].snapshot;

    s->states[at].snapshot = NULL;
    explore_choices_begin(EXPLORE_SEARCH);
    do {
        char letters[EXPLORE_CHOICES_MAX + 1];
        bool new = false;
        explore_restore(snapshot);
        uint64_t start = w->now_ms;
        explore_step(w);
        memcpy(letters, explore_choice.letters, sizeof letters);
        explore_choices kept = explore_choice;
        if (explore_failed.is)
            break;
        if (w->steps > EXPLORE_STEPS_MAX)
            explore_violated("ends", "not after %u steps", EXPLORE_STEPS_MAX);
        uint64_t took = w->now_ms - start;
        uint32_t to = arrive(s, at, letters, &new);
        if (!explore_failed.is && add_edge(s, at, to, took) && new &&explore_ended(w))
            conclude(s, to);
        explore_choice = kept;
    } while (!explore_failed.is && explore_choices_next());
    free(snapshot);
}

/* ---- The whole ---- */

static void check_graph(search *s, const explore_config *c, uint32_t *worst)
{
    explore_result *r = s->result;
    uint64_t timeout = c->timeout_ms != 0 ? c->timeout_ms : DFUKIT_TIMEOUT_DEFAULT_MS;
    int64_t cycle = explore_graph(s->edges, s->edges_pile.count, s->states_pile.count, r);

    if (cycle >= 0) {
        *worst = (uint32_t)cycle;
        explore_violated("ends", "the conversation can go round in a circle");
    } else if (r->longest_ms > timeout + EXPLORE_AFTER_MS) {
        explore_violated("ends", "a path takes %u ms, with %u ms allowed", (unsigned)r->longest_ms,
                         (unsigned)timeout);
    } else if (timeout > EXPLORE_HORIZON_MS && r->longest_ms + 20000u > timeout) {
        explore_violated("memory", "a path takes %u ms: the horizon is too near",
                         (unsigned)r->longest_ms);
    }
}

static void run(search *s, const explore_config *c, uint8_t faults, uint32_t *worst)
{
    bool new;

    explore_start(c, faults, EXPLORE_START_MS);
    if (explore_failed.is)
        return;
    explore_base();
    (void)arrive(s, 0, "", &new);
    if (!explore_failed.is && explore_ended(&explore_it.world))
        conclude(s, 0);
    for (uint32_t at = 0; at < s->states_pile.count && !explore_failed.is; at++) {
        *worst = at;
        explore_choice.letters[0] = '\0';
        if (s->states[at].snapshot != NULL)
            expand(s, at);
    }
    s->result->states = s->states_pile.count;
    s->result->transitions = s->edges_pile.count;
    if (!explore_failed.is) {
        explore_choice.letters[0] = '\0';
        check_graph(s, c, worst);
    }
    if (!explore_failed.is && !explore_tail_untouched())
        explore_violated("memory", "the host engine uses more of its buffer than is copied");
}

bool explore_search(const explore_config *c, uint8_t faults, explore_result *result, char *path,
                    size_t path_size)
{
    search s = {.result = result};
    uint32_t worst = 0;

    *result = (explore_result){0};
    path[0] = '\0';
    bool understood = explore_calibrate(c);
    explore_invariants_begin(result); /* what broke in there will break again */
    if (!understood)
        explore_violated("memory", "the host engine keeps time in a way not understood");
    if (!explore_failed.is)
        run(&s, c, faults, &worst);
    if (explore_failed.is && s.states != NULL)
        print_path(&s, c, worst, explore_choice.letters, path, path_size);
    for (size_t i = 0; i < s.states_pile.count; i++)
        free(s.states[i].snapshot);
    free(s.states);
    free(s.edges);
    free(s.text);
    explore_set_free(&s.known);
    explore_invariants_end();
    return !explore_failed.is;
}
