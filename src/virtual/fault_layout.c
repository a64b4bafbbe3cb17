/* SPDX-License-Identifier: MIT */
/*
 * Memory maps as some products write them, and hosts have to read them: what alternate setting 0
 * really has, in words that stray from UM0424 §4.3.2.
 */
#include <stdio.h>
#include <string.h>

#include "fault_table.h"

/* One way to write a map. */
typedef struct layout {
    const char *name;  /* in front of the first zone */
    const char *gap;   /* round every token */
    const char *kilo;  /* the multiplier of KiB; NULL: sizes are in bytes */
    const char *bytes; /* the multiplier of bytes */
    int width;         /* of counts and sizes */
    char letter;       /* of no permissions at all: those of others follow it */
    const char *end;
} layout;

/* clang-format off */
static const layout layouts[] = {
    /*   name                gap  kilo  bytes width letter end */
    {    "@Internal Flash  ", "",  "K",  "B",  2, '`', ",%$#&!" },              /*  0: garbage behind */
    {    "@Internal Flash  ", "",  NULL, " ",  2, '`', "" },                    /*  1: a blank for a multiplier */
    {    "@Internal Flash  ", "",  NULL, "",   2, '`', "" },                    /*  2: no multiplier */
    {    "@Internal Flash  ", " ", "K",  "B",  2, '`', "" },                    /*  3: blanks round tokens */
    {    "Internal Flash  ",  "",  "K",  "B",  2, '`', "" },                    /*  4: no '@' */
    {    "@Internal Flash  ", "",  "K",  "B",  2, 'h', "" },                    /*  5: letters beyond g */
    {    "@Internal Flash  ", "",  "K",  "B",  6, '`', "" },                    /*  6: many zeros in front */
    {    "@Internal Flash  ", "",  "K",  "B",  1, '`', "     " },               /*  7: blanks behind */
    {    "@",                 "",  "K",  "B",  2, '`', "" },                    /*  8: no name */
    {    "@Internal Flash  ", "",  "K",  "B",  2, '`', " e" },                  /*  9: a letter behind */
    {    "@Internal Flash  ", "",  "K",  "B",  2, '`', "/0xFFFFF000/8*001Ka" }, /* 10: beyond 2^32 */
    {    "@Internal Flash  ", "",  "K",  "B",  2, '`', "/0x08000000/1*001Ka" }, /* 11: overlaps, perhaps */
};
/* clang-format on */

_Static_assert(sizeof layouts / sizeof layouts[0] == DFUKIT_LAYOUTS, "the table of faults says so");

typedef struct text {
    char *to;
    size_t room, n;
} text;

static void put(text *t, const char *piece)
{
    size_t n = strlen(piece);

    if (n >= t->room - t->n)
        return;
    memcpy(t->to + t->n, piece, n + 1u);
    t->n += n;
}

static void put_number(text *t, const layout *l, uint32_t number)
{
    char piece[24];

    snprintf(piece, sizeof piece, "%0*u", l->width, (unsigned)number);
    put(t, piece);
}

static void put_run(text *t, const layout *l, const dfukit_sectors *run, uint8_t permissions)
{
    bool kilo = l->kilo != NULL && run->size % 1024u == 0;
    char letter[2] = {(char)(l->letter + (permissions & 7)), '\0'};

    put_number(t, l, run->count);
    put(t, l->gap);
    put(t, "*");
    put(t, l->gap);
    put_number(t, l, kilo ? run->size / 1024u : run->size);
    put(t, kilo ? l->kilo : l->bytes); /* a blank here would be a multiplier */
    put(t, letter);
}

static void put_address(text *t, const layout *l, uint32_t address)
{
    char piece[24];

    snprintf(piece, sizeof piece, "0x%08X", (unsigned)address);
    put(t, "/");
    put(t, l->gap);
    put(t, piece);
    put(t, l->gap);
    put(t, "/");
    put(t, l->gap);
}

void dfukit_act_write_layout(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    const layout *l = &layouts[argument < DFUKIT_LAYOUTS ? argument : 0];
    text t = {v->layout, sizeof v->layout, 0};
    uint32_t next = 0; /* where the zone before ends */

    if (!e->dfu_mode || v->memories.zones == NULL)
        return;
    put(&t, l->name);
    for (const dfukit_region *z = v->memories.of[0].zones; z->sectors != NULL; z++) {
        bool first = z == v->memories.of[0].zones || z->address != next;

        if (first)
            put_address(&t, l, z->address);
        for (const dfukit_sectors *run = z->sectors; run->count != 0; run++, first = false) {
            if (!first) {
                put(&t, l->gap);
                put(&t, ",");
                put(&t, l->gap);
            }
            put_run(&t, l, run, z->permissions);
        }
        next = z->address + dfukit_region_size(z);
    }
    put(&t, l->end);
    e->appearance->alternates[0] = v->layout;
}
