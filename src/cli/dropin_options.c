/* SPDX-License-Identifier: MIT */
/* The options of dfu-util: the table from which both the parser and the help are made. */
#include "dropin_util.h"

#define LEAST_RETURN_MS 1000u /* no bus enumerates a device much faster */

static const char *set_help(void *self, const char *value)
{
    (void)value;
    ((dfukit_dropin_line *)self)->mode = DFUKIT_DROPIN_HELP;
    return NULL;
}

static const char *set_version(void *self, const char *value)
{
    (void)value;
    ((dfukit_dropin_line *)self)->mode = DFUKIT_DROPIN_VERSION;
    return NULL;
}

static const char *set_verbose(void *self, const char *value)
{
    (void)value;
    ((dfukit_dropin_line *)self)->args.verbose = true;
    return NULL;
}

static const char *set_list(void *self, const char *value)
{
    (void)value;
    ((dfukit_dropin_line *)self)->mode = DFUKIT_DROPIN_LIST;
    return NULL;
}

static const char *set_detach(void *self, const char *value)
{
    (void)value;
    ((dfukit_dropin_line *)self)->mode = DFUKIT_DROPIN_DETACH;
    return NULL;
}

/* A whole number and nothing behind it. */
static bool whole(const char *value, uint64_t max, uint64_t *out)
{
    const char *end = dfukit_dropin_number(value, max, out);
    return end != NULL && *end == '\0';
}

static const char *set_detach_delay(void *self, const char *value)
{
    uint64_t n;
    if (!whole(value, 86400, &n))
        return "wants seconds";
    uint32_t ms = (uint32_t)n * 1000u;
    ((dfukit_dropin_line *)self)->return_ms = ms > LEAST_RETURN_MS ? ms : LEAST_RETURN_MS;
    return NULL;
}

static const char *set_device(void *self, const char *value)
{
    return dfukit_dropin_ids(value, &((dfukit_dropin_line *)self)->args.selector);
}

static const char *set_path(void *self, const char *value)
{
    ((dfukit_dropin_line *)self)->args.selector.path = value;
    return *value != '\0' ? NULL : "wants BUS-PORT[.PORT...]";
}

static const char *set_configuration(void *self, const char *value)
{
    dfukit_selector *s = &((dfukit_dropin_line *)self)->args.selector;
    uint64_t n;
    if (!whole(value, UINT8_MAX, &n))
        return "wants the number of a configuration, 0 for any";
    s->has_configuration = n != 0;
    s->configuration = (uint8_t)n;
    return NULL;
}

static const char *set_interface(void *self, const char *value)
{
    dfukit_selector *s = &((dfukit_dropin_line *)self)->args.selector;
    uint64_t n;
    if (!whole(value, UINT8_MAX, &n))
        return "wants the number of an interface";
    s->has_interface = true;
    s->interface = (uint8_t)n;
    return NULL;
}

static const char *set_alt(void *self, const char *value)
{
    dfukit_cli_args *a = &((dfukit_dropin_line *)self)->args;
    uint64_t n = 0;
    bool number = whole(value, UINT64_MAX, &n);
    if (*value == '\0' || (number && n > UINT8_MAX))
        return "wants the number, 0 to 255, or the name of an alternate setting";
    a->has_alt = true;
    a->alt = number ? (uint8_t)n : 0;
    a->alt_name = number ? NULL : value;
    return NULL;
}

static const char *set_serial(void *self, const char *value)
{
    return dfukit_dropin_serial(value, self);
}

static const char *set_transfer_size(void *self, const char *value)
{
    uint64_t n;
    if (!whole(value, UINT16_MAX, &n) || n == 0)
        return "wants a number of bytes, 1 to 65535";
    ((dfukit_dropin_line *)self)->args.transfer_size = (uint32_t)n;
    return NULL;
}

