/* SPDX-License-Identifier: MIT */
/* Endpoint 0, the class and the slot on a NOR flash against any bus and any port. */
#include "bus_words.h"

/* The options and bmAttributes of tests/hostile/victim.h. */
const script_word script_header = {"product", "bb"};
const script_word script_words[] = {BUS_WORDS};

const char *fuzz_missing(void)
{
    if (fuzz_operations == 0)
        return "work of the flash";
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
    v = victim_new((uint8_t)(e.numbers[0] | VICTIM_SLOT), e.numbers[1] & 0x0Fu, victim_sets,
                   fuzz_fault);
    for (unsigned i = 0; i < FUZZ_EVENTS && script_next(&r, &e); i++)
        fuzz_say(v, &e);
    fuzz_end(v);
    return 0;
}
