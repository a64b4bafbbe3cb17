/* SPDX-License-Identifier: MIT */
/* What the options of the verbs of `image` set. */
#include "image_options.h"

#include <string.h>

#include "number.h"

/* Four hexadecimal digits, with or without 0x, as in --device. */
static const char *set_id(const char *value, bool *has, uint16_t *id)
{
    dfukit_selector pair;
    char text[16];
    int n = snprintf(text, sizeof text, "%s:*", value);
    *has = true;
    if (n < 0 || (size_t)n >= sizeof text || strchr(value, ':') != NULL ||
        strchr(value, '*') != NULL || !dfukit_cli_ids(text, &pair))
        return "wants an ID in hexadecimal, e.g. 1209";
    *id = (uint16_t)pair.ids.vid;
    return NULL;
}

const char *dfukit_cli_set_vid(dfukit_cli_args *a, const char *value)
{
    return set_id(value, &a->has_vid, &a->vid);
}

const char *dfukit_cli_set_pid(dfukit_cli_args *a, const char *value)
{
    return set_id(value, &a->has_pid, &a->pid);
}

const char *dfukit_cli_set_did(dfukit_cli_args *a, const char *value)
{
    return set_id(value, &a->has_did, &a->did);
}

const char *dfukit_cli_set_spec(dfukit_cli_args *a, const char *value)
{
    static const uint16_t versions[] = {0x0100, 0x0110, 0x011A, 0x011A};
    int i = dfukit_cli_word(value, (const char *const[]){"0100", "0110", "011a", "011A", NULL});
    if (i < 0)
        return "wants 0100, 0110 or 011a";
    a->spec = versions[i];
    return NULL;
}

const char *dfukit_cli_set_type(dfukit_cli_args *a, const char *value)
{
    int i = dfukit_cli_word(value, (const char *const[]){"stellaris", "lpc", NULL});
    if (i < 0)
        return "wants stellaris or lpc";
    a->prefix = i == 0 ? DFUKIT_PREFIX_STELLARIS : DFUKIT_PREFIX_LPC;
    return NULL;
}

const char *dfukit_cli_set_family(dfukit_cli_args *a, const char *value)
{
    uint64_t n;
    if (!dfukit_cli_number(value, UINT32_MAX, &n))
        return "wants a family ID, e.g. 0xe48bff56";
    a->has_family = true;
    a->family = (uint32_t)n;
    return NULL;
}
