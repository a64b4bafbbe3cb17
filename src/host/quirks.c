/* SPDX-License-Identifier: MIT */
/* Going by the quirk table: which rows are meant for a device, and what they change at once. What
 * changes a conversation is looked up by the engine, effect by effect. */
#include "quirks.h"

static const char *const names[DFUKIT_QUIRK_EFFECT_COUNT] = {
    [DFUKIT_QUIRK_NONE] = "none",
    [DFUKIT_QUIRK_POLL] = "poll",
    [DFUKIT_QUIRK_VERSION] = "version",
    [DFUKIT_QUIRK_DFU_MODE] = "dfu-mode",
    [DFUKIT_QUIRK_NOT_DFU] = "not-dfu",
    [DFUKIT_QUIRK_SAME_IDS] = "same-ids",
    [DFUKIT_QUIRK_NO_UPLOAD] = "no-upload",
    [DFUKIT_QUIRK_TEXT_8BIT] = "text-8bit",
    [DFUKIT_QUIRK_MAP_FROM_SERIAL] = "map-from-serial",
    [DFUKIT_QUIRK_MAP_TYPE_E] = "map-type-e",
    [DFUKIT_QUIRK_LEAVE_MUTE] = "leave-mute",
    [DFUKIT_QUIRK_DETACH_TO_LEAVE] = "detach-to-leave",
    [DFUKIT_QUIRK_NO_RESET] = "no-reset",
    [DFUKIT_QUIRK_NEEDS_RESET] = "needs-reset",
    [DFUKIT_QUIRK_RESET_PAUSE] = "reset-pause",
    [DFUKIT_QUIRK_RETURN] = "return",
    [DFUKIT_QUIRK_MANIFEST_POLL] = "manifest-poll",
    [DFUKIT_QUIRK_ZERO_POLLS] = "zero-polls",
    [DFUKIT_QUIRK_MASS_ERASE] = "mass-erase",
    [DFUKIT_QUIRK_TRANSFER_MS] = "transfer-time",
    [DFUKIT_QUIRK_ERASE_STALLS] = "erase-stalls",
    [DFUKIT_QUIRK_BUSY_WEDGE] = "busy-wedge",
    [DFUKIT_QUIRK_STRICT_CLRSTATUS] = "strict-clrstatus",
    [DFUKIT_QUIRK_UPLOAD_BEFORE_LEAVE] = "upload-before-leave",
    [DFUKIT_QUIRK_ERASED_ZERO] = "erased-zero",
    [DFUKIT_QUIRK_ENCRYPTED] = "encrypted",
};

_Static_assert(DFUKIT_QUIRK_EFFECT_COUNT <= 32, "one bit for each in dfukit_target.quirks");

const char *dfukit_quirk_effect_name(unsigned effect)
{
    return effect < DFUKIT_QUIRK_EFFECT_COUNT ? names[effect] : "unknown";
}

const dfukit_quirk *dfukit_quirk_at(size_t n)
{
    return n < dfukit_quirk_count ? &dfukit_quirks[n] : NULL;
}

static bool names_device(const dfukit_quirk *q, const dfukit_device_descriptor *d)
{
    return q->idVendor == d->idVendor && q->pid_first <= d->idProduct &&
           d->idProduct <= q->pid_last &&
           (q->bcdDevice == DFUKIT_QUIRK_ANY || q->bcdDevice == d->bcdDevice);
}

/* The mode that was read decides whether a row for a part of a vendor's products is meant. */
static bool applies(const dfukit_quirk *q, const dfukit_target *t)
{
    if (!names_device(q, &t->device))
        return false;
    if (q->effect == DFUKIT_QUIRK_DFU_MODE && q->value == DFUKIT_QUIRK_ALONE)
        return t->mode == DFUKIT_MODE_UNKNOWN && t->interfaces == 1;
    return true;
}

static void change(dfukit_target *t, const dfukit_quirk *q)
{
    switch ((unsigned)q->effect) {
    case DFUKIT_QUIRK_VERSION:
        t->functional.bcdDFUVersion = (uint16_t)q->value;
        break;
    case DFUKIT_QUIRK_DFU_MODE:
        if (t->mode == DFUKIT_MODE_RUNTIME)
            t->oddities |= DFUKIT_ODD_PROTOCOL;
        t->mode = DFUKIT_MODE_DFU;
        break;
    case DFUKIT_QUIRK_NOT_DFU: /* nor is it asked for its state */
        t->mode = DFUKIT_MODE_RUNTIME;
        t->functional.bmAttributes &= (uint8_t) ~(DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD);
        break;
    case DFUKIT_QUIRK_NO_UPLOAD:
        t->functional.bmAttributes &= (uint8_t)~DFUKIT_CAN_UPLOAD;
        break;
    default:
        break;
    }
}

void dfukit_target_apply_quirks(dfukit_target *target)
{
    dfukit_target as_read = *target; /* one row's change is no reason for another row */
    target->quirks = 0;
    for (size_t n = 0; n < dfukit_quirk_count; n++) {
        if (!applies(&dfukit_quirks[n], &as_read))
            continue;
        target->quirks |= UINT32_C(1) << dfukit_quirks[n].effect;
        change(target, &dfukit_quirks[n]);
    }
}

bool dfukit_target_quirk(const dfukit_target *target, dfukit_quirk_effect effect, uint32_t *value)
{
    if ((unsigned)effect >= DFUKIT_QUIRK_EFFECT_COUNT || (target->quirks >> effect & 1u) == 0)
        return false;
    for (size_t n = 0; value != NULL && n < dfukit_quirk_count; n++) {
        if (dfukit_quirks[n].effect == effect && names_device(&dfukit_quirks[n], &target->device)) {
            *value = dfukit_quirks[n].value;
            break;
        }
    }
    return true;
}
