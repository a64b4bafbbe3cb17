/* SPDX-License-Identifier: MIT */
/* Packets and standard requests, with descriptors and vendor replies of any length, each of which
 * is an allocation of its own. */
#include "bus_words.h"

/* Options and bmAttributes; bytes of the device descriptor, the configuration, a string, the BOS
 * (5000 at most), and a vendor reply. */
const script_word script_header = {"product", "bbbwbwb"};
const script_word script_words[] = {BUS_WORDS};

#define DESCRIPTORS 4u

typedef struct sets {
    dfukit_descriptor list[DESCRIPTORS];
    dfukit_vendor_reply vendor[1];
    dfukit_descriptor_set set;
    uint8_t *bytes[DESCRIPTORS + 1];
} sets;

static uint8_t *filled(uint16_t n, uint8_t from)
{
    uint8_t *bytes = malloc(n);

    if (bytes == NULL && n != 0)
        abort();
    for (unsigned i = 0; i < n; i++)
        bytes[i] = (uint8_t)(from + i * 3u);
    return bytes;
}

static void build(sets *s, const script_event *header)
{
    static const uint8_t types[DESCRIPTORS] = {1, 2, 3, 15};

    memset(s, 0, sizeof *s);
    for (unsigned i = 0; i <= DESCRIPTORS; i++) {
        uint16_t n = (uint16_t)(1u + header->numbers[2 + i] % 5000u);

        s->bytes[i] = filled(n, (uint8_t)(i * 50u));
        if (i < DESCRIPTORS)
            s->list[i] = (dfukit_descriptor){DFUKIT_DESCRIPTOR_ID(types[i], 0), n, s->bytes[i]};
        else
            s->vendor[0] = (dfukit_vendor_reply){0x20, 7, 0, n, s->bytes[i]};
    }
    s->set = (dfukit_descriptor_set){s->list, s->vendor, DESCRIPTORS, 1};
}

const char *fuzz_missing(void)
{
    return fuzz_states[DFUKIT_APP_IDLE] == 0 ? "run-time mode" : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const dfukit_descriptor_set *both[2];
    script_reader r;
    script_event e;
    sets s;
    victim *v;

    script_begin(&r, &script_header, script_words, bytes, n, &e);
    build(&s, &e);
    both[0] = both[1] = &s.set;
    v = victim_new((uint8_t)(e.numbers[0] & ~(unsigned)VICTIM_SLOT), e.numbers[1] & 0x0Fu, both,
                   fuzz_fault);
    for (unsigned i = 0; i < FUZZ_EVENTS && script_next(&r, &e); i++)
        fuzz_say(v, &e);
    fuzz_end(v);
    for (unsigned i = 0; i <= DESCRIPTORS; i++)
        free(s.bytes[i]);
    return 0;
}
