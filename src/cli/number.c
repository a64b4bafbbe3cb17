/* SPDX-License-Identifier: MIT */
/* Numbers, ranges, times and pairs of IDs as people write them on a command line. */
#include "number.h"

#include <string.h>

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Digits of `base` from *p on; *p is moved behind them. False without a digit and on overflow. */
static bool digits(const char **p, unsigned base, uint64_t *out)
{
    uint64_t value = 0;
    const char *at = *p;
    for (; digit_value(*at) >= 0 && (unsigned)digit_value(*at) < base; at++) {
        unsigned d = (unsigned)digit_value(*at);
        if (value > (UINT64_MAX - d) / base)
            return false;
        value = value * base + d;
    }
    if (at == *p)
        return false;
    *p = at;
    *out = value;
    return true;
}

static bool has_hex_mark(const char *p)
{
    return p[0] == '0' && (p[1] == 'x' || p[1] == 'X');
}

/* One number from *p on, up to the first character that does not belong to it. */
static bool number_at(const char **p, uint64_t max, uint64_t *out)
{
    unsigned base = 10;
    if (has_hex_mark(*p)) {
        base = 16;
        *p += 2;
    }
    uint64_t value;
    if (!digits(p, base, &value))
        return false;
    unsigned shift = **p == 'k' || **p == 'K' ? 10 : **p == 'M' ? 20 : 0;
    if (shift != 0)
        (*p)++;
    if (value > (max >> shift))
        return false;
    *out = value << shift;
    return true;
}

bool dfukit_cli_number(const char *text, uint64_t max, uint64_t *out)
{
    uint64_t value;
    if (!number_at(&text, max, &value) || *text != '\0')
        return false;
    *out = value;
    return true;
}

bool dfukit_cli_seconds(const char *text, uint32_t *ms)
{
    uint64_t value;
    if (!digits(&text, 10, &value) || value > UINT32_MAX / 1000u - 1u)
        return false;
    value *= 1000;
    if (*text == '.') {
        text++;
        uint64_t unit = 100;
        if (digit_value(*text) < 0)
            return false;
        for (; *text >= '0' && *text <= '9' && unit != 0; text++, unit /= 10)
            value += (uint64_t)(*text - '0') * unit;
    }
    if (*text != '\0')
        return false;
    *ms = (uint32_t)value;
    return true;
}

/* One ID: `*`, or one to four hexadecimal digits. */
static bool id_at(const char **p, uint32_t *out)
{
    if (**p == '*') {
        (*p)++;
        *out = DFUKIT_ID_ANY;
        return true;
    }
    if (has_hex_mark(*p))
        *p += 2;
    uint64_t value;
    if (!digits(p, 16, &value) || value > 0xFFFFu)
        return false;
    *out = (uint32_t)value;
    return true;
}

static bool pair_at(const char **p, dfukit_ids *out)
{
    if (!id_at(p, &out->vid) || **p != ':')
        return false;
    (*p)++;
    return id_at(p, &out->pid);
}

bool dfukit_cli_ids(const char *text, dfukit_selector *s)
{
    dfukit_ids ids, dfu_ids = {DFUKIT_ID_ANY, DFUKIT_ID_ANY};
    if (!pair_at(&text, &ids))
        return false;
    bool two = *text == ',';
    if (two) {
        text++;
        if (!pair_at(&text, &dfu_ids))
            return false;
    }
    if (*text != '\0')
        return false;
    s->has_ids = true;
    s->ids = ids;
    s->has_dfu_ids = two;
    s->dfu_ids = dfu_ids;
    return true;
}

bool dfukit_cli_range(const char *text, dfukit_range *range)
{
    dfukit_range r;
    if (!number_at(&text, UINT32_MAX, &r.from) || *text != ':')
        return false;
    text++;
    if (!number_at(&text, UINT64_C(1) << 32, &r.to) || *text != '\0' || r.from >= r.to)
        return false;
    *range = r;
    return true;
}
