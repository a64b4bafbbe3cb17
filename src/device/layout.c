/* SPDX-License-Identifier: MIT */
/*
 * The memory-layout string of DfuSe, from the zones that guard the writes as well (UM0424 §4.3.2):
 *
 *     @NAME  /0xADDRESS/COUNT*SIZEut,COUNT*SIZEut/0xADDRESS/…
 *
 * with u the unit of the size (B, K, M) and t a letter whose low three bits are the permissions. A
 * zone that begins where the one before ends goes on after a comma.
 */
#include "dfukit/flash.h"

#define KIB               1024u
#define MIB               (1024u * 1024u)
#define HEADER            2u   /* of a string descriptor: bLength, bDescriptorType */
#define DESCRIPTOR_MOST   254u /* bLength is a byte, and even */
#define DESCRIPTOR_STRING 3u

typedef struct output {
    uint8_t *to;
    uint32_t room, n; /* bytes; n counts those that found no room too */
    uint32_t width;   /* bytes of a character: 1, or 2 in UTF-16 */
} output;

static void put(output *o, char c)
{
    if (o->n < o->room && o->room - o->n >= o->width) {
        o->to[o->n] = (uint8_t)c;
        if (o->width == 2)
            o->to[o->n + 1] = 0;
    }
    o->n += o->width;
}

static void put_text(output *o, const char *text)
{
    while (*text != '\0')
        put(o, *text++);
}

static void put_number(output *o, uint32_t number, uint32_t base, uint32_t digits)
{
    char text[10]; /* from its end: 4294967295 */
    uint32_t n = 0;

    while (number != 0 || n < digits) {
        text[n++] = "0123456789ABCDEF"[number % base];
        number /= base;
    }
    while (n != 0)
        put(o, text[--n]);
}

static void put_sectors(output *o, const dfukit_sectors *run, uint8_t permissions)
{
    uint32_t size = run->size;
    char unit = 'B';

    if (size % MIB == 0) {
        size /= MIB;
        unit = 'M';
    } else if (size % KIB == 0) {
        size /= KIB;
        unit = 'K';
    }
    put_number(o, run->count, 10, 2);
    put(o, '*');
    put_number(o, size, 10, 3);
    put(o, unit);
    put(o, (char)('a' - 1 + permissions));
}

static void put_memory(output *o, const dfukit_memory *m)
{
    uint32_t last = UINT32_MAX; /* byte of the zone before: none */

    put(o, '@');
    put_text(o, m->name);
    put_text(o, "  ");
    for (const dfukit_region *z = m->zones; z->sectors != NULL; z++) {
        uint8_t permissions =
            z->permissions & (DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE);
        uint32_t size = dfukit_region_size(z);
        bool follows = last != UINT32_MAX && z->address == last + 1u;

        if (permissions == 0 || size == 0)
            continue;
        if (!follows) {
            put_text(o, "/0x");
            put_number(o, z->address, 16, 8);
        }
        for (const dfukit_sectors *run = z->sectors; run->count != 0; run++) {
            if (run->size == 0)
                continue;
            put(o, follows ? ',' : '/');
            put_sectors(o, run, permissions);
            follows = true;
        }
        last = z->address + (size - 1u);
    }
}

uint32_t dfukit_layout(const dfukit_memory *m, char *to, uint32_t room)
{
    output o = {(uint8_t *)to, room, 0, 1};

    put_memory(&o, m);
    return o.n <= room ? o.n : 0;
}

uint8_t dfukit_layout_descriptor(const dfukit_memory *m, uint8_t *to, uint32_t room)
{
    output o = {to, room < DESCRIPTOR_MOST ? room : DESCRIPTOR_MOST, HEADER, 2};

    put_memory(&o, m);
    if (o.n > o.room)
        return 0;
    to[0] = (uint8_t)o.n;
    to[1] = DESCRIPTOR_STRING;
    return (uint8_t)o.n;
}