static const char *set_upload(void *self, const char *value)
{
    dfukit_dropin_line *line = self;
    line->mode = DFUKIT_DROPIN_UPLOAD;
    line->file = value;
    return *value != '\0' ? NULL : "wants a file";
}

static const char *set_upload_size(void *self, const char *value)
{
    dfukit_dropin_line *line = self;
    line->has_expected = whole(value, UINT32_MAX, &line->expected);
    return line->has_expected ? NULL : "wants a number of bytes";
}

static const char *set_download(void *self, const char *value)
{
    dfukit_dropin_line *line = self;
    line->mode = DFUKIT_DROPIN_DOWNLOAD;
    line->file = value;
    return *value != '\0' ? NULL : "wants a file";
}

static const char *set_reset(void *self, const char *value)
{
    (void)value;
    ((dfukit_dropin_line *)self)->reset = true;
    return NULL;
}

static const char *set_dfuse(void *self, const char *value)
{
    return dfukit_dropin_dfuse_options(value, &((dfukit_dropin_line *)self)->dfuse);
}

static const char *set_wait(void *self, const char *value)
{
    (void)value;
    ((dfukit_dropin_line *)self)->args.wait = true;
    return NULL;
}

static const char *set_devnum(void *self, const char *value)
{
    dfukit_selector *s = &((dfukit_dropin_line *)self)->args.selector;
    uint64_t n;
    if (!whole(value, UINT32_MAX, &n))
        return "wants a device number";
    s->has_devnum = true;
    s->devnum = (uint32_t)n;
    return NULL;
}

// clang-format off
const dfukit_dropin_option dfukit_dropin_util_options[] = {
    {'h', "help", NULL, "this text", set_help},
    {'V', "version", NULL, "the version", set_version},
    {'v', "verbose", NULL, "say more", set_verbose},
    {'l', "list", NULL, "one line for each alternate setting of each\ndevice", set_list},
    {'e', "detach", NULL, "from the firmware into DFU mode; from DFU mode\nback to the firmware",
     set_detach},
    {'E', "detach-delay", "SECONDS", "how long a device may be away when it changes\n"
     "into DFU mode: a limit, not a pause", set_detach_delay},
    {'d', "device", "VID:PID[,VID:PID]", "by its IDs: those it shows now, or its run-time\n"
     "IDs and those in DFU mode; `*` is any, `-` none", set_device},
    {'p', "path", "BUS-PORT[.PORT...]", "by where it is plugged in", set_path},
    {'c', "configuration", "N", "by its configuration", set_configuration},
    {'c', "cfg", "N", NULL, set_configuration},
    {'i', "interface", "N", "by the number of its DFU interface", set_interface},
    {'i', "intf", "N", NULL, set_interface},
    {'a', "alt", "N|NAME", "which alternate setting", set_alt},
    {'a', "altsetting", "N|NAME", NULL, set_alt},
    {'S', "serial", "TEXT[,TEXT]", "by its serial number, in run-time and in DFU\nmode",
     set_serial},
    {'n', "devnum", "N", "by its device number", set_devnum},
    {'t', "transfer-size", "BYTES", "bytes in one block, instead of the device's own",
     set_transfer_size},
    {'U', "upload", "FILE", "read the device into a file that does not exist\nyet", set_upload},
    {'Z', "upload-size", "BYTES", "how much -U is expected to bring", set_upload_size},
    {'D', "download", "FILE", "write a file to the device; `-`: standard input",
     set_download},
    {'R', "reset", NULL, "afterwards, back to the firmware by a bus reset", set_reset},
    {'s', "dfuse-address", "[ADDRESS][:MODIFIER...]", "DfuSe: where a raw file goes, or what is\n"
     "read. Modifiers: LENGTH (to be read), leave,\nmass-erase, unprotect, will-reset, force.\n"
     "Alone: do just what they say", set_dfuse},
    {'w', "wait", NULL, "wait until the device is there", set_wait},
    {'\0', NULL, NULL, NULL, NULL},
};
// clang-format on
