/* SPDX-License-Identifier: MIT */
/* Going by the table of faults: which act where, what their names are, and whom they suit. */
#include "fault_table.h"

#include <stdlib.h>
#include <string.h>

/* ---- Acting ---- */

static bool acts_here(const dfukit_fault_row *row, const dfukit_event *e, uint32_t argument)
{
    if (row->point != e->point || (row->input != DFUKIT_INPUT_COUNT && row->input != e->input))
        return false;
    /* Going back to the firmware is no fault's concern. */
    if (row->point == DFUKIT_POINT_LEAVE && !e->dfu_mode)
        return false;
    return row->often != DFUKIT_FAULT_COUNTED || e->number == argument;
}

void dfukit_fault_at(dfukit_virtual *v, dfukit_event *e)
{
    for (size_t n = 0; n < v->fault_count; n++) {
        dfukit_armed *armed = &v->faults[n];
        const dfukit_fault_row *row;

        if (armed->spent || armed->fault.id < 0 || (size_t)armed->fault.id >= dfukit_fault_total)
            continue;
        row = &dfukit_faults[armed->fault.id];
        if (!acts_here(row, e, armed->fault.argument))
            continue;
        e->done = false;
        armed->spent = row->often == DFUKIT_FAULT_ONCE || row->often == DFUKIT_FAULT_COUNTED;
        row->act(v, e, armed->fault.argument);
        if (row->often == DFUKIT_FAULT_WHEN)
            armed->spent = e->done;
        if (e->answered)
            return;
    }
}

bool dfukit_fault_describe(size_t n, const char **name, const char **text)
{
    if (n >= dfukit_fault_total)
        return false;
    *name = dfukit_faults[n].name;
    *text = dfukit_faults[n].text;
    return true;
}

/* ---- Names ---- */

/* A number, decimal or 0x…, and nothing else. */
static bool parse_number(const char *text, uint32_t limit, uint32_t *out)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? text + 2 : text;
    size_t n = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
    unsigned long long value;

    if (n == 0 || n > 10 || digits[n] != '\0')
        return false;
    value = strtoull(digits, NULL, hex ? 16 : 10);
    if (value > limit)
        return false;
    *out = (uint32_t)value;
    return true;
}

/* The row that a letter stands for. Where several have it, the argument says which: 1 for the
 * first.
 * @return its index; dfukit_fault_total: there is none. */
static size_t by_letter(const char *text, uint32_t *nth)
{
    size_t found = 0;
    size_t first = dfukit_fault_total;
    uint32_t wanted = 1;

    for (size_t n = 0; n < dfukit_fault_total; n++) {
        if (dfukit_faults[n].letter != text[0])
            continue;
        if (found++ == 0)
            first = n;
    }
    if (found < 2)
        return first;
    if (text[1] == '=' && !parse_number(text + 2, (uint32_t)found, &wanted))
        return dfukit_fault_total;
    *nth = wanted;
    for (size_t n = first; n < dfukit_fault_total; n++) {
        if (dfukit_faults[n].letter == text[0] && --wanted == 0)
            return n;
    }
    return dfukit_fault_total;
}

static size_t by_name(const char *text, size_t length)
{
    size_t n = 0;

    while (n < dfukit_fault_total && (strlen(dfukit_faults[n].name) != length ||
                                      memcmp(dfukit_faults[n].name, text, length) != 0))
        n++;
    return n;
}

int dfukit_fault_parse(const char *text, dfukit_fault *out)
{
    size_t length = strcspn(text, "=");
    uint32_t nth = 0; /* the argument was one of a letter: it is used up */
    size_t n = length == 1 ? by_letter(text, &nth) : by_name(text, length);
    const dfukit_fault_row *row = &dfukit_faults[n];
    uint32_t argument;

    if (n == dfukit_fault_total)
        return DFUKIT_ERR_USAGE;
    argument = row->usual;
    if (nth == 0 && text[length] == '\0' && row->takes == DFUKIT_FAULT_NEEDS_NUMBER)
        return DFUKIT_ERR_USAGE;
    if (nth == 0 && text[length] == '=' &&
        (row->takes == DFUKIT_FAULT_TAKES_NOTHING ||
         !parse_number(text + length + 1, row->limit, &argument)))
        return DFUKIT_ERR_USAGE;
    *out = (dfukit_fault){(int)n, argument};
    return DFUKIT_OK;
}

