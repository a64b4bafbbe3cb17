/* SPDX-License-Identifier: MIT */
/*
 * What a device's descriptors say of its DFU function. Every length in them is hostile; what is odd
 * but can be lived with is tolerated and noted. Spec: DFU 1.1 §4.
 */
#include <string.h>

#include "dfukit/host.h"

/* Linux hands out no larger control transfers through libusb; smaller blocks are always allowed. */
#define TRANSFER_SIZE_MAX 4096u

static bool is_dfu(const dfukit_interface_descriptor *i)
{
    return i->bInterfaceClass == DFUKIT_CLASS_APPLICATION &&
           i->bInterfaceSubClass == DFUKIT_SUBCLASS_DFU;
}

/* The bInterfaceNumber of the nth DFU interface, or -1. */
static int find_interface(const dfukit_entry *e, unsigned nth)
{
    size_t at = 0;
    const uint8_t *d;
    uint8_t seen[256 / 8] = {0};
    while (dfukit_descriptor_next(e->configuration, e->configuration_size, &at, &d)) {
        dfukit_interface_descriptor i;
        if (dfukit_interface_descriptor_decode(d, d[0], &i) < 0 || !is_dfu(&i))
            continue;
        uint8_t n = i.bInterfaceNumber;
        if ((seen[n / 8] & 1u << n % 8) != 0)
            continue;
        seen[n / 8] = (uint8_t)(seen[n / 8] | 1u << n % 8);
        if (nth-- == 0)
            return n;
    }
    return -1;
}

static void add_alternate(dfukit_target *t, const dfukit_interface_descriptor *i)
{
    if (t->alt_count == DFUKIT_ALTS_MAX) {
        t->oddities |= DFUKIT_ODD_ALTS;
        return;
    }
    dfukit_alt *alt = &t->alts[t->alt_count++];
    alt->number = i->bAlternateSetting;
    alt->iInterface = i->iInterface;
}

/* One functional descriptor; the first that can be read counts. */
static void take_functional(dfukit_target *t, const uint8_t *d, bool *found)
{
    if (*found)
        return;
    if (dfukit_functional_decode(d, d[0], &t->functional) < 0) {
        t->oddities |= DFUKIT_ODD_FUNCTIONAL_LENGTH;
        return;
    }
    if (d[0] != DFUKIT_FUNCTIONAL_SIZE_10 && d[0] != DFUKIT_FUNCTIONAL_SIZE_11)
        t->oddities |= DFUKIT_ODD_FUNCTIONAL_LENGTH;
    *found = true;
}

/* Collect alternates and the functional descriptor of interface `number`. The latter may stand
 * behind any alternate, or before the first interface; behind another interface 0x21 means HID. */
static bool collect(dfukit_target *t, const dfukit_entry *e, uint8_t number, uint8_t *protocol)
{
    size_t at = 0;
    const uint8_t *d;
    bool ours = true;
    bool found = false;
    while (dfukit_descriptor_next(e->configuration, e->configuration_size, &at, &d)) {
        dfukit_interface_descriptor i;
        if (dfukit_interface_descriptor_decode(d, d[0], &i) >= 0) {
            ours = is_dfu(&i) && i.bInterfaceNumber == number;
            if (ours) {
                if (t->alt_count == 0)
                    *protocol = i.bInterfaceProtocol;
                add_alternate(t, &i);
            }
        } else if (ours && d[1] == DFUKIT_DESC_DFU_FUNCTIONAL) {
            take_functional(t, d, &found);
        }
    }
    if (at < e->configuration_size)
        t->oddities |= DFUKIT_ODD_LENGTHS;
    return found;
}

static bool is_11(uint16_t version)
{
    return version == DFUKIT_VERSION_11 || version == DFUKIT_VERSION_11_AS_0101;
}

static void settle_mode(dfukit_target *t, uint8_t protocol)
{
    uint16_t version = t->functional.bcdDFUVersion;
    if (protocol == DFUKIT_PROTOCOL_DFU) {
        t->mode = DFUKIT_MODE_DFU;
    } else if (protocol == DFUKIT_PROTOCOL_RUNTIME) {
        t->mode = DFUKIT_MODE_RUNTIME;
    } else {
        /* DFU 1.0 has protocol 0 in both modes. DfuSe loaders with 0 exist, applications do not. */
        t->mode = dfukit_target_is_dfuse(t) ? DFUKIT_MODE_DFU : DFUKIT_MODE_UNKNOWN;
        if (version != DFUKIT_VERSION_10)
            t->oddities |= DFUKIT_ODD_PROTOCOL;
    }
    if (!dfukit_target_is_dfuse(t) && !is_11(version) && version != DFUKIT_VERSION_10)
        t->oddities |= DFUKIT_ODD_VERSION;
}

static void settle_transfer_size(dfukit_target *t)
{
    uint32_t size = t->functional.wTransferSize;
    if (size == 0 || size == 0xFFFF)
        t->oddities |= DFUKIT_ODD_TRANSFER_SIZE;
    if (size == 0) /* no block may be smaller than this: DFU 1.1 §6.1.1 */
        size = t->device.bMaxPacketSize0 >= 8 ? t->device.bMaxPacketSize0 : 8;
    t->transfer_size = size < TRANSFER_SIZE_MAX ? size : TRANSFER_SIZE_MAX;
}

int dfukit_target_inspect(dfukit_target *target, const dfukit_entry *entry, unsigned nth)
{
    int number = entry->configuration == NULL ? -1 : find_interface(entry, nth);
    if (number < 0)
        return DFUKIT_ERR_NO_DEVICE;
    memset(target, 0, sizeof *target);
    memcpy(target->path, entry->path, sizeof target->path);
    target->path[sizeof target->path - 1] = '\0';
    target->devnum = entry->devnum;
    target->device = entry->device;
    target->access = entry->access;
    target->interface = (uint8_t)number;
    if (entry->configuration_size >= DFUKIT_CONFIG_HEADER_SIZE) {
        target->interfaces = entry->configuration[4];
        target->configuration = entry->configuration[5];
    }
    uint8_t protocol = 0;
    if (!collect(target, entry, (uint8_t)number, &protocol)) {
        target->oddities |= DFUKIT_ODD_NO_FUNCTIONAL;
        target->functional.bmAttributes = DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD;
        target->functional.bcdDFUVersion = DFUKIT_VERSION_10;
    }
    settle_mode(target, protocol);
    settle_transfer_size(target);
    dfukit_target_apply_quirks(target);
    return DFUKIT_OK;
}

const char *dfukit_mode_name(dfukit_mode mode)
{
    switch (mode) {
    case DFUKIT_MODE_RUNTIME:
        return "run-time";
    case DFUKIT_MODE_DFU:
        return "dfu";
    case DFUKIT_MODE_UNKNOWN:
    default:
        return "unknown";
    }
}

const char *dfukit_target_version(const dfukit_target *target)
{
    uint16_t version = target->functional.bcdDFUVersion;
    if (dfukit_target_is_dfuse(target))
        return "1.1a";
    return version == DFUKIT_VERSION_10 ? "1.0" : "1.1";
}

bool dfukit_target_is_bystander(const dfukit_target *target)
{
    if (dfukit_target_quirk(target, DFUKIT_QUIRK_NOT_DFU, NULL))
        return true;
    return target->mode == DFUKIT_MODE_RUNTIME &&
           (target->functional.bmAttributes & (DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD)) == 0;
}
