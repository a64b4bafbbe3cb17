/* SPDX-License-Identifier: MIT */
/*
 * The memories of a DfuSe device: which settings it has, what their names say, where a product is
 * known to say it wrong, and what in its option bytes cannot be undone.
 */
#include "memory.h"

#include <string.h>

#define DFUSE_SWAPPED 0x1A01u /* DFUKIT_VERSION_DFUSE as some products have it */

bool dfukit_target_is_dfuse(const dfukit_target *target)
{
    uint16_t version = target->functional.bcdDFUVersion;
    return version == DFUKIT_VERSION_DFUSE || version == DFUSE_SWAPPED;
}

/* GD32VF103: the third character of its serial number tells the size of its flash, in pages of
 * 1 KiB, whatever the map says. */
static uint32_t pages_by_serial(const dfukit_target *t)
{
    static const struct {
        char letter;
        uint32_t pages;
    } rows[] = {{'2', 8}, {'4', 16}, {'6', 32}, {'8', 64}, {'B', 128}, {'D', 256}};
    if (!t->has_serial || strlen(t->serial) < 3)
        return 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].letter == t->serial[2])
            return rows[i].pages;
    }
    return 0;
}

static void correct_by_serial(const dfukit_target *t, dfukit_map *map)
{
    uint32_t pages = pages_by_serial(t);
    dfukit_map_span *s = &map->spans[0];
    bool right = map->count == 1 && s->count == pages && s->size == 1024;
    if (pages == 0 || right || map->kind != DFUKIT_MAP_FLASH || s->address != 0x08000000)
        return;
    map->count = 1;
    s->count = pages;
    s->size = 1024;
    map->oddities |= DFUKIT_MAP_ODD_CORRECTED;
}

static void correct_type(dfukit_map *map)
{
    const uint8_t e = DFUKIT_MAY_READ | DFUKIT_MAY_WRITE;
    for (size_t i = 0; map->kind == DFUKIT_MAP_DEVICE_FEATURE && i < map->count; i++) {
        if (map->spans[i].permissions != e)
            map->oddities |= DFUKIT_MAP_ODD_CORRECTED;
        map->spans[i].permissions = e;
    }
}

int dfukit_target_map(const dfukit_target *target, size_t index, dfukit_map *map)
{
    if (index >= target->alt_count)
        return DFUKIT_ERR_FORMAT;
    int r = dfukit_map_parse(target->alts[index].name, map);
    if (r != DFUKIT_OK)
        return r;
    if (dfukit_target_quirk(target, DFUKIT_QUIRK_MAP_FROM_SERIAL, NULL))
        correct_by_serial(target, map);
    if (dfukit_target_quirk(target, DFUKIT_QUIRK_MAP_TYPE_E, NULL))
        correct_type(map);
    return DFUKIT_OK;
}

static bool has_name(const dfukit_target *t, size_t index, const char *name)
{
    dfukit_map map;
    if (strcmp(t->alts[index].name, name) == 0)
        return true;
    return dfukit_target_is_dfuse(t) && dfukit_target_map(t, index, &map) == DFUKIT_OK &&
           strcmp(map.name, name) == 0;
}

int dfukit_alternate_named(const dfukit_target *target, const dfukit_job *job)
{
    for (size_t i = 0; job->has_alt && i < target->alt_count; i++) {
        if (job->alt_name != NULL ? has_name(target, i, job->alt_name)
                                  : target->alts[i].number == job->alt)
            return (int)i;
    }
    return -1;
}

#define LEVEL_2 0xCCu

/* Where the RDP byte stands among option bytes that begin at `address`; as the reference manuals of
 * the families have it. */
static const struct {
    uint32_t address; /* 0: any other */
    uint8_t offsets[2];
} rdp[] = {
    {0x1FFFF800, {0, 0}}, /* F0, F1, F3 */
    {0x1FFFC000, {1, 1}}, /* F2, F4 */
    {0x1FFF0000, {1, 1}}, /* F7 */
    {0x1FFF7800, {0, 0}}, /* G0, G4, L4, WB */
    {0x1FF80000, {0, 0}}, /* L0, L1 */
    {0x5200201C, {1, 5}}, /* H7: OPTSR_CUR, OPTSR_PRG */
    {0, {0, 1}},
};

bool dfukit_option_bytes_lock(const dfukit_map *map, uint64_t address, const uint8_t *data,
                              uint32_t n)
{
    size_t row = 0;
    while (rdp[row].address != 0 && rdp[row].address != map->spans[0].address)
        row++;
    for (size_t i = 0; i < 2; i++) {
        uint64_t at = (uint64_t)map->spans[0].address + rdp[row].offsets[i];
        if (at >= address && at - address < n && data[at - address] == LEVEL_2)
            return true;
    }
    return false;
}
