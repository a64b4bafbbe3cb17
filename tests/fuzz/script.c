/* SPDX-License-Identifier: MIT */
/* Fuzz inputs from text to bytes and back: see script.h. */
#include "script.h"

#include <stdlib.h>
#include <string.h>

/* ---- Bytes ---- */

static bool take(script_reader *r, unsigned size, uint16_t *out)
{
    *out = 0;
    if (r->n - r->at < size) {
        r->at = r->n;
        return false;
    }
    *out = r->bytes[r->at];
    if (size == 2)
        *out = (uint16_t)(*out | r->bytes[r->at + 1] << 8);
    r->at += size;
    return true;
}

static bool take_numbers(script_reader *r, const char *format, script_event *out)
{
    bool whole = true;
    uint16_t given = 0, byte;

    for (unsigned i = 0; format[i] != '\0'; i++) {
        whole = take(r, format[i] == 'w' ? 2 : 1, &out->numbers[i]) && whole;
        if (format[i] != 'p')
            continue;
        whole = take(r, 1, &given) && whole;
        out->given = (uint8_t)(given % (SCRIPT_GIVEN + 1));
        for (unsigned k = 0; k < out->given; k++) {
            whole = take(r, 1, &byte) && whole;
            out->bytes[k] = (uint8_t)byte;
        }
    }
    return whole;
}

void script_begin(script_reader *r, const script_word *header, const script_word *words,
                  const uint8_t *bytes, size_t n, script_event *out)
{
    *r = (script_reader){.words = words, .bytes = bytes, .n = n};
    while (words[r->count].name != NULL)
        r->count++;
    memset(out, 0, sizeof *out);
    take_numbers(r, header->format, out);
}

bool script_next(script_reader *r, script_event *out)
{
    uint16_t word;

    memset(out, 0, sizeof *out);
    if (!take(r, 1, &word))
        return false;
    out->word = word % r->count;
    return take_numbers(r, r->words[out->word].format, out);
}

/* ---- Text from bytes ---- */

static void print_one(const script_word *word, const script_event *e, FILE *to)
{
    fputs(word->name, to);
    for (unsigned i = 0; word->format[i] != '\0'; i++)
        fprintf(to, word->format[i] == 'w' ? " %04x" : " %02x", e->numbers[i]);
    for (unsigned i = 0; i < e->given; i++)
        fprintf(to, " %02x", e->bytes[i]);
    fputc('\n', to);
}

void script_print(const script_word *header, const script_word *words, const uint8_t *bytes,
                  size_t n, FILE *to)
{
    script_reader r;
    script_event e;

    script_begin(&r, header, words, bytes, n, &e);
    print_one(header, &e, to);
    while (script_next(&r, &e))
        print_one(&words[e.word], &e, to);
}

/* ---- Bytes from text ---- */

typedef struct writer {
    uint8_t *bytes;
    size_t n, room;
} writer;

static bool put(writer *w, unsigned long number, unsigned size)
{
    if (w->room - w->n < size || number >> (8 * size) != 0)
        return false;
    w->bytes[w->n++] = (uint8_t)number;
    if (size == 2)
        w->bytes[w->n++] = (uint8_t)(number >> 8);
    return true;
}

/* The next number of a line. @return false: there is none, or it is something else. */
static bool number(char **line, unsigned long *out)
{
    char *end;

    *out = strtoul(*line, &end, 16);
    if (end == *line)
        return false;
    *line = end;
    return true;
}

static bool put_packet(writer *w, char **line)
{
    unsigned long n, byte;
    size_t count;

    if (!number(line, &n) || !put(w, n, 1))
        return false;
    count = w->n;
    if (!put(w, 0, 1))
        return false;
    while (number(line, &byte)) {
        if (w->bytes[count] < SCRIPT_GIVEN && w->bytes[count] < n) {
            w->bytes[count]++;
            if (!put(w, byte, 1))
                return false;
        }
    }
    return true;
}

static bool put_numbers(writer *w, const char *format, char *line)
{
    unsigned long n;

    for (; *format != '\0'; format++) {
        if (*format == 'p') {
            if (!put_packet(w, &line))
                return false;
        } else if (!number(&line, &n) || !put(w, n, *format == 'w' ? 2 : 1)) {
            return false;
        }
    }
    return line[strspn(line, " \t\r")] == '\0';
}

static bool put_line(writer *w, const script_word *header, const script_word *words, char *line)
{
    size_t length = strcspn(line, " \t\r");

    if (w->n == 0) /* the header is the first line, and only that */
        return strlen(header->name) == length && strncmp(header->name, line, length) == 0 &&
               put_numbers(w, header->format, line + length);
    for (unsigned i = 0; words[i].name != NULL; i++) {
        if (strlen(words[i].name) == length && strncmp(words[i].name, line, length) == 0)
            return put(w, i, 1) && put_numbers(w, words[i].format, line + length);
    }
    return false;
}

long script_encode(const script_word *header, const script_word *words, const char *text,
                   uint8_t *bytes, size_t room)
{
    writer w = {bytes, 0, room};
    unsigned count = 0;

    while (*text != '\0') {
        char line[256];
        size_t n = strcspn(text, "\n"), begin;

        count++;
        snprintf(line, sizeof line, "%.*s", (int)n, text);
        text += n + (text[n] == '\n');
        line[strcspn(line, "#")] = '\0';
        begin = strspn(line, " \t\r");
        if (line[begin] != '\0' && !put_line(&w, header, words, line + begin)) {
            fprintf(stderr, "line %u is not understood: %s\n", count, line);
            return -1;
        }
    }
    return (long)w.n;
}

long fuzz_encode(const char *text, uint8_t *bytes, size_t room)
{
    return script_encode(&script_header, script_words, text, bytes, room);
}

void fuzz_print(const uint8_t *bytes, size_t n, FILE *to)
{
    script_print(&script_header, script_words, bytes, n, to);
}
