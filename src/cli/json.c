/* SPDX-License-Identifier: MIT */
/* Writes JSON (RFC 8259), one value a line, straight to a stream. */
#include "json.h"

#include <inttypes.h>
#include <stddef.h>

/* Length of the well-formed UTF-8 sequence at `s`, 0 when there is none (RFC 3629 §4: no overlong
   forms, no surrogates, nothing above U+10FFFF). The closing NUL ends every sequence. */
static size_t utf8_length(const unsigned char *s)
{
    // clang-format off
    static const struct {
        unsigned char first, last, second_min, second_max;
        size_t length;
    } forms[] = {
        {0x01, 0x7F, 0x00, 0x00, 1},
        {0xC2, 0xDF, 0x80, 0xBF, 2},
        {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (s[0] < forms[i].first || s[0] > forms[i].last)
            continue;
        if (forms[i].length > 1 && (s[1] < forms[i].second_min || s[1] > forms[i].second_max))
            return 0;
        for (size_t k = 2; k < forms[i].length; k++) {
            if (s[k] < 0x80 || s[k] > 0xBF)
                return 0;
        }
        return forms[i].length;
    }
    return 0;
}

static void string(FILE *to, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    putc('"', to);
    while (*s != '\0') {
        size_t n = utf8_length(s);
        if (n == 0) {
            fputs("\\ufffd", to);
            s++;
        } else if (*s == '"' || *s == '\\') {
            fprintf(to, "\\%c", *s++);
        } else if (*s < 0x20 || *s == 0x7F) {
            fprintf(to, "\\u%04x", (unsigned)*s++);
        } else if (*s == 0xC2 && s[1] < 0xA0) { /* C1 controls: terminals obey them too */
            fprintf(to, "\\u%04x", (unsigned)s[1]);
            s += 2;
        } else {
            fwrite(s, 1, n, to);
            s += n;
        }
    }
    putc('"', to);
}

/* What stands before a value: a comma, the key. */
static void lead(dfukit_cli_json *j, const char *key)
{
    if (j->depth == 0)
        return;
    uint32_t bit = UINT32_C(1) << (j->depth - 1);
    if ((j->filled & bit) != 0)
        putc(',', j->to);
    j->filled |= bit;
    if ((j->arrays & bit) == 0) {
        string(j->to, key != NULL ? key : "");
        putc(':', j->to);
    }
}

static void trail(dfukit_cli_json *j)
{
    if (j->depth == 0) {
        putc('\n', j->to);
        fflush(j->to);
    }
}

static void open_one(dfukit_cli_json *j, const char *key, bool array)
{
    lead(j, key);
    putc(array ? '[' : '{', j->to);
    if (j->depth < 32) {
        uint32_t bit = UINT32_C(1) << j->depth;
        j->filled &= ~bit;
        j->arrays = array ? j->arrays | bit : j->arrays & ~bit;
        j->depth++;
    }
}

void dfukit_cli_json_object(dfukit_cli_json *j, const char *key)
{
    open_one(j, key, false);
}

void dfukit_cli_json_array(dfukit_cli_json *j, const char *key)
{
    open_one(j, key, true);
}

void dfukit_cli_json_end(dfukit_cli_json *j)
{
    if (j->depth == 0)
        return;
    j->depth--;
    putc((j->arrays >> j->depth & 1u) != 0 ? ']' : '}', j->to);
    trail(j);
}

void dfukit_cli_json_text(dfukit_cli_json *j, const char *key, const char *text)
{
    if (text == NULL) {
        dfukit_cli_json_null(j, key);
        return;
    }
    lead(j, key);
    string(j->to, text);
    trail(j);
}

void dfukit_cli_json_number(dfukit_cli_json *j, const char *key, uint64_t value)
{
    lead(j, key);
    fprintf(j->to, "%" PRIu64, value);
    trail(j);
}

void dfukit_cli_json_bool(dfukit_cli_json *j, const char *key, bool value)
{
    lead(j, key);
    fputs(value ? "true" : "false", j->to);
    trail(j);
}

void dfukit_cli_json_null(dfukit_cli_json *j, const char *key)
{
    lead(j, key);
    fputs("null", j->to);
    trail(j);
}
