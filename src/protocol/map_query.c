/* SPDX-License-Identifier: MIT */
/* Questions to a memory map: which sector, how far, how much; and its parts in words. */
#include "dfukit/dfuse.h"

static uint64_t span_end(const dfukit_map_span *s)
{
    return s->address + (uint64_t)s->count * s->size;
}

/* The span that holds an address; where several do, the one named first. */
static const dfukit_map_span *span_at(const dfukit_map *map, uint64_t address)
{
    for (size_t i = 0; i < map->count; i++) {
        if (address >= map->spans[i].address && address < span_end(&map->spans[i]))
            return &map->spans[i];
    }
    return NULL;
}

bool dfukit_map_sector(const dfukit_map *map, uint32_t address, uint32_t *start, uint32_t *size,
                       uint8_t *permissions)
{
    const dfukit_map_span *s = span_at(map, address);

    if (s == NULL)
        return false;
    if (start != NULL) /* counted from the span's start: sectors need not be aligned */
        *start = address - (address - s->address) % s->size;
    if (size != NULL)
        *size = s->size;
    if (permissions != NULL)
        *permissions = s->permissions;
    return true;
}

uint64_t dfukit_map_reach(const dfukit_map *map, uint32_t address, uint8_t permissions)
{
    uint64_t at = address;
    const dfukit_map_span *s;

    /* Each round ends at the end of a span or where one named earlier begins: at most two for each
     * span. */
    while ((s = span_at(map, at)) != NULL && (s->permissions & permissions) == permissions) {
        uint64_t end = span_end(s);

        for (const dfukit_map_span *t = map->spans; t < s; t++) {
            if (t->address > at && t->address < end)
                end = t->address;
        }
        at = end;
    }
    return at - address;
}

uint64_t dfukit_map_bytes(const dfukit_map *map)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < map->count; i++)
        sum += (uint64_t)map->spans[i].count * map->spans[i].size;
    return sum;
}

const char *dfukit_map_kind_name(unsigned kind)
{
    static const char *const names[DFUKIT_MAP_KIND_COUNT] = {
        [DFUKIT_MAP_FLASH] = "flash",
        [DFUKIT_MAP_OPTION_BYTES] = "option bytes",
        [DFUKIT_MAP_OTP] = "OTP",
        [DFUKIT_MAP_DEVICE_FEATURE] = "device feature",
    };

    return kind < DFUKIT_MAP_KIND_COUNT ? names[kind] : "unknown";
}

const char *dfukit_map_oddity_text(unsigned bit)
{
    static const struct {
        unsigned bit;
        const char *text;
    } rows[] = {
        {DFUKIT_MAP_ODD_BLANK_MULTIPLIER, "a blank stands where B, K or M belongs: taken as bytes"},
        {DFUKIT_MAP_ODD_NO_MULTIPLIER, "B, K or M is missing behind a size: taken as bytes"},
        {DFUKIT_MAP_ODD_TRAILING, "something stands behind the last sector: ignored"},
        {DFUKIT_MAP_ODD_SPACES, "spaces stand where none belong"},
        {DFUKIT_MAP_ODD_NO_AT, "it does not begin with '@'"},
        {DFUKIT_MAP_ODD_TYPE, "a type letter is outside a to g: its low three bits count"},
        {DFUKIT_MAP_ODD_TOO_MANY, "it has more runs of sectors than are used: the rest is ignored"},
        {DFUKIT_MAP_ODD_OVERLAP, "sectors overlap: those named first count"},
        {DFUKIT_MAP_ODD_BEYOND, "it reaches beyond 32 bits of address: cut there"},
        {DFUKIT_MAP_ODD_CORRECTED, "it is known to be wrong for this product: corrected"},
        {DFUKIT_MAP_ODD_CASE, "a multiplier is in lower case: taken as K or M"},
        {DFUKIT_MAP_ODD_ZERO, "it names no sectors, or sectors of no bytes: ignored"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].bit == bit)
            return rows[i].text;
    }
    return "something that is not known";
}
