/* SPDX-License-Identifier: MIT */
/* list [WHERE]: the DFU devices there are. WHERE is usb (what is left out) or usbip://HOST[:PORT].
 */
#include <inttypes.h>
#include <stdio.h>

#include <dfukit/session.h>
#include <dfukit/version.h>

static void show(const dfukit_target *t)
{
    printf("%04x:%04x  %-8s  %-8s  DFU %s  %s\n", t->device.idVendor, t->device.idProduct, t->path,
           dfukit_mode_name(t->mode), dfukit_target_version(t), t->has_product ? t->product : "-");
    if (t->access != DFUKIT_OK)
        printf("    cannot be opened: %s\n", dfukit_error_text(t->access));
    if (t->has_serial)
        printf("    serial number %s\n", t->serial);
    for (size_t i = 0; i < t->alt_count; i++) {
        dfukit_map map;
        printf("    alternate setting %u  %s\n", t->alts[i].number, t->alts[i].name);
        if (!dfukit_target_is_dfuse(t) || dfukit_target_map(t, i, &map) != DFUKIT_OK)
            continue;
        for (size_t k = 0; k < map.count; k++) /* a memory, span by span */
            printf("        0x%08" PRIx32 "  %" PRIu32 " * %" PRIu32 " bytes\n",
                   map.spans[k].address, map.spans[k].count, map.spans[k].size);
    }
}

int main(int argc, char **argv)
{
    dfukit_carrier carrier;
    dfukit_targets all = {0, NULL};

    if (argc > 2 || dfukit_version_check(DFUKIT_VERSION_NUMBER) != DFUKIT_OK) {
        fprintf(stderr, "usage: list [WHERE]  (dfukit %s)\n", dfukit_version());
        return 2;
    }
    int error = dfukit_carrier_open(&carrier, argc > 1 ? argv[1] : "usb");
    if (error != DFUKIT_OK) {
        fprintf(stderr, "list: %s\n", dfukit_error_text(error));
        return 1;
    }
    error = dfukit_list(&carrier, NULL, &all);
    if (error != DFUKIT_OK)
        fprintf(stderr, "list: %s: %s\n", dfukit_error_text(error),
                carrier.ops->complaint(carrier.self));
    for (size_t i = 0; i < all.count; i++)
        show(&all.list[i]);
    dfukit_targets_free(&all);
    dfukit_carrier_close(&carrier);
    return error == DFUKIT_OK ? 0 : 1;
}
