/* SPDX-License-Identifier: MIT */
/* fuzz: rooms=protocol,image,host input=plain */
/* What a device says of itself, as the host reads it: 18 bytes of device descriptor, then a
 * configuration; its texts decoded and made harmless; the quirks and maps that follow. */
#include "dfukit/host.h"
#include "script.h"

#include <stdlib.h>
#include <string.h>

static unsigned long functions, texts, dfuse;

const char *fuzz_missing(void)
{
    if (functions == 0)
        return "a DFU function";
    if (dfuse == 0)
        return "a memory map";
    return texts == 0 ? "a text" : NULL;
}

#define check(holds)                                                                               \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "does not hold: %s (line %d)\n", #holds, __LINE__);                    \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* Any bytes as a string descriptor, with room for less than all of it as well. */
static void text(const uint8_t *bytes, size_t n)
{
    char out[DFUKIT_TEXT_SIZE];

    for (size_t room = 0; room <= sizeof out; room += 1 + room / 2) {
        int got = dfukit_string_decode(bytes, n, out, room);

        check(got < 0 || (size_t)got < room);
        if (room == 0)
            continue;
        check(memchr(out, 0, room) != NULL && (got < 0 || strlen(out) == (size_t)got));
        texts += got > 0;
        dfukit_text_sanitise(out);
        for (size_t i = 0; out[i] != '\0'; i++)
            check((uint8_t)out[i] >= 0x20 && out[i] != 0x7F);
    }
}

static void look(dfukit_target *t, const uint8_t *bytes, size_t n)
{
    dfukit_map map;

    check(t->alt_count > 0 && t->alt_count <= DFUKIT_ALTS_MAX);
    check(t->transfer_size > 0);
    check(dfukit_target_version(t) != NULL);
    (void)dfukit_target_is_bystander(t);
    for (size_t i = 0; i < t->alt_count; i++) {
        check(memchr(t->alts[i].name, 0, sizeof t->alts[i].name) != NULL);
        /* Its name: what the device sends, read as a string descriptor. */
        if (dfukit_string_decode(bytes, n, t->alts[i].name, sizeof t->alts[i].name) < 0)
            (void)strcpy(t->alts[i].name, "@Internal Flash /0x08000000/04*016Kg");
        dfukit_text_sanitise(t->alts[i].name);
        if (dfukit_target_is_dfuse(t) && dfukit_target_map(t, i, &map) == DFUKIT_OK) {
            check(map.count > 0 && map.count <= DFUKIT_MAP_SPANS_MAX);
            dfuse++;
        }
    }
    for (unsigned effect = 0; effect < DFUKIT_QUIRK_EFFECT_COUNT; effect++) {
        uint32_t value = 0;

        (void)dfukit_target_quirk(t, (dfukit_quirk_effect)effect, &value);
    }
    dfukit_target_apply_quirks(t);
    functions++;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    dfukit_entry entry = {.path = "1-1", .devnum = 1};
    dfukit_target t;
    uint8_t *configuration;
    size_t size = n > 18 ? n - 18 : 0;

    text(bytes, n < 255 ? n : 255);
    if (size > 0)
        text(bytes + 18, size < 255 ? size : 255);
    if (dfukit_device_descriptor_decode(bytes, n, &entry.device) < 0)
        return 0;
    configuration = malloc(size > 0 ? size : 1);
    check(configuration != NULL);
    if (size > 0)
        memcpy(configuration, bytes + 18, size);
    entry.configuration = size > 0 ? configuration : NULL;
    entry.configuration_size = size;
    for (unsigned nth = 0; nth < 300 && dfukit_target_inspect(&t, &entry, nth) == DFUKIT_OK; nth++)
        look(&t, configuration, size < 255 ? size : 255);
    free(configuration);
    return 0;
}
