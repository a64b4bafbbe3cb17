/* SPDX-License-Identifier: MIT */
/* The small languages behind dfu-util's -d, -S and -s. */
#include <string.h>

#include "dropin_util.h"

/* One ID up to `end`: hexadecimal, `*` any, `-` none; nothing at all keeps *out. */
static bool id_at(const char *text, const char *end, uint32_t *out)
{
    size_t n = (size_t)(end - text);
    char part[8];
    uint16_t value;
    if (n == 0)
        return true;
    if (n >= sizeof part)
        return false;
    memcpy(part, text, n);
    part[n] = '\0';
    if (strcmp(part, "*") == 0)
        *out = DFUKIT_ID_ANY;
    else if (strcmp(part, "-") == 0)
        *out = DFUKIT_ID_NONE;
    else if (dfukit_dropin_hex(part, &value))
        *out = value;
    else
        return false;
    return true;
}

/* [V][:[P]] up to `end`. */
static bool pair_at(const char *text, const char *end, dfukit_ids *ids)
{
    const char *colon = memchr(text, ':', (size_t)(end - text));
    if (colon == NULL)
        return id_at(text, end, &ids->vid);
    return id_at(text, colon, &ids->vid) && id_at(colon + 1, end, &ids->pid);
}

const char *dfukit_dropin_ids(const char *text, dfukit_selector *s)
{
    static const char wanted[] = "wants [VID]:[PID][,[VID]:[PID]] in hexadecimal, `*` or `-`";
    const char *comma = strchr(text, ',');
    const char *end = comma != NULL ? comma : text + strlen(text);
    dfukit_ids ids = {DFUKIT_ID_ANY, DFUKIT_ID_ANY}, dfu_ids = ids;
    if (comma == text) { /* nothing in front of the comma: no device in run-time mode */
        ids = (dfukit_ids){DFUKIT_ID_NONE, DFUKIT_ID_NONE};
    } else {
        if (!pair_at(text, end, &ids))
            return wanted;
        dfu_ids = ids;
    }
    if (comma != NULL && !pair_at(comma + 1, comma + 1 + strlen(comma + 1), &dfu_ids))
        return wanted;
    s->has_ids = true;
    s->ids = ids;
    s->has_dfu_ids = comma != NULL;
    s->dfu_ids = dfu_ids;
    return NULL;
}

const char *dfukit_dropin_serial(const char *text, dfukit_dropin_line *line)
{
    dfukit_selector *s = &line->args.selector;
    const char *comma = strchr(text, ',');
    s->has_dfu_serial = comma != NULL;
    s->dfu_serial = NULL;
    if (comma == NULL) {
        s->serial = *text != '\0' ? text : NULL;
        return NULL;
    }
    if ((size_t)(comma - text) >= sizeof line->serial)
        return "wants a serial number of at most 255 bytes";
    memcpy(line->serial, text, (size_t)(comma - text));
    line->serial[comma - text] = '\0';
    s->serial = comma != text ? line->serial : NULL;
    s->dfu_serial = comma[1] != '\0' ? comma + 1 : NULL;
    return NULL;
}

/* A modifier of `n` characters. Whole words only: a beginning of one is a mistake. */
static bool modifier(const char *text, size_t n, dfukit_dropin_dfuse *d)
{
    const struct {
        const char *name;
        bool *flag;
    } words[] = {
        {"force", &d->force},           {"leave", &d->leave},
        {"mass-erase", &d->mass_erase}, {"unprotect", &d->unprotect},
        {"will-reset", &d->will_reset},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i].name) == n && strncmp(words[i].name, text, n) == 0) {
            *words[i].flag = true;
            return true;
        }
    }
    uint64_t length;
    if (dfukit_dropin_number(text, UINT32_MAX, &length) != text + n || length == 0)
        return false;
    d->has_length = true;
    d->length = (uint32_t)length;
    return true;
}

const char *dfukit_dropin_dfuse_options(const char *text, dfukit_dropin_dfuse *out)
{
    dfukit_dropin_dfuse d = {.given = true};
    size_t n = strcspn(text, ":");
    uint64_t address;
    if (n != 0) {
        if (dfukit_dropin_number(text, UINT32_MAX, &address) != text + n)
            return "wants an address first, such as 0x08000000, or a colon";
        d.has_address = true;
        d.address = (uint32_t)address;
    }
    for (text += n; *text == ':'; text += n) {
        text++;
        n = strcspn(text, ":");
        if (n != 0 && !modifier(text, n, &d))
            return "wants a length or leave, mass-erase, unprotect, will-reset or force behind "
                   "each colon";
    }
    if (!d.force && (d.mass_erase || d.unprotect))
        return "erases the whole device: it wants :force as well";
    *out = d;
    return NULL;
}
