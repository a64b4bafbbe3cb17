/* SPDX-License-Identifier: MIT */
/*
 * Inputs that are bytes and nothing else, as text: files, packets, descriptors. A line is one of
 *
 *     hex 01 2a ff        these bytes; blanks between them may be left out
 *     text :00000001FF    the rest of the line, and a newline
 *     zeros 1f0           so many bytes of 0, hexadecimal
 *     # a comment
 */
#include "script.h"

#include <string.h>

typedef struct output {
    uint8_t *bytes;
    size_t n, room;
} output;

static bool put(output *o, uint8_t byte)
{
    if (o->n == o->room)
        return false;
    o->bytes[o->n++] = byte;
    return true;
}

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

static bool put_hex(output *o, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int high = digit(text[i]), low = i + 1 < n ? digit(text[i + 1]) : -1;

        if (text[i] == ' ')
            continue;
        if (high < 0 || low < 0 || !put(o, (uint8_t)(high << 4 | low)))
            return false;
        i++;
    }
    return true;
}

static bool put_zeros(output *o, const char *text, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        if (digit(text[i]) < 0)
            return false;
        count = count * 16 + (size_t)digit(text[i]);
    }
    while (count-- > 0) {
        if (!put(o, 0))
            return false;
    }
    return true;
}

static bool put_line(output *o, const char *line, size_t n)
{
    if (n == 0 || line[0] == '#')
        return true;
    if (n >= 4 && memcmp(line, "hex ", 4) == 0)
        return put_hex(o, line + 4, n - 4);
    if (n >= 6 && memcmp(line, "zeros ", 6) == 0)
        return put_zeros(o, line + 6, n - 6);
    if (n < 5 || memcmp(line, "text ", 5) != 0)
        return false;
    for (size_t i = 5; i < n; i++) {
        if (!put(o, (uint8_t)line[i]))
            return false;
    }
    return put(o, '\n');
}

long fuzz_encode(const char *text, uint8_t *bytes, size_t room)
{
    output o = {bytes, 0, room};

    for (unsigned line = 1; *text != '\0'; line++) {
        size_t n = strcspn(text, "\n");

        if (!put_line(&o, text, n)) {
            fprintf(stderr, "line %u is not understood: %.*s\n", line, (int)(n < 200 ? n : 200),
                    text);
            return -1;
        }
        text += n + (text[n] == '\n');
    }
    return (long)o.n;
}

/* The length of a line of printable ASCII with its newline at the start; 0: there is none. */
static size_t printable(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n')
            return i + 1;
        if (bytes[i] < 0x20 || bytes[i] > 0x7E)
            return 0;
    }
    return 0;
}

void fuzz_print(const uint8_t *bytes, size_t n, FILE *to)
{
    for (size_t i = 0; i < n;) {
        size_t line = printable(bytes + i, n - i);

        if (line > 0) {
            fprintf(to, "text %.*s", (int)line, (const char *)bytes + i);
            i += line;
            continue;
        }
        fputs("hex", to);
        for (unsigned k = 0; k < 32 && i < n && (k == 0 || printable(bytes + i, n - i) < 5); k++)
            fprintf(to, " %02x", bytes[i++]);
        fputc('\n', to);
    }
}
