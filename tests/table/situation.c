/* SPDX-License-Identifier: MIT */
/* The rules: which situations cannot be. */
#include "table/situation.h"

const char *const situation_rules[RULES] = {
    [RULE_NONE] = "",
    [RULE_NO_RUNTIME] = "a loader alone has no run-time mode",
    [RULE_CANNOT_DOWNLOAD] = "states 3 to 8, flash work and manifestations need bitCanDnload",
    [RULE_CANNOT_UPLOAD] = "dfuUPLOAD-IDLE needs bitCanUpload",
    [RULE_TOLERANT] = "dfuMANIFEST-WAIT-RESET: a device that is tolerant does not wait for a reset",
    [RULE_NOT_MET] = "nothing is configured or asked before the first SET_CONFIGURATION 1",
    [RULE_STATE_PROVES_USE] = "states 1 and 3 to 9 are led to by requests: the device was used",
    [RULE_NO_WORK_HERE] = "no work is left in states 5, 8 and 9, nor of a block in 6 and 7",
    [RULE_NOT_MANIFESTED] = "dfuMANIFEST-WAIT-RESET comes after the manifestation",
    [RULE_FAILURE_IS_AN_ERROR] = "a failure is dfuERROR at once, and over when that is left (D12)",
    [RULE_DONE_AND_FAILED] = "a manifestation has not both succeeded and failed, nor left work",
    [RULE_NO_SETTING] = "settings other than 0 are for dfu states, and choosing one ends dfuERROR",
    [RULE_NO_SETTING_AT_WORK] = "dfuIDLE with work left from before an attach refuses settings",
    [RULE_NO_WORK_TO_END] = "work that is not going on cannot end",
    [RULE_CHAPTER_9] = "not configured: endpoint 0 refuses SET_INTERFACE, the class never sees it",
};

static bool in(uint8_t state, uint8_t first, uint8_t last)
{
    return state >= first && state <= last;
}

/* With two block buffers the store goes on with a block while the next one, or the end of the
 * download, is received; from the first GETSTATUS in 6 on that is part of the manifestation. */
static bool no_such_work(const situation *s)
{
    bool two = s->product == BENCH_DOUBLE_BUFFER;

    if (s->block_left && !(two && s->state == DFUKIT_MANIFEST_SYNC && s->waits))
        return true;
    if (s->working && in(s->state, DFUKIT_MANIFEST_SYNC, DFUKIT_MANIFEST) && s->manifested)
        return true;
    return s->working && ((s->state == DFUKIT_DNLOAD_IDLE && !two) ||
                          s->state == DFUKIT_UPLOAD_IDLE || s->state == DFUKIT_MANIFEST_WAIT_RESET);
}

unsigned situation_rule(const situation *s)
{
    bool downloading = in(s->state, DFUKIT_DNLOAD_SYNC, DFUKIT_MANIFEST_WAIT_RESET);
    bool led_to = s->state == DFUKIT_APP_DETACH || downloading || s->state == DFUKIT_UPLOAD_IDLE;

    if (s->state < DFUKIT_DFU_IDLE && s->product == BENCH_LOADER_ONLY)
        return RULE_NO_RUNTIME;
    if ((downloading || s->working || s->manifested || s->failed) &&
        (s->attributes & DFUKIT_CAN_DNLOAD) == 0)
        return RULE_CANNOT_DOWNLOAD;
    if (s->state == DFUKIT_UPLOAD_IDLE && (s->attributes & DFUKIT_CAN_UPLOAD) == 0)
        return RULE_CANNOT_UPLOAD;
    if (s->state == DFUKIT_MANIFEST_WAIT_RESET &&
        (s->attributes & DFUKIT_MANIFESTATION_TOLERANT) != 0)
        return RULE_TOLERANT;
    if (!s->met && (s->configured || s->used))
        return RULE_NOT_MET;
    if (led_to && !s->used)
        return RULE_STATE_PROVES_USE;
    if (s->failed && s->state != DFUKIT_DFU_ERROR)
        return RULE_FAILURE_IS_AN_ERROR;
    if (s->failed && (s->manifested || s->working))
        return RULE_DONE_AND_FAILED;
    if (no_such_work(s))
        return RULE_NO_WORK_HERE;
    if (s->state == DFUKIT_MANIFEST_WAIT_RESET && !s->manifested)
        return RULE_NOT_MANIFESTED;
    if (s->other_setting &&
        (s->state < DFUKIT_DFU_IDLE || !s->met || (s->state == DFUKIT_DFU_ERROR && !s->used)))
        return RULE_NO_SETTING;
    if (s->other_setting && s->state == DFUKIT_DFU_IDLE && s->working)
        return RULE_NO_SETTING_AT_WORK;
    return RULE_NONE;
}
