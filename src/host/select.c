/* SPDX-License-Identifier: MIT */
/* Which device is meant, and which one is the same device come back. */
#include <string.h>

#include "dfukit/host.h"

static bool shows(const dfukit_ids *ids, const dfukit_target *t)
{
    return (ids->vid == DFUKIT_ID_ANY || ids->vid == t->device.idVendor) &&
           (ids->pid == DFUKIT_ID_ANY || ids->pid == t->device.idProduct);
}

static bool ids_match(const dfukit_selector *s, const dfukit_target *t)
{
    if (!s->has_ids)
        return true;
    if (!s->has_dfu_ids)
        return shows(&s->ids, t); /* one pair: whatever the mode */
    return (t->mode != DFUKIT_MODE_DFU && shows(&s->ids, t)) ||
           (t->mode != DFUKIT_MODE_RUNTIME && shows(&s->dfu_ids, t));
}

bool dfukit_selector_matches(const dfukit_selector *s, const dfukit_target *t)
{
    if (!ids_match(s, t))
        return false;
    bool by_mode = s->has_dfu_serial && t->mode == DFUKIT_MODE_DFU;
    const char *serial = by_mode ? s->dfu_serial : s->serial;
    if (serial != NULL && (!t->has_serial || strcmp(serial, t->serial) != 0))
        return false;
    if (s->path != NULL && strcmp(s->path, t->path) != 0)
        return false;
    bool on_its_bus = s->devnum == (t->devnum & 0xFFFFu); /* carriers put the bus above it */
    if (s->has_devnum && s->devnum != t->devnum && !on_its_bus)
        return false;
    if (s->has_configuration && s->configuration != t->configuration)
        return false;
    return !s->has_interface || s->interface == t->interface;
}

static bool names_something(const dfukit_selector *s)
{
    return s->has_ids || s->serial != NULL || s->path != NULL || s->has_devnum ||
           s->has_interface || s->has_configuration || s->has_dfu_serial;
}

int dfukit_select(const dfukit_target *targets, size_t count, const dfukit_selector *s,
                  size_t *index)
{
    size_t found[2] = {0, 0}; /* devices that matter, and bystanders */
    size_t last[2] = {0, 0};
    for (size_t i = 0; i < count; i++) {
        if (!dfukit_selector_matches(s, &targets[i]))
            continue;
        unsigned kind = dfukit_target_is_bystander(&targets[i]) ? 1 : 0;
        found[kind]++;
        last[kind] = i;
    }
    unsigned kind = found[0] == 0 && names_something(s) ? 1 : 0;
    if (found[kind] == 0)
        return DFUKIT_ERR_NO_DEVICE;
    if (found[kind] > 1)
        return DFUKIT_ERR_AMBIGUOUS;
    *index = last[kind];
    return DFUKIT_OK;
}

static bool was_taken(const char *path, const dfukit_target *known, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(known[i].path, path) == 0)
            return true;
    }
    return false;
}

/* At another port only a serial number makes a newcomer the same device: without one, anything that
 * happens to be plugged in meanwhile would be taken for it, and overwritten. */
static bool resembles(const dfukit_target *t, const dfukit_target *before)
{
    return before->has_serial && t->has_serial && strcmp(t->serial, before->serial) == 0;
}

int dfukit_select_returned(const dfukit_target *now, size_t count, const dfukit_target *before,
                           const dfukit_target *known, size_t known_count, size_t *index)
{
    /* The physical port first: identity may change altogether on the way (DFU 1.1 §5.1). Of several
     * DFU functions of one device the one with the same interface number is preferred. */
    size_t at_port = count;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(now[i].path, before->path) == 0 &&
            (at_port == count || now[i].interface == before->interface))
            at_port = i;
    }
    if (at_port < count) {
        *index = at_port;
        return DFUKIT_OK;
    }
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (was_taken(now[i].path, known, known_count) || !resembles(&now[i], before))
            continue;
        found++;
        *index = i;
    }
    if (found > 1)
        return DFUKIT_ERR_AMBIGUOUS;
    return found == 1 ? DFUKIT_OK : DFUKIT_ERR_NO_DEVICE;
}
