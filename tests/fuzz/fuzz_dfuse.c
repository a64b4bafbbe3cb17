/* SPDX-License-Identifier: MIT */
/* Endpoint 0, the class and the DfuSe store on a NOR flash of several zones against any bus and any
 * port: commands, addresses, blocks, and what may be read. */
#include "bus_words.h"

/* The options and bmAttributes of tests/hostile/victim.h. */
const script_word script_header = {"product", "bb"};
const script_word script_words[] = {BUS_WORDS};

static unsigned long erases, programs;

const char *fuzz_missing(void)
{
    if (erases == 0)
        return "an erase";
    if (programs == 0)
        return "data";
    if (fuzz_manifests == 0)
        return "a manifestation";
    return fuzz_state_missing(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    script_reader r;
    script_event e;
    victim *v;

    script_begin(&r, &script_header, script_words, bytes, n, &e);
    v = victim_new((uint8_t)(e.numbers[0] | VICTIM_SLOT),
                   (uint8_t)((e.numbers[1] & 0x0Fu) | VICTIM_DFUSE), victim_sets, fuzz_fault);
    for (unsigned i = 0; i < FUZZ_EVENTS && script_next(&r, &e); i++)
        fuzz_say(v, &e);
    erases += v->flash->erases;
    programs += v->flash->programs;
    fuzz_end(v);
    return 0;
}
