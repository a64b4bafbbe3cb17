/* SPDX-License-Identifier: MIT */
/*
 * Reading a trace: see docs/TRACE.md. Whoever wrote it is not trusted: every number, length and
 * reference is checked, and a line that is not understood is refused with its number.
 */
#include "recording_words.h"

#include <stdlib.h>
#include <string.h>

#define DATA_MAX 65535u

/* ---- Lines ---- */

/* The number of an attachment that is known. */
static bool owner(dfukit_reader *p, size_t *index)
{
    uint64_t n;

    if (!dfukit_word_number(p, 10, UINT32_MAX, &n))
        return false;
    if (n == 0 || n > p->r->attachment_count)
        return dfukit_recording_refuse(p, "no attachment has this number so far");
    *index = (size_t)n - 1;
    return true;
}

static bool read_attach(dfukit_reader *p)
{
    dfukit_recording *r = p->r;
    dfukit_recorded_attachment *a;
    uint64_t n, devnum;
    dfukit_word path;

    if (!dfukit_word_number(p, 10, UINT32_MAX, &n) || !dfukit_word_next(p, &path) ||
        !dfukit_word_number(p, 10, UINT32_MAX, &devnum) || !dfukit_word_end(p))
        return false;
    if (n != r->attachment_count + 1)
        return dfukit_recording_refuse(p, "attachments are numbered 1, 2, 3 in order");
    if (path.n >= DFUKIT_RECORDED_PATH)
        return dfukit_recording_refuse(p, "the path is too long");
    if (!dfukit_recording_grow(p, (void **)&r->attachments, &r->attachment_room,
                               r->attachment_count + 1, sizeof(*r->attachments)))
        return false;
    a = &r->attachments[r->attachment_count++];
    memset(a, 0, sizeof(*a));
    memcpy(a->path, path.text, path.n);
    a->line = p->line;
    a->attach_us = p->from_us;
    a->depart_us = DFUKIT_RECORDED_STAYS;
    return true;
}

static bool read_device(dfukit_reader *p)
{
    dfukit_device_descriptor d;
    size_t index, data, size;

    if (!owner(p, &index) || !dfukit_word_bytes(p, DFUKIT_DEVICE_DESCRIPTOR_SIZE, &data, &size) ||
        !dfukit_word_end(p))
        return false;
    if (size == 0 || dfukit_device_descriptor_decode(p->r->pool + data, size, &d) < 0)
        return dfukit_recording_refuse(p, "this is no device descriptor");
    memcpy(p->r->attachments[index].device, p->r->pool + data, size);
    p->r->attachments[index].has_device = true;
    return true;
}

static bool read_configuration(dfukit_reader *p)
{
    dfukit_recording *r = p->r;
    size_t index, data, size;

    if (!owner(p, &index) || !dfukit_word_bytes(p, DATA_MAX, &data, &size) || !dfukit_word_end(p))
        return false;
    if (size < DFUKIT_CONFIG_HEADER_SIZE || r->pool[data] < DFUKIT_CONFIG_HEADER_SIZE ||
        r->pool[data + 1] != DFUKIT_DESC_CONFIGURATION)
        return dfukit_recording_refuse(p, "this is no configuration descriptor");
    r->attachments[index].configuration = data;
    r->attachments[index].configuration_size = size;
    return true;
}

static bool add_event(dfukit_reader *p, const dfukit_recorded_event *e)
{
    dfukit_recording *r = p->r;

    if (!dfukit_recording_grow(p, (void **)&r->events, &r->event_room, r->event_count + 1,
                               sizeof(*r->events)))
        return false;
    r->events[r->event_count] = *e;
    r->events[r->event_count].line = p->line;
    r->events[r->event_count].end_us = p->end_us;
    r->event_count++;
    return true;
}

static bool read_setup(dfukit_reader *p, dfukit_setup *s)
{
    uint64_t n[5];
    static const uint64_t most[5] = {0xFF, 0xFF, 0xFFFF, 0xFFFF, 0xFFFF};

    for (size_t i = 0; i < 5; i++) {
        if (!dfukit_word_number(p, 16, most[i], &n[i]))
            return false;
    }
    *s = (dfukit_setup){(uint8_t)n[0], (uint8_t)n[1], (uint16_t)n[2], (uint16_t)n[3],
                        (uint16_t)n[4]};
    return true;
}

