/* SPDX-License-Identifier: MIT */
/* Where a host departs from a recording, in words: the first time only. */
#include "replay.h"

#include <stdio.h>
#include <string.h>

static const char *name_of(const dfukit_setup *s, char buffer[48])
{
    bool class = (s->bmRequestType & DFUKIT_TYPE_MASK) == DFUKIT_TYPE_CLASS;

    if (class && s->bRequest < DFUKIT_REQUEST_COUNT)
        return dfukit_request_name(s->bRequest);
    (void)snprintf(buffer, 48, "%s request 0x%02x", class ? "class" : "vendor",
                   (unsigned)s->bRequest);
    return buffer;
}

static void depart_at(dfukit_replay *r, size_t line)
{
    r->departed = line != 0 ? line : 1;
}

/* Another request than the one recorded; `e` NULL: none was. */
void dfukit_replay_other_request(dfukit_replay *r, const dfukit_recorded_event *e,
                                 const dfukit_setup *asked)
{
    char one[48], two[48];

    if (r->departed != 0)
        return;
    if (e == NULL || e->kind != DFUKIT_RECORDED_TRANSFER) {
        depart_at(r, r->at > 0 ? r->recording.events[r->at - 1].line
                               : r->recording.attachments[r->current].line);
        (void)snprintf(r->text, sizeof(r->text),
                       "%s (wValue %u, wLength %u) where nothing more was recorded",
                       name_of(asked, one), (unsigned)asked->wValue, (unsigned)asked->wLength);
        return;
    }
    depart_at(r, e->line);
    (void)snprintf(r->text, sizeof(r->text),
                   "%s (wValue %u, wIndex %u, wLength %u) where %s (wValue %u, wIndex %u, "
                   "wLength %u) was recorded",
                   name_of(asked, one), (unsigned)asked->wValue, (unsigned)asked->wIndex,
                   (unsigned)asked->wLength, name_of(&e->setup, two), (unsigned)e->setup.wValue,
                   (unsigned)e->setup.wIndex, (unsigned)e->setup.wLength);
}

void dfukit_replay_compare(dfukit_replay *r, const dfukit_recorded_event *e,
                           const dfukit_setup *asked, const uint8_t *data)
{
    const uint8_t *recorded = dfukit_replay_bytes(r, e);
    char name[48];
    size_t i = 0;

    if (r->departed != 0 || dfukit_setup_is_in(asked) || e->size == 0)
        return;
    while (i < e->size && data[i] == recorded[i])
        i++;
    if (i == e->size)
        return;
    depart_at(r, e->line);
    (void)snprintf(r->text, sizeof(r->text),
                   "%s (wValue %u) with other data: byte %zu is 0x%02x, recorded was 0x%02x",
                   name_of(asked, name), (unsigned)asked->wValue, i, (unsigned)data[i],
                   (unsigned)recorded[i]);
}
