/* SPDX-License-Identifier: MIT */
/*
 * STM32 option bytes in words. Where they lie tells the family (AN2606); what the bits mean is in
 * each family's reference manual, chapter "Option bytes".
 */
#include "optionbytes.h"

#include <stdio.h>
#include <string.h>

typedef enum field_kind {
    RDP,       /* 0xAA: level 0, 0xCC: level 2, else level 1 */
    RDP_F1,    /* the F1's: 0xA5 none, else protected; where F0 and F3 have theirs */
    BITS,      /* the number alone */
    BROWN_OUT, /* two bits of F2, F4, F7: 3 is off */
    ALLOWS,    /* a bit for each sector; 0: it is write protected */
    BOOT_WORD  /* 16 bits: a boot address in units of 16 KiB */
} field_kind;

typedef struct field {
    uint32_t base; /* of the family's option bytes */
    uint8_t offset, width, shift, bits;
    field_kind kind;
    const char *name;
} field;

static const struct {
    uint32_t base, size;
    const char *family;
} families[] = {
    {0x1FFFF800, 16, "STM32F0, F1, F3"},
    {0x1FFFC000, 16, "STM32F2, F4"},
    {0x1FFF0000, 32, "STM32F7"},
    {0x1FF80000, 32, "STM32L0, L1"},
    {0x1FFF7800, 48, "STM32G0, G4, L4, WB"},
    {0x5200201C, 128, "STM32H7"},
    {0x40022040, 64, "STM32L5, U5"},
};

// clang-format off
static const field fields[] = {
    {0x1FFFF800,  0, 1, 0,  8, RDP_F1,    "RDP"},
    {0x1FFFF800,  2, 1, 0,  8, BITS,      "USER"},
    {0x1FFFF800,  8, 1, 0,  8, ALLOWS,    "WRP0"},
    {0x1FFFF800, 10, 1, 0,  8, ALLOWS,    "WRP1"},
    {0x1FFFF800, 12, 1, 0,  8, ALLOWS,    "WRP2"},
    {0x1FFFF800, 14, 1, 0,  8, ALLOWS,    "WRP3"},
    {0x1FFFC000,  1, 1, 0,  8, RDP,       "RDP"},
    {0x1FFFC000,  0, 1, 2,  2, BROWN_OUT, "BOR_LEV"},
    {0x1FFFC000,  0, 1, 5,  1, BITS,      "WDG_SW"},
    {0x1FFFC000,  0, 1, 6,  1, BITS,      "nRST_STOP"},
    {0x1FFFC000,  0, 1, 7,  1, BITS,      "nRST_STDBY"},
    {0x1FFFC000,  8, 2, 0, 12, ALLOWS,    "nWRP"},
    {0x1FFFC000,  8, 2, 15, 1, BITS,      "SPRMOD"},
    {0x1FFF0000,  1, 1, 0,  8, RDP,       "RDP"},
    {0x1FFF0000,  0, 1, 2,  2, BROWN_OUT, "BOR_LEV"},
    {0x1FFF0000,  0, 1, 4,  1, BITS,      "WWDG_SW"},
    {0x1FFF0000,  0, 1, 5,  1, BITS,      "IWDG_SW"},
    {0x1FFF0000,  0, 1, 6,  1, BITS,      "nRST_STOP"},
    {0x1FFF0000,  0, 1, 7,  1, BITS,      "nRST_STDBY"},
    {0x1FFF0000,  8, 1, 0,  8, ALLOWS,    "nWRP"},
    {0x1FFF0000, 16, 2, 0, 16, BOOT_WORD, "BOOT_ADD0"},
    {0x1FFF0000, 24, 2, 0, 16, BOOT_WORD, "BOOT_ADD1"},
    {0x1FF80000,  0, 1, 0,  8, RDP,       "RDP"},
    {0x1FFF7800,  0, 1, 0,  8, RDP,       "RDP"},
    {0x5200201C,  1, 1, 0,  8, RDP,       "RDP"},
    {0x40022040,  0, 1, 0,  8, RDP,       "RDP"},
};
// clang-format on

const char *dfukit_cli_option_family(uint32_t address)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if (address - families[i].base < families[i].size)
            return families[i].family;
    }
    return NULL;
}

static const char *rdp_text(unsigned value)
{
    if (value == 0xCC)
        return "level 2: for ever, no debugger and no loader any more";
    return value == 0xAA ? "level 0: not protected" : "level 1: the flash cannot be read";
}

static const char *rdp_f1_text(unsigned value)
{
    switch (value) {
    case 0xA5:
        return "F1: not protected; F0, F3: level 1";
    case 0xAA:
        return "F0, F3: level 0: not protected; F1: protected";
    case 0xCC:
        return "F0, F3: level 2: for ever, no debugger and no loader any more; F1: protected";
    default:
        return "the flash cannot be read (level 1)";
    }
}

static void protected_sectors(unsigned value, unsigned bits, char *text, size_t room)
{
    unsigned all = (1u << bits) - 1u;
    size_t n = 0;
    if ((value & all) == all) {
        snprintf(text, room, "nothing write protected");
        return;
    }
    n += (size_t)snprintf(text, room, "write protected: bits");
    for (unsigned i = 0; i < bits && n < room; i++) {
        if ((value >> i & 1u) == 0)
            n += (size_t)snprintf(text + n, room - n, " %u", i);
    }
}

static void describe(const field *f, unsigned value, dfukit_cli_option_field *out)
{
    static const char *const levels[] = {"level 3", "level 2", "level 1", "off"};
    size_t room = sizeof out->text;
    out->name = f->name;
    out->for_ever = (f->kind == RDP || f->kind == RDP_F1) && value == 0xCC;
    switch (f->kind) {
    case RDP:
    case RDP_F1:
        snprintf(out->text, room, "0x%02x: %s", value,
                 f->kind == RDP ? rdp_text(value) : rdp_f1_text(value));
        break;
    case BROWN_OUT:
        snprintf(out->text, room, "%u: brown-out reset %s", value, levels[value & 3u]);
        break;
    case ALLOWS:
        protected_sectors(value, f->bits, out->text, room);
        break;
    case BOOT_WORD:
        snprintf(out->text, room, "0x%04x: starts at 0x%08lx", value, (unsigned long)value << 14);
        break;
    case BITS:
    default:
        snprintf(out->text, room, f->bits > 1 ? "0x%02x" : "%u", value);
        break;
    }
}

bool dfukit_cli_option_decode(uint32_t address, const uint8_t *bytes, uint32_t size, size_t n,
                              dfukit_cli_option_field *out)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const field *f = &fields[i];
        uint64_t at = (uint64_t)f->base + f->offset;
        if (at < address || at + f->width > (uint64_t)address + size || n-- != 0)
            continue;
        const uint8_t *p = bytes + (at - address);
        unsigned value = f->width == 2 ? p[0] | (unsigned)p[1] << 8 : p[0];
        describe(f, value >> f->shift & ((1u << f->bits) - 1u), out);
        return true;
    }
    return false;
}