/* A count, or the name of what a transfer can end with. */
static bool read_result(dfukit_reader *p, const dfukit_setup *s, int32_t *out)
{
    const dfukit_word *w = &p->words[p->at];
    uint64_t n;

    if (p->at >= p->count)
        return dfukit_recording_refuse(p, "the line is too short");
    if (w->text[0] >= '0' && w->text[0] <= '9') {
        if (!dfukit_word_number(p, 10, DATA_MAX, &n))
            return false;
        *out = (int32_t)n;
        return n <= s->wLength || dfukit_recording_refuse(p, "more bytes than wLength");
    }
    p->at++;
    if (!dfukit_word_error(p, w, out))
        return false;
    return *out == DFUKIT_ERR_STALL || *out == DFUKIT_ERR_TIMEOUT || *out == DFUKIT_ERR_GONE ||
           *out == DFUKIT_ERR_IO || *out == DFUKIT_ERR_AGAIN ||
           dfukit_recording_refuse(p, "no transfer ends with this error");
}

static bool read_transfer(dfukit_reader *p)
{
    dfukit_recorded_event e = {.kind = DFUKIT_RECORDED_TRANSFER};
    bool in;
    dfukit_word unused;

    /* The place in its batch and the request's name are for people. */
    if (!owner(p, &e.owner) || !dfukit_word_next(p, &unused) || !dfukit_word_next(p, &unused) ||
        !read_setup(p, &e.setup) || !read_result(p, &e.setup, &e.result) ||
        !dfukit_word_bytes(p, e.setup.wLength, &e.data, &e.size) || !dfukit_word_end(p))
        return false;
    in = dfukit_setup_is_in(&e.setup);
    if (in && e.size != (size_t)(e.result > 0 ? e.result : 0))
        return dfukit_recording_refuse(p, "the data and the result disagree");
    if (!in && e.size != e.setup.wLength)
        return dfukit_recording_refuse(p, "the data and wLength disagree");
    return add_event(p, &e);
}

static bool read_claim(dfukit_reader *p)
{
    dfukit_recorded_event e = {.kind = DFUKIT_RECORDED_CLAIM};
    uint64_t configuration, interface, alternate = 0;
    dfukit_word w;

    if (!owner(p, &e.owner) || !dfukit_word_number(p, 10, UINT8_MAX, &configuration) ||
        !dfukit_word_number(p, 10, UINT8_MAX, &interface))
        return false;
    e.set_alternate = p->at < p->count && !dfukit_word_is(&p->words[p->at], DFUKIT_WORD("-"));
    if (!e.set_alternate && !dfukit_word_next(p, &w))
        return false;
    if (e.set_alternate && !dfukit_word_number(p, 10, UINT8_MAX, &alternate))
        return false;
    if (!dfukit_word_next(p, &w) || !dfukit_word_error(p, &w, &e.result) || !dfukit_word_end(p))
        return false;
    e.interface = (uint8_t)interface;
    e.alternate = (uint8_t)alternate;
    return add_event(p, &e);
}

static bool read_reset(dfukit_reader *p)
{
    dfukit_recorded_event e = {.kind = DFUKIT_RECORDED_RESET};
    dfukit_word w;

    return owner(p, &e.owner) && dfukit_word_next(p, &w) && dfukit_word_error(p, &w, &e.result) &&
           dfukit_word_end(p) && add_event(p, &e);
}

static bool read_depart(dfukit_reader *p)
{
    size_t index;

    if (!owner(p, &index) || !dfukit_word_end(p))
        return false;
    if (p->r->attachments[index].depart_us != DFUKIT_RECORDED_STAYS)
        return dfukit_recording_refuse(p, "it has departed before");
    p->r->attachments[index].depart_us = p->from_us;
    return true;
}

static bool read_end(dfukit_reader *p)
{
    p->ended = true;
    return dfukit_word_end(p);
}

/* What matters to the recording only: nothing is played back from it. */
static bool read_note(dfukit_reader *p)
{
    return p->count - p->at >= 1 || dfukit_recording_refuse(p, "the line is too short");
}

