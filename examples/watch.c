/* SPDX-License-Identifier: MIT */
/* watch [WHERE]: say which DFU devices come and go, until it is interrupted. */
#include <stdio.h>
#include <string.h>

#include <dfukit/session.h>

typedef struct seen {
    char path[DFUKIT_PATH_SIZE];
    uint32_t devnum; /* another one each time a device attaches */
    bool is_dfu;
} seen;

static bool same(const seen *s, const dfukit_entry *e)
{
    return s->devnum == e->devnum && strcmp(s->path, e->path) == 0;
}

/* Only a newcomer is opened and asked for its strings; the others are left in peace. */
static seen arrived(dfukit_carrier *carrier, const dfukit_entry *e)
{
    dfukit_selector only = {.path = e->path, .has_devnum = true, .devnum = e->devnum};
    seen s = {.devnum = e->devnum};
    dfukit_targets found;

    memcpy(s.path, e->path, sizeof s.path);
    if (dfukit_list(carrier, &only, &found) != DFUKIT_OK)
        return s;
    for (size_t i = 0; i < found.count; i++) {
        const dfukit_target *t = &found.list[i];
        if (!dfukit_selector_matches(&only, t))
            continue;
        printf("+ %s  %04x:%04x  %s  %s\n", t->path, t->device.idVendor, t->device.idProduct,
               dfukit_mode_name(t->mode), t->has_product ? t->product : "-");
        s.is_dfu = true;
    }
    dfukit_targets_free(&found);
    return s;
}

/* Compare what is there with what was there. @return how many there are now. */
static size_t update(dfukit_carrier *carrier, const dfukit_listing *now, seen *known, size_t count)
{
    size_t kept = 0, i, k;
    for (k = 0; k < count; k++) {
        for (i = 0; i < now->count && !same(&known[k], &now->entries[i]); i++)
            ;
        if (i < now->count)
            known[kept++] = known[k];
        else if (known[k].is_dfu)
            printf("- %s\n", known[k].path);
    }
    for (i = 0; i < now->count && kept < 256; i++) {
        for (k = 0; k < kept && !same(&known[k], &now->entries[i]); k++)
            ;
        if (k == kept)
            known[kept++] = arrived(carrier, &now->entries[i]);
    }
    fflush(stdout);
    return kept;
}

int main(int argc, char **argv)
{
    static seen known[256];
    size_t count = 0;
    dfukit_carrier carrier;
    dfukit_listing now;
    int error = dfukit_carrier_open(&carrier, argc > 1 ? argv[1] : "usb");

    while (error == DFUKIT_OK && (error = carrier.ops->list(carrier.self, "", &now)) == DFUKIT_OK) {
        count = update(&carrier, &now, known, count);
        dfukit_listing_free(&now);
        carrier.ops->pump(carrier.self, 250); /* ends early when the bus has news */
    }
    fprintf(stderr, "watch: %s\n", dfukit_error_text(error));
    dfukit_carrier_close(&carrier);
    return 1;
}
