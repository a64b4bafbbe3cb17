/* SPDX-License-Identifier: MIT */
/* The table of options, from which both the parser and the help are made. */
#include "args.h"

#include <string.h>

#include "image_options.h"
#include "number.h"

static const char *set_json(dfukit_cli_args *a, const char *value)
{
    (void)value;
    a->json = true;
    return NULL;
}

static const char *set_quiet(dfukit_cli_args *a, const char *value)
{
    (void)value;
    a->quiet = true;
    return NULL;
}

static const char *set_verbose(dfukit_cli_args *a, const char *value)
{
    (void)value;
    a->verbose = true;
    return NULL;
}

static const char *set_help(dfukit_cli_args *a, const char *value)
{
    (void)value;
    a->help = true;
    return NULL;
}

static const char *set_trace(dfukit_cli_args *a, const char *value)
{
    a->trace = value;
    return *value != '\0' ? NULL : "wants a file";
}

static const char *set_replay(dfukit_cli_args *a, const char *value)
{
    a->replay = value;
    return *value != '\0' ? NULL : "wants a trace";
}

static const char *set_version(dfukit_cli_args *a, const char *value)
{
    (void)value;
    a->version = true;
    return NULL;
}

static const char *set_force(dfukit_cli_args *a, const char *value)
{
    (void)value;
    a->force = true;
    return NULL;
}

static const char *set_dry_run(dfukit_cli_args *a, const char *value)
{
    (void)value;
    a->dry_run = true;
    return NULL;
}

static const char *set_list(dfukit_cli_args *a, const char *value)
{
    (void)value;
    a->list = true;
    return NULL;
}

int dfukit_cli_word(const char *value, const char *const *words)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(value, words[i]) == 0)
            return i;
    }
    return -1;
}

static const char *set_color(dfukit_cli_args *a, const char *value)
{
    int i = dfukit_cli_word(value, (const char *const[]){"auto", "always", "never", NULL});
    if (i < 0)
        return "wants auto, always or never";
    a->color = (dfukit_cli_color)i;
    return NULL;
}

static const char *set_device(dfukit_cli_args *a, const char *value)
{
    return dfukit_cli_ids(value, &a->selector)
               ? NULL
               : "wants VID:PID[,VID:PID] in hexadecimal, e.g. 1209:70b1 or 1209:*";
}

static const char *set_serial(dfukit_cli_args *a, const char *value)
{
    if (*value == '\0')
        return "wants a serial number";
    a->selector.serial = value;
    a->serial = value;
    return NULL;
}

static const char *set_path(dfukit_cli_args *a, const char *value)
{
    if (*value == '\0')
        return "wants BUS-PORT[.PORT...], e.g. 1-4.2";
    a->selector.path = value;
    return NULL;
}

static const char *set_devnum(dfukit_cli_args *a, const char *value)
{
    uint64_t n;
    if (!dfukit_cli_number(value, UINT32_MAX, &n))
        return "wants a device number";
    a->selector.has_devnum = true;
    a->selector.devnum = (uint32_t)n;
    return NULL;
}

static const char *set_interface(dfukit_cli_args *a, const char *value)
{
    uint64_t n;
    if (!dfukit_cli_number(value, UINT8_MAX, &n))
        return "wants an interface number, 0 to 255";
    a->selector.has_interface = true;
    a->selector.interface = (uint8_t)n;
    return NULL;
}

static const char *set_alt(dfukit_cli_args *a, const char *value)
{
    uint64_t n;
    if (*value == '\0')
        return "wants the number or the name of an alternate setting";
    bool number = dfukit_cli_number(value, UINT64_MAX, &n);
    if (number && n > UINT8_MAX)
        return "wants a number of at most 255, or a name";
    a->has_alt = true;
    a->alt = number ? (uint8_t)n : 0;
    a->alt_name = number ? NULL : value;
    return NULL;
}

static const char *set_wait(dfukit_cli_args *a, const char *value)
{
    a->wait = true;
    a->wait_bounded = value != NULL;
    if (value != NULL && !dfukit_cli_seconds(value, &a->wait_ms))
        return "wants seconds, e.g. --wait=10";
    return NULL;
}

static const char *set_on(dfukit_cli_args *a, const char *value)
{
    return dfukit_cli_place_parse(value, &a->place, a->complaint) ? NULL : a->complaint;
}

static const char *set_at(dfukit_cli_args *a, const char *value)
{
    uint64_t n;
    if (!dfukit_cli_number(value, UINT32_MAX, &n))
        return "wants an address, e.g. 0x08000000";
    a->has_at = true;
    a->at = (uint32_t)n;
    return NULL;
}