// clang-format off
static const struct {
    const char *name;
    bool lasting;
    bool (*read)(dfukit_reader *p);
} lines[] = {
    {"attach",        false, read_attach},
    {"device",        false, read_device},
    {"configuration", false, read_configuration},
    {"access",        false, read_note},
    {"depart",        false, read_depart},
    {"open",          false, read_note},
    {"close",         false, read_note},
    {"list",          false, read_note},
    {"claim",         true,  read_claim},
    {"transfer",      true,  read_transfer},
    {"reset",         true,  read_reset},
    {"end",           false, read_end},
};
// clang-format on

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Free text behind the first word. */
static bool is_head(const dfukit_word *w)
{
    return dfukit_word_is(w, DFUKIT_WORD("program")) || dfukit_word_is(w, DFUKIT_WORD("carrier"));
}

/* Cut a line into words, up to a comment. */
static bool cut(dfukit_reader *p, const char *text, size_t n)
{
    size_t i = 0;

    p->count = 0;
    p->at = 0;
    for (;;) {
        size_t begin;

        while (i < n && is_blank(text[i]))
            i++;
        if (i == n || text[i] == '#')
            return true;
        begin = i;
        while (i < n && !is_blank(text[i]))
            i++;
        if (p->count == DFUKIT_WORDS_MAX)
            return is_head(&p->words[0]) || dfukit_recording_refuse(p, "the line is too long");
        p->words[p->count++] = (dfukit_word){text + begin, i - begin};
    }
}

static bool read_line(dfukit_reader *p)
{
    uint64_t lasting = 0;
    bool has_duration = false;
    dfukit_word w;

    if (p->ended)
        return dfukit_recording_refuse(p, "behind the end");
    if (!dfukit_word_next(p, &w) || !dfukit_word_milliseconds(&w, 0, &p->from_us))
        return dfukit_recording_refuse(p, "a line begins with the time in milliseconds");
    if (!dfukit_word_next(p, &w))
        return false;
    if (w.text[0] == '+') {
        has_duration = true;
        if (!dfukit_word_milliseconds(&w, 1, &lasting))
            return dfukit_recording_refuse(p, "a duration in milliseconds was expected");
        if (!dfukit_word_next(p, &w))
            return false;
    }
    p->end_us = p->from_us + lasting;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (dfukit_word_is(&w, lines[i].name, strlen(lines[i].name)))
            return has_duration == lines[i].lasting
                       ? lines[i].read(p)
                       : dfukit_recording_refuse(p, "a duration is missing, or one "
                                                    "too many");
    }
    return dfukit_recording_refuse(p, "an unknown word");
}

/* The head is free text behind its first word, but for the version of the format. */
static bool read_head(dfukit_reader *p, bool first, bool *head)
{
    const dfukit_word *w = &p->words[0];

    *head = true;
    if (first) {
        if (!dfukit_word_is(w, DFUKIT_WORD("dfukit-trace")))
            return dfukit_recording_refuse(
                p, "this is no trace: it does not begin with \"dfukit-trace 1\"");
        return (p->count == 2 && dfukit_word_is(&p->words[1], DFUKIT_WORD("1"))) ||
               dfukit_recording_refuse(p,
                                       "a version of the format that this program does not read");
    }
    *head = is_head(w);
    return true;
}

int dfukit_recording_parse(dfukit_recording *r, const char *text, size_t n, size_t *line,
                           const char **what)
{
    dfukit_reader p = {.r = r};
    bool fine = true, first = true;

    memset(r, 0, sizeof(*r));
    while (fine && n > 0) {
        const char *end = memchr(text, '\n', n);
        size_t length = end != NULL ? (size_t)(end - text) : n;
        bool head = false;

        p.line++;
        fine = end != NULL || dfukit_recording_refuse(&p, "the line is cut off");
        fine = fine && cut(&p, text, length);
        if (fine && p.count > 0) {
            fine = read_head(&p, first, &head);
            first = false;
            if (fine && !head)
                fine = read_line(&p);
        }
        text += end != NULL ? length + 1 : length;
        n -= end != NULL ? length + 1 : length;
    }
    if (fine && first)
        fine = dfukit_recording_refuse(&p, "the file is empty");
    r->last_line = p.line;
    *line = p.line;
    *what = fine ? NULL : p.what;
    if (fine)
        return DFUKIT_OK;
    return p.no_memory ? DFUKIT_ERR_NOMEM : DFUKIT_ERR_DAMAGED;
}

void dfukit_recording_free(dfukit_recording *r)
{
    free(r->attachments);
    free(r->events);
    free(r->pool);
    memset(r, 0, sizeof(*r));
}
