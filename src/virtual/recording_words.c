/* SPDX-License-Identifier: MIT */
/* The words of a trace's lines: every number, length and digit is checked. */
#include "recording_words.h"

#include <stdlib.h>
#include <string.h>

#define MS_DIGITS 12u /* of whole milliseconds: 31 years */

bool dfukit_recording_refuse(dfukit_reader *p, const char *what)
{
    p->what = what;
    return false;
}

/* ---- Memory ---- */

/* Room for one more. @return false when there is none. */
bool dfukit_recording_grow(dfukit_reader *p, void **list, size_t *room, size_t need, size_t size)
{
    size_t wanted = *room != 0 ? *room : 16;
    void *grown;

    if (need <= *room)
        return true;
    while (wanted < need && wanted <= SIZE_MAX / 2)
        wanted *= 2;
    grown = wanted >= need && wanted <= SIZE_MAX / size ? realloc(*list, wanted * size) : NULL;
    if (grown == NULL) {
        p->no_memory = true;
        return dfukit_recording_refuse(p, "out of memory");
    }
    *list = grown;
    *room = wanted;
    return true;
}

/* ---- Words ---- */

bool dfukit_word_is(const dfukit_word *w, const char *text, size_t n)
{
    return w->n == n && memcmp(w->text, text, n) == 0;
}

bool dfukit_word_next(dfukit_reader *p, dfukit_word *out)
{
    if (p->at >= p->count)
        return dfukit_recording_refuse(p, "the line is too short");
    *out = p->words[p->at++];
    return true;
}

bool dfukit_word_end(dfukit_reader *p)
{
    return p->at == p->count || dfukit_recording_refuse(p, "the line is too long");
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A whole word that is a number up to `most`. */
bool dfukit_word_number(dfukit_reader *p, unsigned base, uint64_t most, uint64_t *out)
{
    uint64_t value = 0;
    dfukit_word w;

    if (!dfukit_word_next(p, &w))
        return false;
    for (size_t i = 0; i < w.n; i++) {
        int d = digit(w.text[i]);

        if (d < 0 || (unsigned)d >= base || value > most / base)
            return dfukit_recording_refuse(p, "a number was expected");
        value = value * base + (unsigned)d;
        if (value > most)
            return dfukit_recording_refuse(p, "a number is too large");
    }
    *out = value;
    return true;
}

/* "12.345": milliseconds, up to three digits behind the point. */
bool dfukit_word_milliseconds(const dfukit_word *w, size_t i, uint64_t *us)
{
    uint64_t value = 0;
    size_t begin = i;
    unsigned scale = 1000;

    for (; i < w->n && w->text[i] >= '0' && w->text[i] <= '9'; i++)
        value = value * 10u + (unsigned)(w->text[i] - '0');
    if (i == begin || i - begin > MS_DIGITS)
        return false;
    value *= 1000u;
    if (i < w->n && w->text[i] == '.') {
        for (i++; i < w->n && w->text[i] >= '0' && w->text[i] <= '9' && scale > 1; i++) {
            scale /= 10u;
            value += (unsigned)(w->text[i] - '0') * scale;
        }
    }
    *us = value;
    return i == w->n;
}

/* The error that has this name, or DFUKIT_OK. */
bool dfukit_word_error(dfukit_reader *p, const dfukit_word *w, int32_t *out)
{
    for (int error = 0; error >= DFUKIT_ERR_OUTPUT; error--) {
        const char *name = dfukit_error_name(error);

        if (dfukit_word_is(w, name, strlen(name))) {
            *out = error;
            return true;
        }
    }
    return dfukit_recording_refuse(p, "a result was expected");
}

/* Hexadecimal digits into the pool; "-" is nothing. */
bool dfukit_word_bytes(dfukit_reader *p, size_t most, size_t *data, size_t *size)
{
    dfukit_recording *r = p->r;
    dfukit_word w;

    if (!dfukit_word_next(p, &w))
        return false;
    *data = r->pool_size;
    *size = 0;
    if (dfukit_word_is(&w, DFUKIT_WORD("-")))
        return true;
    if (w.n % 2 != 0)
        return dfukit_recording_refuse(p, "half a byte at the end of the data");
    if (w.n / 2 > most)
        return dfukit_recording_refuse(p, "more data than there can be");
    if (!dfukit_recording_grow(p, (void **)&r->pool, &r->pool_room, r->pool_size + w.n / 2, 1))
        return false;
    for (size_t i = 0; i < w.n; i += 2) {
        int high = digit(w.text[i]), low = digit(w.text[i + 1]);

        if (high < 0 || low < 0)
            return dfukit_recording_refuse(p, "the data are no hexadecimal digits");
        r->pool[r->pool_size++] = (uint8_t)(high << 4 | low);
    }
    *size = w.n / 2;
    return true;
}
