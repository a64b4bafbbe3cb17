/* SPDX-License-Identifier: MIT */
/* Memories made from a persona's zones, found again by zone and by address. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- What they are ---- */

static bool begins_with(const char *text, const char *word)
{
    for (; *word != '\0'; text++, word++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;

        if (c != *word)
            return false;
    }
    return true;
}

dfukit_memory_kind dfukit_memory_kind_of(const char *name)
{
    while (*name == '@' || *name == ' ')
        name++;
    if (begins_with(name, "option byte"))
        return DFUKIT_MEMORY_OPTION_BYTES;
    if (begins_with(name, "otp"))
        return DFUKIT_MEMORY_OTP;
    return begins_with(name, "device feature") ? DFUKIT_MEMORY_FEATURE : DFUKIT_MEMORY_FLASH;
}

static dfukit_cells cells_of(dfukit_memory_kind kind, const dfukit_region *zone)
{
    if (kind == DFUKIT_MEMORY_OTP)
        return DFUKIT_CELLS_ONE_TIME;
    return (zone->permissions & DFUKIT_MAY_ERASE) != 0 ? DFUKIT_CELLS_NOR : DFUKIT_CELLS_REWRITTEN;
}

/* ---- Making them ---- */

static size_t row_length(const dfukit_region *row)
{
    size_t n = 0;

    while (row[n].sectors != NULL)
        n++;
    return n;
}

/* What a device without a DFU mode runs from: nobody gets there. */
static const dfukit_sectors hidden_sectors[] = {{16, 1024}, {0, 0}};
static const dfukit_region hidden = {0, hidden_sectors, 4, 0xFF, 0, 0, 0};

static const dfukit_region *row_of(const dfukit_persona *p, size_t alternate)
{
    if (p->dialect == DFUKIT_DIALECT_DFUSE)
        return p->zones[alternate];
    return p->region != NULL ? p->region : &hidden;
}

static size_t length_of(const dfukit_persona *p, size_t alternate)
{
    return p->dialect == DFUKIT_DIALECT_DFUSE ? row_length(p->zones[alternate]) : 1u;
}

/* An earlier alternate setting with the same memory, `alternate` when there is none. */
static size_t same_as(const dfukit_persona *p, size_t alternate)
{
    for (size_t n = 0; n < alternate; n++) {
        if (row_of(p, n) == row_of(p, alternate))
            return n;
    }
    return alternate;
}

/* More sectors of the last size, until it is long enough. */
static void grow(dfukit_memories *m, uint32_t at_least)
{
    dfukit_region *zone = m->zones;
    const dfukit_sectors *last = zone->sectors;
    uint32_t size = dfukit_region_size(zone);

    if (size >= at_least)
        return;
    while (last[1].count != 0)
        last++;
    m->grown[0] = (dfukit_sectors){(size + at_least) / last->size, last->size};
    zone->sectors = m->grown;
}

static bool make_row(dfukit_memories *m, const dfukit_persona *p, size_t alternate,
                     uint32_t at_least, const dfukit_clock *clock, bool timed)
{
    size_t n = length_of(p, alternate);
    size_t first = m->count;

    m->of[alternate].zones = m->zones + first;
    for (size_t i = 0; i < n; i++) {
        dfukit_region *zone = &m->zones[first + i];

        *zone = row_of(p, alternate)[i];
        /* Maps call these erasable: their pages are, by the loader, as they are written. */
        if (m->kind[alternate] != DFUKIT_MEMORY_FLASH)
            zone->permissions &= (uint8_t)~DFUKIT_MAY_ERASE;
        if (first + i == 0)
            grow(m, at_least);
        m->flash[first + i] = dfukit_vflash_new(zone, clock, timed);
        if (m->flash[first + i] == NULL)
            return false;
        dfukit_vflash_set_cells(m->flash[first + i], cells_of(m->kind[alternate], zone));
    }
    m->count += n + 1u;
    return true;
}

static uint8_t count_alternates(const dfukit_persona *p)
{
    uint8_t n = 0;

    while (n < DFUKIT_PERSONA_ALTERNATES && p->alternates[n] != NULL)
        n++;
    return n != 0 ? n : 1;
}

