/* SPDX-License-Identifier: MIT */
/*
 * What the graph of states shows: that it has no cycle, so that every conversation ends; how many
 * paths lead through it; and the longest of them, in steps and in time. States that were merged are
 * one node here, so this holds for every path, not only for those that the search has walked.
 */
#include <stdlib.h>

#include "explore.h"

typedef struct node {
    size_t first;     /* of its edges */
    uint32_t entries; /* edges that lead here and have not been taken yet */
    uint32_t steps;
    uint64_t ms;
    double paths;
} node;

static void count_entries(node *nodes, const explore_edge *edges, size_t count, size_t states)
{
    size_t e = 0;

    for (size_t i = 0; i <= states; i++) {
        while (e < count && edges[e].from < i)
            e++;
        nodes[i].first = e;
    }
    for (e = 0; e < count; e++)
        nodes[edges[e].to].entries++;
}

static void take(node *from, node *to, const explore_edge *e)
{
    to->paths += from->paths;
    if (to->steps < from->steps + 1)
        to->steps = from->steps + 1;
    if (to->ms < from->ms + e->ms)
        to->ms = from->ms + e->ms;
    to->entries--;
}

int64_t explore_graph(const explore_edge *edges, size_t count, size_t states,
                      explore_result *result)
{
    node *nodes = calloc(states + 1, sizeof *nodes);
    uint32_t *queue = malloc((states + 1) * sizeof *queue);
    size_t done = 0, waiting = 0;
    int64_t cycle = -1;

    if (nodes == NULL || queue == NULL) {
        explore_violated("memory", "no memory for a graph of %zu states", states);
        free(nodes);
        free(queue);
        return -1;
    }
    count_entries(nodes, edges, count, states);
    nodes[0].paths = 1;
    if (nodes[0].entries == 0)
        queue[waiting++] = 0;
    while (done < waiting) {
        node *n = &nodes[queue[done++]];
        if (n->first == n[1].first)
            result->paths += n->paths;
        if (result->longest_steps < n->steps)
            result->longest_steps = n->steps;
        if (result->longest_ms < n->ms)
            result->longest_ms = n->ms;
        for (size_t e = n->first; e < n[1].first; e++) {
            take(n, &nodes[edges[e].to], &edges[e]);
            if (nodes[edges[e].to].entries == 0)
                queue[waiting++] = edges[e].to;
        }
    }
    for (size_t i = 0; i < states && done < states && cycle < 0; i++) {
        if (nodes[i].entries != 0)
            cycle = (int64_t)i;
    }
    free(nodes);
    free(queue);
    return cycle;
}
