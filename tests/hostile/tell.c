/* SPDX-License-Identifier: MIT */
/* What has happened, told as a script that tests/fuzz reads again: see tests/fuzz/script.h. */
#include "victim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void victim_print(const victim_event *e, char *line)
{
    static const char *const names[VICTIM_OP_COUNT] = {
        "setup", "out", "in", "rest", "poll", "reset", "wish", "attach", "sent", "force", "flash"};
    const dfukit_setup *s = &e->setup;
    int at = sprintf(line, "%s", names[e->op]);

    if (e->op == VICTIM_SETUP)
        sprintf(line + at, " %02x %02x %04x %04x %04x", s->bmRequestType, s->bRequest, s->wValue,
                s->wIndex, s->wLength);
    else if (e->op == VICTIM_POLL)
        sprintf(line + at, " %x", e->ms);
    else if (e->op == VICTIM_FLASH)
        sprintf(line + at, " %x %02x", e->ms, e->n);
    else if (e->op == VICTIM_ATTACH)
        sprintf(line + at, " %x", e->n);
    else if (e->op == VICTIM_OUT || e->op == VICTIM_FORCE)
        at += sprintf(line + at, " %02x", e->n);
    for (unsigned i = 0; i < e->given && (e->op == VICTIM_OUT || e->op == VICTIM_FORCE); i++)
        at += sprintf(line + at, " %02x", e->bytes[i]);
}

void victim_show(const victim *v)
{
    uint32_t first = v->t.logged > VICTIM_LOG ? v->t.logged - VICTIM_LOG : 0;

    fprintf(stderr, "%s\nproduct %02x %02x\n", v->what, v->options, v->attributes);
    if (first != 0)
        fprintf(stderr, "# %u events before\n", first);
    for (uint32_t i = first; i < v->t.logged; i++) {
        char line[80];

        victim_print(&v->t.log[i % VICTIM_LOG], line);
        fprintf(stderr, "%s\n", line);
    }
}

void victim_fault(victim *v, const char *format, ...)
{
    char message[200];
    va_list list;

    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    victim_show(v);
    fprintf(stderr, "# %s; state %u, status %u\n", message, v->dfu->state, v->dfu->status);
    v->on_fault(v, message);
    abort();
}