bool dfukit_memories_make(dfukit_memories *m, const dfukit_persona *p, uint32_t at_least,
                          const dfukit_clock *clock, bool timed)
{
    memset(m, 0, sizeof *m);
    m->alternates = count_alternates(p);
    for (size_t n = 0; n < m->alternates; n++)
        m->room += length_of(p, n) + 1u;
    m->zones = calloc(m->room, sizeof *m->zones);
    m->flash = calloc(m->room, sizeof(dfukit_vflash *));
    if (m->zones == NULL || m->flash == NULL)
        return false;
    for (size_t n = 0; n < m->alternates; n++) {
        size_t same = same_as(p, n);

        m->of[n].name = p->alternates[n];
        if (p->dialect == DFUKIT_DIALECT_DFUSE)
            m->kind[n] = dfukit_memory_kind_of(p->alternates[n]);
        if (same != n)
            m->of[n].zones = m->of[same].zones;
        else if (!make_row(m, p, n, at_least, clock, timed))
            return false;
    }
    return true;
}

void dfukit_memories_free(dfukit_memories *m)
{
    for (size_t i = 0; m->flash != NULL && i < m->room; i++) {
        if (m->flash[i] != NULL)
            dfukit_vflash_free(&m->flash[i]);
    }
    free(m->flash);
    free(m->zones);
    memset(m, 0, sizeof *m);
}

/* ---- Finding them ---- */

dfukit_vflash *dfukit_memories_flash(const dfukit_memories *m, const dfukit_region *zone)
{
    for (size_t i = 0; i < m->count; i++) {
        if (&m->zones[i] == zone)
            return m->flash[i];
    }
    return NULL;
}

const dfukit_region *dfukit_memories_zone(const dfukit_memories *m, uint8_t alternate,
                                          uint32_t address)
{
    if (alternate >= m->alternates)
        return NULL;
    for (const dfukit_region *z = m->of[alternate].zones; z->sectors != NULL; z++) {
        if (address - z->address < dfukit_region_size(z)) /* below it: far beyond its size */
            return z;
    }
    return NULL;
}

dfukit_vflash *dfukit_memories_firmware(const dfukit_memories *m)
{
    const dfukit_region *z = m->of[0].zones;

    while (z->sectors != NULL && (z->permissions & DFUKIT_MAY_WRITE) == 0)
        z++;
    return dfukit_memories_flash(m, z->sectors != NULL ? z : m->of[0].zones);
}

/* ---- All of them ---- */

size_t dfukit_memories_size(const dfukit_memories *m)
{
    size_t size = 0;

    for (size_t i = 0; i < m->count; i++) {
        if (m->flash[i] != NULL)
            size += dfukit_region_size(&m->zones[i]);
    }
    return size;
}

uint32_t dfukit_memories_operations(const dfukit_memories *m)
{
    uint32_t n = 0;

    for (size_t i = 0; i < m->count; i++) {
        if (m->flash[i] != NULL)
            n += dfukit_vflash_operations(m->flash[i]);
    }
    return n;
}

void dfukit_memories_cut(const dfukit_memories *m)
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->flash[i] != NULL)
            dfukit_vflash_cut(m->flash[i]);
    }
}

void dfukit_memories_hurry(const dfukit_memories *m)
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->flash[i] != NULL && dfukit_vflash_busy_until(m->flash[i]) != UINT64_MAX)
            dfukit_vflash_hurry(m->flash[i]);
    }
}

uint64_t dfukit_memories_busy_until(const dfukit_memories *m)
{
    uint64_t first = UINT64_MAX;

    for (size_t i = 0; i < m->count; i++) {
        uint64_t end = m->flash[i] != NULL ? dfukit_vflash_busy_until(m->flash[i]) : UINT64_MAX;

        first = end < first ? end : first;
    }
    return first;
}

/* ---- Read protection ---- */

static bool is_guarded(const dfukit_region *z)
{
    return (z->permissions & DFUKIT_MAY_ERASE) != 0;
}

void dfukit_memories_wipe(const dfukit_memories *m)
{
    for (const dfukit_region *z = m->of[0].zones; z->sectors != NULL; z++) {
        if (is_guarded(z))
            dfukit_vflash_wipe(dfukit_memories_flash(m, z));
    }
}

uint32_t dfukit_memories_wipe_time(const dfukit_memories *m)
{
    uint32_t us = 0;

    for (const dfukit_region *z = m->of[0].zones; z->sectors != NULL; z++) {
        uint32_t size = dfukit_region_size(z);

        for (uint32_t at = 0; is_guarded(z) && at < size; at = dfukit_region_sector_end(z, at))
            us += z->erase_us;
    }
    return us;
}