static const char *set_size(dfukit_cli_args *a, const char *value)
{
    uint64_t n;
    if (!dfukit_cli_number(value, UINT32_MAX, &n) || n == 0)
        return "wants a number of bytes, e.g. 0x4000 or 16k";
    a->has_size = true;
    a->size = (uint32_t)n;
    return NULL;
}

static const char *set_all(dfukit_cli_args *a, const char *value)
{
    (void)value;
    a->all = true;
    return NULL;
}

static const char *set_erase(dfukit_cli_args *a, const char *value)
{
    int i = dfukit_cli_word(value, (const char *const[]){"pages", "all", "none", NULL});
    if (i < 0)
        return "wants pages, all or none";
    a->erase = (dfukit_erase)i;
    return NULL;
}

static const char *set_like(dfukit_cli_args *a, const char *value)
{
    a->like = value;
    return *value != '\0' ? NULL : "wants a firmware file";
}

static const char *set_range(dfukit_cli_args *a, const char *value)
{
    if (!dfukit_cli_range(value, &a->range))
        return "wants FROM:TO, FROM below TO, e.g. 0:0x80000";
    a->has_range = true;
    return NULL;
}

static const char *set_verify(dfukit_cli_args *a, const char *value)
{
    int i = dfukit_cli_word(value, (const char *const[]){"auto", "always", "never", NULL});
    if (i < 0)
        return "wants auto, always or never";
    a->verify = (dfukit_verify)i;
    return NULL;
}

static const char *set_then(dfukit_cli_args *a, const char *value)
{
    int i = dfukit_cli_word(value, (const char *const[]){"leave", "reset", "stay", NULL});
    if (i < 0)
        return "wants leave, reset or stay";
    a->then = (dfukit_then)i;
    return NULL;
}

static const char *set_transfer_size(dfukit_cli_args *a, const char *value)
{
    uint64_t n;
    if (!dfukit_cli_number(value, UINT16_MAX, &n) || n == 0)
        return "wants a number of bytes, 1 to 65535";
    a->transfer_size = (uint32_t)n;
    return NULL;
}

static const char *set_timeout(dfukit_cli_args *a, const char *value)
{
    if (!dfukit_cli_seconds(value, &a->timeout_ms) || a->timeout_ms == 0)
        return "wants seconds, more than 0";
    return NULL;
}

static const char *set_listen(dfukit_cli_args *a, const char *value)
{
    a->listen = value;
    return *value != '\0' ? NULL : "wants ADDR:PORT, e.g. 127.0.0.1:3240";
}

static const char *set_count(dfukit_cli_args *a, const char *value)
{
    uint64_t n;
    if (!dfukit_cli_number(value, 64, &n) || n == 0)
        return "wants a number, 1 to 64";
    a->count = (uint32_t)n;
    return NULL;
}

static const char *set_timing(dfukit_cli_args *a, const char *value)
{
    bool real;
    if (!dfukit_cli_timing(value, &real))
        return "wants real or fast";
    a->fast = !real;
    return NULL;
}

static const char *set_fault(dfukit_cli_args *a, const char *value)
{
    if (a->fault_count == DFUKIT_FAULTS_MAX)
        return "stands there too often";
    return dfukit_cli_fault(value, &a->faults[a->fault_count++], a->complaint) ? NULL
                                                                               : a->complaint;
}

static const char *set_flash(dfukit_cli_args *a, const char *value)
{
    a->flash = value;
    return *value != '\0' ? NULL : "wants a file";
}

// clang-format off
#define JOBS    (DFUKIT_CLI_INFO | DFUKIT_CLI_DETACH | DFUKIT_CLI_WRITE | DFUKIT_CLI_READ | \
                 DFUKIT_CLI_VERIFY | DFUKIT_CLI_LEAVE | DFUKIT_CLI_ERASE | DFUKIT_CLI_UNLOCK)
#define DEVICES (DFUKIT_CLI_LIST | JOBS)
#define DATA    (DFUKIT_CLI_WRITE | DFUKIT_CLI_READ | DFUKIT_CLI_VERIFY)
#define MEMORY  (DATA | DFUKIT_CLI_ERASE)
#define ERASES  (DFUKIT_CLI_WRITE | DFUKIT_CLI_ERASE)
#define SUFFIXES (DFUKIT_CLI_SUFFIX_ADD | DFUKIT_CLI_SUFFIX_CHECK | DFUKIT_CLI_SUFFIX_STRIP)
#define PREFIXES (DFUKIT_CLI_PREFIX_ADD | DFUKIT_CLI_PREFIX_CHECK | DFUKIT_CLI_PREFIX_STRIP)
#define MAKES_DFU (DFUKIT_CLI_IMAGE_CONVERT | DFUKIT_CLI_SUFFIX_ADD | DFUKIT_CLI_IMAGE_PACK)
#define FILES   (DFUKIT_CLI_WRITE | DFUKIT_CLI_VERIFY)

