/* SPDX-License-Identifier: MIT */
/*
 * Memory-layout strings: the memory that the name of an alternate setting spells out (UM0424
 * §4.3.2), read as real devices write it. What deviates from the grammar but can mean one thing
 * only is taken so and noted; the rest of the string behind anything else is ignored.
 *
 *     '@' name { '/' "0x" address '/' sectors { ',' sectors } }
 *     sectors = count '*' size [ 'B' | 'K' | 'M' | ' ' ] type
 */
#include "dfukit/dfuse.h"

#define LIMIT (UINT64_C(1) << 32) /* one past the last address */

typedef struct reader {
    const char *at;
    dfukit_map *map;
} reader;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void skip_spaces(reader *r, unsigned oddity)
{
    for (; *r->at == ' '; r->at++)
        r->map->oddities |= oddity;
}

/* A number that grows beyond 2^32 stays just above it. @return false: there is no digit. */
static bool decimal(reader *r, uint64_t *value)
{
    if (!is_digit(*r->at))
        return false;
    for (*value = 0; is_digit(*r->at); r->at++) {
        *value = *value * 10 + (uint64_t)(*r->at - '0');
        if (*value > LIMIT)
            *value = LIMIT + 1;
    }
    return true;
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hexadecimal(reader *r, uint64_t *value)
{
    if (hex_digit(*r->at) < 0)
        return false;
    for (*value = 0; hex_digit(*r->at) >= 0; r->at++) {
        *value = *value << 4 | (uint64_t)hex_digit(*r->at);
        if (*value > LIMIT)
            *value = LIMIT + 1;
    }
    return true;
}

/* Does a zone begin here? A name may hold a '/' that begins none. */
static bool at_zone(const char *s)
{
    if (*s++ != '/')
        return false;
    while (*s == ' ')
        s++;
    return s[0] == '0' && lower(s[1]) == 'x' && hex_digit(s[2]) >= 0;
}

/* "/0x08000000/" */
static bool zone(reader *r, uint64_t *address)
{
    if (!at_zone(r->at))
        return false;
    r->at++;
    skip_spaces(r, DFUKIT_MAP_ODD_SPACES);
    r->at += 2;
    if (!hexadecimal(r, address))
        return false;
    skip_spaces(r, DFUKIT_MAP_ODD_SPACES);
    if (*r->at != '/')
        return false;
    r->at++;
    return true;
}

/* The multiplier and, behind it, where the type letter stands. */
static uint64_t multiplier(reader *r)
{
    char c = *r->at;
    bool letter_follows = c != '\0' && is_letter(r->at[1]);

    if (c == ' ') {
        r->at++;
        r->map->oddities |= DFUKIT_MAP_ODD_BLANK_MULTIPLIER;
        skip_spaces(r, DFUKIT_MAP_ODD_SPACES);
        return 1;
    }
    if (c != 'B' && c != 'K' && c != 'M') {
        if (!letter_follows || (c != 'k' && c != 'm')) {
            r->map->oddities |= DFUKIT_MAP_ODD_NO_MULTIPLIER;
            return 1;
        }
        r->map->oddities |= DFUKIT_MAP_ODD_CASE;
    }
    r->at++;
    skip_spaces(r, DFUKIT_MAP_ODD_SPACES);
    c = lower(c);
    return c == 'k' ? 1024 : c == 'm' ? 1024 * 1024 : 1;
}

static void add_span(dfukit_map *map, uint64_t address, uint64_t count, uint64_t size,
                     uint8_t permissions)
{
    uint64_t fit;

    if (count == 0 || size == 0) {
        map->oddities |= DFUKIT_MAP_ODD_ZERO;
        return;
    }
    fit = address < LIMIT ? (LIMIT - address) / size : 0;
    if (fit > UINT32_MAX)
        fit = UINT32_MAX;
    if (count > fit || size >= LIMIT) {
        map->oddities |= DFUKIT_MAP_ODD_BEYOND;
        count = fit;
    }
    if (count == 0 || size >= LIMIT)
        return;
    if (map->count == DFUKIT_MAP_SPANS_MAX) {
        map->oddities |= DFUKIT_MAP_ODD_TOO_MANY;
        return;
    }
    for (size_t i = 0; i < map->count; i++) {
        const dfukit_map_span *s = &map->spans[i];
        if (address < s->address + (uint64_t)s->count * s->size &&
            s->address < address + count * size)
            map->oddities |= DFUKIT_MAP_ODD_OVERLAP;
    }
    map->spans[map->count++] =
        (dfukit_map_span){(uint32_t)address, (uint32_t)count, (uint32_t)size, permissions};
}

/* "04*016Kg" at *address, which moves on behind it. */
static bool sectors(reader *r, uint64_t *address)
{
    uint64_t count, size;

    skip_spaces(r, DFUKIT_MAP_ODD_SPACES);
    if (!decimal(r, &count))
        return false;
    skip_spaces(r, DFUKIT_MAP_ODD_SPACES);
    if (*r->at != '*')
        return false;
    r->at++;
    skip_spaces(r, DFUKIT_MAP_ODD_SPACES);
    if (!decimal(r, &size))
        return false;
    size *= multiplier(r);
    if (!is_letter(*r->at))
        return false;
    if (*r->at < 'a' || *r->at > 'g')
        r->map->oddities |= DFUKIT_MAP_ODD_TYPE;
    add_span(r->map, *address, count, size, (uint8_t)(*r->at & 7));
    r->at++;
    /* Both factors are below 2^53 together: count and size / multiplier end just above 2^32. */
    if (size != 0 && count > (LIMIT - (*address < LIMIT ? *address : LIMIT)) / size)
        *address = LIMIT;
    else
        *address += count * size;
    return true;
}

/* Whether `text` begins with `word`, which is in lower case. */
static bool begins_with(const char *text, const char *word)
{
    while (*word != '\0' && lower(*text) == *word) {
        text++;
        word++;
    }
    return *word == '\0';
}

static dfukit_map_kind kind_of(const char *name)
{
    if (begins_with(name, "option byte"))
        return DFUKIT_MAP_OPTION_BYTES;
    if (begins_with(name, "otp"))
        return DFUKIT_MAP_OTP;
    return begins_with(name, "device feature") ? DFUKIT_MAP_DEVICE_FEATURE : DFUKIT_MAP_FLASH;
}

/* The name up to the first zone. */
static void name(reader *r)
{
    char *out = r->map->name;
    size_t n = 0;

    if (*r->at == '@')
        r->at++;
    else
        r->map->oddities |= DFUKIT_MAP_ODD_NO_AT;
    while (*r->at == ' ')
        r->at++;
    for (; *r->at != '\0' && !at_zone(r->at); r->at++) {
        if (n < DFUKIT_MAP_NAME_SIZE - 1)
            out[n++] = *r->at;
    }
    if (n == DFUKIT_MAP_NAME_SIZE - 1) { /* perhaps cut: no half of a character */
        while (n > 0 && ((uint8_t)out[n - 1] & 0xC0u) == 0x80)
            n--;
        if (n > 0 && (uint8_t)out[n - 1] >= 0xC0)
            n--;
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    dfukit_text_sanitise(out);
    r->map->kind = kind_of(out);
}

/* What follows a run of sectors. @return false: nothing that belongs to a map. */
static bool next_run(reader *r, uint64_t *address)
{
    skip_spaces(r, DFUKIT_MAP_ODD_SPACES);
    if (*r->at != ',')
        return zone(r, address);
    r->at++;
    return true;
}

int dfukit_map_parse(const char *text, dfukit_map *out)
{
    dfukit_map map = {.count = 0};
    reader r = {text, &map};
    uint64_t address = 0;
    unsigned oddities; /* of what was understood */
    bool more;

    name(&r);
    oddities = map.oddities;
    text = r.at;
    more = zone(&r, &address);
    while (more && sectors(&r, &address)) {
        oddities = map.oddities;
        text = r.at; /* so far it is understood */
        more = next_run(&r, &address);
    }
    if (map.count == 0)
        return DFUKIT_ERR_FORMAT;
    for (; *text == ' '; text++)
        oddities |= DFUKIT_MAP_ODD_SPACES;
    map.oddities = *text != '\0' ? oddities | DFUKIT_MAP_ODD_TRAILING : oddities;
    *out = map;
    return DFUKIT_OK;
}
