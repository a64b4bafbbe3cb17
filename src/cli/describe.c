/* SPDX-License-Identifier: MIT */
/* What a device is, in words and in JSON. */
#include "describe.h"

#include <string.h>

typedef struct bit_name {
    unsigned bit;
    const char *name;
} bit_name;

// clang-format off
static const bit_name attributes[] = {
    {DFUKIT_CAN_DNLOAD,             "download"},
    {DFUKIT_CAN_UPLOAD,             "upload"},
    {DFUKIT_MANIFESTATION_TOLERANT, "manifestation-tolerant"},
    {DFUKIT_WILL_DETACH,            "will-detach"},
    {DFUKIT_CAN_ACCELERATE,         "accelerate"},
    {0, NULL},
};

static const bit_name oddities[] = {
    {DFUKIT_ODD_NO_FUNCTIONAL,     "no functional descriptor"},
    {DFUKIT_ODD_TRANSFER_SIZE,     "an unusable wTransferSize"},
    {DFUKIT_ODD_FUNCTIONAL_LENGTH, "a functional descriptor of unknown length"},
    {DFUKIT_ODD_PROTOCOL,          "a bInterfaceProtocol that contradicts the mode"},
    {DFUKIT_ODD_VERSION,           "an unknown bcdDFUVersion"},
    {DFUKIT_ODD_LENGTHS,           "a descriptor that ends beyond the configuration"},
    {DFUKIT_ODD_ALTS,              "more alternate settings than are shown"},
    {0, NULL},
};
// clang-format on

static const char *words(const bit_name *names, unsigned bits, char *buffer)
{
    size_t n = 0;
    buffer[0] = '\0';
    for (; names->name != NULL; names++) {
        if ((bits & names->bit) == 0 || n >= DFUKIT_CLI_WORDS_SIZE)
            continue;
        int added = snprintf(buffer + n, DFUKIT_CLI_WORDS_SIZE - n, "%s%s", n != 0 ? ", " : "",
                             names->name);
        n += added > 0 ? (size_t)added : 0;
    }
    return buffer;
}

const char *dfukit_cli_id_text(const dfukit_device_descriptor *d, char buffer[10])
{
    snprintf(buffer, 10, "%04x:%04x", (unsigned)d->idVendor, (unsigned)d->idProduct);
    return buffer;
}

bool dfukit_cli_has_ids(const dfukit_target *t)
{
    return t->alt_count != 0 || t->device.idVendor != 0 || t->device.idProduct != 0;
}

const char *dfukit_cli_attributes(unsigned bmAttributes, char buffer[DFUKIT_CLI_WORDS_SIZE])
{
    return words(attributes, bmAttributes, buffer);
}

const char *dfukit_cli_oddities(unsigned bits, char buffer[DFUKIT_CLI_WORDS_SIZE])
{
    return words(oddities, bits, buffer);
}

const char *dfukit_cli_product(const dfukit_target *t)
{
    if (t->has_product && t->product[0] != '\0')
        return t->product;
    if (t->alt_count == 0)
        return "(its descriptors could not be read)";
    if (t->has_manufacturer && t->manufacturer[0] != '\0')
        return t->manufacturer;
    return "(no name)";
}

static const char *known(bool has, const char *text)
{
    return has ? text : NULL;
}

static void hex4(dfukit_cli_json *j, const char *key, unsigned value)
{
    char text[8];
    snprintf(text, sizeof text, "%04x", value & 0xFFFFu);
    dfukit_cli_json_text(j, key, text);
}

static void alternates(dfukit_cli_json *j, const dfukit_target *t)
{
    dfukit_cli_json_array(j, "alts");
    for (size_t i = 0; i < t->alt_count; i++) {
        dfukit_cli_json_object(j, NULL);
        dfukit_cli_json_number(j, "alt", t->alts[i].number);
        dfukit_cli_json_text(j, "name", known(t->alts[i].name[0] != '\0', t->alts[i].name));
        dfukit_cli_json_end(j);
    }
    dfukit_cli_json_end(j);
}

static void functional(dfukit_cli_json *j, const dfukit_target *t)
{
    if ((t->oddities & DFUKIT_ODD_NO_FUNCTIONAL) != 0) {
        dfukit_cli_json_null(j, "dfu_version");
        dfukit_cli_json_null(j, "transfer_size");
        dfukit_cli_json_null(j, "attributes");
        return;
    }
    dfukit_cli_json_text(j, "dfu_version", dfukit_target_version(t));
    dfukit_cli_json_number(j, "transfer_size", t->transfer_size);
    dfukit_cli_json_array(j, "attributes");
    for (const bit_name *a = attributes; a->name != NULL; a++) {
        if ((t->functional.bmAttributes & a->bit) != 0)
            dfukit_cli_json_text(j, NULL, a->name);
    }
    dfukit_cli_json_end(j);
}

void dfukit_cli_target_json(dfukit_cli_json *j, const dfukit_target *t)
{
    if (dfukit_cli_has_ids(t)) {
        hex4(j, "vid", t->device.idVendor);
        hex4(j, "pid", t->device.idProduct);
        hex4(j, "bcd_device", t->device.bcdDevice);
    } else {
        dfukit_cli_json_null(j, "vid");
        dfukit_cli_json_null(j, "pid");
        dfukit_cli_json_null(j, "bcd_device");
    }
    dfukit_cli_json_text(j, "mode",
                         known(t->mode != DFUKIT_MODE_UNKNOWN, dfukit_mode_name(t->mode)));
    dfukit_cli_json_text(j, "serial", known(t->has_serial, t->serial));
    dfukit_cli_json_text(j, "path", t->path);
    dfukit_cli_json_number(j, "devnum", t->devnum);
    if (t->alt_count != 0)
        dfukit_cli_json_number(j, "interface", t->interface);
    else
        dfukit_cli_json_null(j, "interface");
    alternates(j, t);
    functional(j, t);
    dfukit_cli_json_text(j, "manufacturer", known(t->has_manufacturer, t->manufacturer));
    dfukit_cli_json_text(j, "product", known(t->has_product, t->product));
    dfukit_cli_json_text(j, "access", t->access != DFUKIT_OK ? dfukit_error_name(t->access) : NULL);
}

const char *dfukit_cli_access_remedy(int error, const dfukit_device_descriptor *d, bool usb,
                                     char *buffer, size_t room)
{
    buffer[0] = '\0';
    if (!usb)
        return buffer;
    if (error == DFUKIT_ERR_ACCESS)
        snprintf(buffer, room,
                 "put this line into /etc/udev/rules.d/70-dfu.rules, run\n"
                 "`udevadm control --reload` as root, and plug the device in again:\n"
                 "SUBSYSTEM==\"usb\", ATTR{idVendor}==\"%04x\", ATTR{idProduct}==\"%04x\", "
                 "TAG+=\"uaccess\"",
                 (unsigned)d->idVendor, (unsigned)d->idProduct);
    else if (error == DFUKIT_ERR_BUSY)
        snprintf(buffer, room, "end the program that uses the device, then repeat");
    return buffer;
}