/* ---- Whom they suit ---- */

static bool has_options(const dfukit_persona *p)
{
    for (size_t n = 0; n < DFUKIT_PERSONA_ALTERNATES && p->alternates[n] != NULL; n++) {
        if (dfukit_memory_kind_of(p->alternates[n]) == DFUKIT_MEMORY_OPTION_BYTES)
            return true;
    }
    return false;
}

static bool has_serial(const dfukit_persona *p)
{
    return p->raw_serial != NULL || p->runtime.serial != NULL || p->dfu.serial != NULL;
}

/* Plain DFU is given as much memory as that takes; maps of DfuSe say how much there is. */
static bool has_room(const dfukit_persona *p)
{
    uint32_t size = 0;

    if (p->dialect == DFUKIT_DIALECT_PLAIN)
        return p->region != NULL;
    for (const dfukit_region *z = p->zones[0]; z != NULL && z->sectors != NULL; z++)
        size += dfukit_region_size(z);
    return size >= DFUKIT_WRAP_MEMORY;
}

/* @return what of `need` the persona lacks, a clause; NULL: nothing. */
static const char *lacks(const dfukit_persona *p, unsigned need)
{
    uint8_t attributes = p->functional.bmAttributes;
    const struct {
        unsigned need;
        bool has;
        const char *clause;
    } rows[] = {
        {DFUKIT_NEEDS_RUNTIME, p->runtime.idVendor != 0, "it has no run-time mode"},
        {DFUKIT_NEEDS_DFU | DFUKIT_NEEDS_DNLOAD | DFUKIT_NEEDS_UPLOAD,
         p->dfu.idVendor != 0 && !p->stays_put, "it has no DFU mode"},
        {DFUKIT_NEEDS_DNLOAD, (attributes & DFUKIT_CAN_DNLOAD) != 0, "it takes no downloads"},
        {DFUKIT_NEEDS_UPLOAD, (attributes & DFUKIT_CAN_UPLOAD) != 0, "it gives no uploads"},
        {DFUKIT_NEEDS_PLAIN, p->dialect == DFUKIT_DIALECT_PLAIN, "it speaks DfuSe"},
        {DFUKIT_NEEDS_DFUSE | DFUKIT_NEEDS_UNPROTECT, p->dialect == DFUKIT_DIALECT_DFUSE,
         "it does not speak DfuSe"},
        {DFUKIT_NEEDS_OPTIONS, has_options(p), "it has no option bytes"},
        {DFUKIT_NEEDS_UNPROTECT, p->can_unprotect, "it has no read protection"},
        {DFUKIT_NEEDS_MASS_ERASE, !p->no_mass_erase, "it has no mass erase"},
        {DFUKIT_NEEDS_ROOM, has_room(p), "its memory has no room for 65536 blocks of 8 bytes"},
        {DFUKIT_NEEDS_SERIAL, has_serial(p), "it has no serial number"},
        {DFUKIT_NEEDS_FLIP, false, "it does not speak FLIP, nor does any other virtual device"},
    };

    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        if ((need & rows[n].need) != 0 && !rows[n].has)
            return rows[n].clause;
    }
    return NULL;
}

bool dfukit_fault_applies(const dfukit_fault *fault, const dfukit_persona *persona,
                          const char **why)
{
    const char *clause = "there is no such fault";

    if (fault->id >= 0 && (size_t)fault->id < dfukit_fault_total)
        clause = lacks(persona, dfukit_faults[fault->id].needs);
    if (why != NULL && clause != NULL)
        *why = clause;
    return clause == NULL;
}