const dfukit_cli_option dfukit_cli_options[] = {
    {DFUKIT_CLI_OWN, FILES, "at", '\0', "ADDR",
     "the file's first byte has this address; of a file\nwith addresses, begin there",
     set_at},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_READ | DFUKIT_CLI_ERASE, "at", '\0', "ADDR",
     "begin at this address (DfuSe)", set_at},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_LEAVE, "at", '\0', "ADDR",
     "start the firmware at this address (DfuSe)", set_at},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_READ | DFUKIT_CLI_ERASE, "size", '\0', "N",
     "so many bytes", set_size},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_READ, "like", '\0', "FILE",
     "just the addresses, and alternate settings, that\nthis firmware file covers", set_like},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_ERASE, "all", '\0', NULL,
     "the whole memory, by the device's mass erase", set_all},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_WRITE, "erase", '\0', "pages|all|none",
     "before writing to a DfuSe device: the pages that\nare written to (pages), everything (all), or\n"
     "nothing", set_erase},
    {DFUKIT_CLI_OWN, FILES, "range", '\0', "FROM:TO",
     "only the file's addresses from FROM up to,\nbut without, TO", set_range},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_WRITE, "verify", '\0', "auto|always|never",
     "read back and compare: when the device stays in\nDFU mode after writing (auto), even if it has\n"
     "to be detached again (always), or not", set_verify},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_WRITE, "then", '\0', "leave|reset|stay",
     "afterwards: back to its firmware (leave), by a\nbus reset (reset), or keep it in DFU mode "
     "(stay)", set_then},
    {DFUKIT_CLI_OWN, DATA, "transfer-size", '\0', "N",
     "bytes in one block, instead of the device's\nwTransferSize", set_transfer_size},
    {DFUKIT_CLI_OWN, JOBS, "timeout", '\0', "SECONDS",
     "for the whole operation (120)", set_timeout},
    {DFUKIT_CLI_OWN, ERASES, "dry-run", '\0', NULL,
     "show what would be done; send nothing that\nchanges the device", set_dry_run},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_WRITE, "force", '\0', NULL,
     "go on although the file names another device; one\nof the two keys to what cannot be undone",
     set_force},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_VERIFY, "force", '\0', NULL,
     "go on although the file names another device", set_force},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_UNLOCK, "force", '\0', NULL,
     "yes: erase everything", set_force},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_ERASE, "force", '\0', NULL,
     "erase option bytes too, where -a names them", set_force},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_READ, "force", '\0', NULL,
     "replace an existing file", set_force},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_TRACED, "force", '\0', NULL,
     "replace an existing --trace file", set_force},

    {DFUKIT_CLI_OWN, DFUKIT_CLI_IMAGE_CONVERT, "at", '\0', "ADDR",
     "the address of a raw file's first byte", set_at},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_PREFIX_ADD, "at", '\0', "ADDR",
     "Stellaris: where the loader puts the payload, a\nmultiple of 1024", set_at},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_IMAGE_CONVERT, "range", '\0', "FROM:TO",
     "only the addresses from FROM up to, but\nwithout, TO", set_range},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_IMAGE_CONVERT, "alt", 'a', "N|NAME",
     "of a DfuSe file, this alternate setting only; to\na DfuSe file, for this one (0)", set_alt},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_IMAGE_CONVERT, "family", '\0', "ID",
     "to UF2: the family of devices it is for", dfukit_cli_set_family},
    {DFUKIT_CLI_OWN, PREFIXES, "type", '\0', "stellaris|lpc",
     "whose prefix", dfukit_cli_set_type},
    {DFUKIT_CLI_OWN, MAKES_DFU, "vid", '\0', "ID",
     "vendor ID for the DFU suffix, in hexadecimal\n(any)", dfukit_cli_set_vid},
    {DFUKIT_CLI_OWN, MAKES_DFU, "pid", '\0', "ID",
     "product ID for the DFU suffix, in\nhexadecimal (any)", dfukit_cli_set_pid},
    {DFUKIT_CLI_OWN, MAKES_DFU, "did", '\0', "ID",
     "device release for the DFU suffix, in\nhexadecimal (any)", dfukit_cli_set_did},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_SUFFIX_ADD, "spec", '\0', "0100|0110|011a",
     "what the suffix says of the file: DFU 1.0\n(0100), 1.1 (0110), DfuSe (011a)", dfukit_cli_set_spec},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_IMAGE_CONVERT, "spec", '\0', "0100|0110|011a",
     "to .dfu: raw with a suffix that says DFU 1.0\n(0100) or 1.1 (0110), or DfuSe (011a)", dfukit_cli_set_spec},
    {DFUKIT_CLI_OWN, MAKES_DFU | SUFFIXES | PREFIXES | DFUKIT_CLI_IMAGE_UNPACK, "force", '\0', NULL,
     "replace what is there: an existing file, suffix\nor prefix", set_force},

    {DFUKIT_CLI_OWN, DFUKIT_CLI_VIRTUAL, "list", '\0', NULL,
     "name the devices there are", set_list},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_VIRTUAL, "listen", '\0', "ADDR:PORT",
     "where to serve (127.0.0.1:3240); port 0: any\nfree one", set_listen},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_VIRTUAL, "count", '\0', "N",
     "so many of each", set_count},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_VIRTUAL, "timing", '\0', "real|fast",
     "erases and programs take their time (real), or\nnone (fast)", set_timing},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_VIRTUAL, "fault", '\0', "NAME[=ARG]",
     "misbehave; may be repeated", set_fault},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_VIRTUAL, "flash", '\0', "FILE",
     "keep the flash in FILE (FILE.1, FILE.2 ... with\nseveral devices)", set_flash},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_VIRTUAL, "serial", 'S', "TEXT",
     "its serial number; several devices get TEXT-1,\nTEXT-2 ...", set_serial},
    {DFUKIT_CLI_OWN, DFUKIT_CLI_VIRTUAL, "replay", '\0', "FILE",
     "instead of a persona: the device in a trace;\ntells where a host departs from it", set_replay},

    {DFUKIT_CLI_SELECTING, DEVICES, "device", 'd', "VID:PID[,VID:PID]",
     "by its IDs: those it shows now, or its run-time\nIDs and those in DFU mode; `*` is any",
     set_device},
    {DFUKIT_CLI_SELECTING, DEVICES, "serial", 'S', "TEXT",
     "by its serial number", set_serial},
    {DFUKIT_CLI_SELECTING, DEVICES, "path", 'p', "BUS-PORT[.PORT...]",
     "by where it is plugged in", set_path},
    {DFUKIT_CLI_SELECTING, DEVICES, "devnum", 'n', "N",
     "by its device number", set_devnum},
    {DFUKIT_CLI_SELECTING, DEVICES, "interface", 'i', "N",
     "by the number of its DFU interface", set_interface},
    {DFUKIT_CLI_SELECTING, MEMORY, "alt", 'a', "N|NAME",
     "which memory: an alternate setting, by its\nnumber or its name (\"Internal Flash\")", set_alt},
    {DFUKIT_CLI_SELECTING, JOBS, "wait", 'w', "[=SECONDS]",
     "wait until it is there, for SECONDS at most", set_wait},
    {DFUKIT_CLI_SELECTING, DEVICES, "on", '\0', "WHERE",
     "usb (this computer's own),\nusbip://HOST[:PORT][/BUSID],\nvirtual:PERSONA[,timing=real|fast]\n"
     "[,fault=NAME[=ARG]][,serial=TEXT], or\nvirtual:replay=TRACE", set_on},

    {DFUKIT_CLI_GLOBAL, DFUKIT_CLI_EVERY, "json", '\0', NULL,
     "one JSON object a line on standard output", set_json},
    {DFUKIT_CLI_GLOBAL, DFUKIT_CLI_EVERY, "quiet", 'q', NULL,
     "no progress, only results and errors", set_quiet},
    {DFUKIT_CLI_GLOBAL, DFUKIT_CLI_EVERY, "verbose", 'v', NULL,
     "say more", set_verbose},
    {DFUKIT_CLI_GLOBAL, DEVICES, "trace", '\0', "FILE",
     "record the conversation with the device in FILE,\nfirmware included", set_trace},
    {DFUKIT_CLI_GLOBAL, DFUKIT_CLI_EVERY, "color", '\0', "auto|always|never",
     "colours; auto: on a terminal, unless NO_COLOR is\nset", set_color},
    {DFUKIT_CLI_GLOBAL, DFUKIT_CLI_EVERY, "help", 'h', NULL,
     "this text", set_help},
    {DFUKIT_CLI_GLOBAL, DFUKIT_CLI_EVERY, "version", '\0', NULL,
     "the version", set_version},
    {DFUKIT_CLI_OWN, 0, NULL, '\0', NULL, NULL, NULL},
};
// clang-format on
