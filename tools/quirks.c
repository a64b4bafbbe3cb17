/* SPDX-License-Identifier: MIT */
/**
 * Prints docs/QUIRKS.md from the quirk table as it is compiled into the host room, and from the
 * list below of what the code tolerates from every device. With --places it prints that list's
 * files and functions, for a test to look them up.
 */
#include <stdio.h>
#include <string.h>

#include "dfukit/host.h"

/* ---- What any device may do ---- */

static const struct {
    const char *what, *done, *file, *function;
} generic[] = {
    {"functional descriptor of 7 bytes", "DFU 1.0", "src/protocol/descriptors.c",
     "dfukit_functional_decode"},
    {"no functional descriptor", "DFU 1.0, blocks of bMaxPacketSize0; a run-time function keeps it",
     "src/host/inspect.c", "dfukit_target_inspect"},
    {"functional descriptor at configuration level, or behind any alternate setting",
     "the first that can be read counts", "src/host/inspect.c", "collect"},
    {"functional descriptor of another length", "read as far as it goes, noted",
     "src/host/inspect.c", "take_functional"},
    {"bcdDFUVersion 1a.01", "1.1a with its bytes swapped", "src/host/inspect.c",
     "dfukit_target_is_dfuse"},
    {"bcdDFUVersion 01.01", "1.1", "src/host/inspect.c", "is_11"},
    {"bcdDFUVersion 1.1a with bInterfaceProtocol 0 (DSO Nano)", "DFU mode", "src/host/inspect.c",
     "settle_mode"},
    {"bInterfaceProtocol 0 otherwise",
     "GETSTATE tells the mode; failing that, one interface means DFU mode", "src/session/list.c",
     "ask_mode"},
    {"wTransferSize 0 or 0xFFFF", "bMaxPacketSize0, or what the system can carry",
     "src/host/inspect.c", "settle_transfer_size"},
    {"wDetachTimeOut 0xFF00 or 0xFFFF (bytes swapped, or no idea)", "capped",
     "src/host/reconfigure.c", "dfukit_prepare_detach"},
    {"string descriptor shorter than its bLength (STM32F427)", "what came is the text",
     "src/protocol/text.c", "dfukit_string_decode"},
    {"strings that command the terminal", "such bytes become '?'", "src/protocol/text.c",
     "dfukit_text_sanitise"},
    {"run-time function without download and upload (cameras, Bluetooth)",
     "a bystander: never in the way of a choice", "src/host/inspect.c",
     "dfukit_target_is_bystander"},
    {"a poll time of 0, or one that stays in dfuDNLOAD-IDLE", "kept to, before the next GETSTATUS",
     "src/host/download.c", "owed_ms"},
    {"gone after the end of the download, or on the bus reset", "success, not seen",
     "src/host/leave.c", "DFUKIT_ERR_GONE"},
    {"other IDs, another serial number in DFU mode", "found again by its port", "src/host/select.c",
     "dfukit_select_returned"},
    {"the same serial number in several devices", "told apart by their ports", "src/host/select.c",
     "dfukit_select_returned"},
    {"dfuERROR, dfuUPLOAD-IDLE or dfuDNLOAD-IDLE when it is found",
     "CLRSTATUS or ABORT, then as usual", "src/host/idle.c", "dfukit_host_make_idle"},
};

/* ---- What an effect is ---- */

static const char *const effects[DFUKIT_QUIRK_EFFECT_COUNT] = {
    [DFUKIT_QUIRK_NONE] = "nothing: known, and right without a quirk",
    [DFUKIT_QUIRK_POLL] = "bwPollTimeout is bogus: so many milliseconds instead",
    [DFUKIT_QUIRK_VERSION] = "bcdDFUVersion is this, whatever it says",
    [DFUKIT_QUIRK_DFU_MODE] =
        "in DFU mode, whatever bInterfaceProtocol says; with 1: where that is 0 and there is one "
        "interface only",
    [DFUKIT_QUIRK_NOT_DFU] = "no device for DFU: a bystander that is never written to",
    [DFUKIT_QUIRK_SAME_IDS] = "same IDs in both modes: only the mode tells that it has changed",
    [DFUKIT_QUIRK_NO_UPLOAD] = "bitCanUpload is a lie",
    [DFUKIT_QUIRK_TEXT_8BIT] = "the serial number's descriptor holds bytes, not UTF-16",
    [DFUKIT_QUIRK_MAP_FROM_SERIAL] =
        "wrong memory map: the third character of the serial number tells the size",
    [DFUKIT_QUIRK_MAP_TYPE_E] = "\"@Device Feature\" can be read and written, not erased",
    [DFUKIT_QUIRK_LEAVE_MUTE] = "leaves on the empty DNLOAD: no answer to GETSTATUS is needed",
    [DFUKIT_QUIRK_DETACH_TO_LEAVE] = "wants DETACH to go back to run-time mode",
    [DFUKIT_QUIRK_NO_RESET] = "must not be reset to leave",
    [DFUKIT_QUIRK_NEEDS_RESET] = "stays in dfuMANIFEST-WAIT-RESET until the bus is reset",
    [DFUKIT_QUIRK_RESET_PAUSE] = "wants so many milliseconds before it is reset",
    [DFUKIT_QUIRK_RETURN] = "may be away for so many milliseconds",
    [DFUKIT_QUIRK_MANIFEST_POLL] = "so many milliseconds between polls in manifestation at least",
    [DFUKIT_QUIRK_ZERO_POLLS] = "so many BUSY answers with poll time 0 in a row: it has hung",
    [DFUKIT_QUIRK_MASS_ERASE] = "a mass erase may take so many milliseconds",
    [DFUKIT_QUIRK_TRANSFER_MS] = "one control transfer may take so many milliseconds",
    [DFUKIT_QUIRK_ERASE_STALLS] = "GETSTATUS may be stalled so many times while it erases",
    [DFUKIT_QUIRK_BUSY_WEDGE] = "hangs in dfuDNBUSY past its time: CLRSTATUS frees it",
    [DFUKIT_QUIRK_STRICT_CLRSTATUS] = "stalls CLRSTATUS outside dfuERROR: harmless",
    [DFUKIT_QUIRK_UPLOAD_BEFORE_LEAVE] = "wants one UPLOAD before it is reset",
    [DFUKIT_QUIRK_ERASED_ZERO] = "erased memory reads 0x00",
    [DFUKIT_QUIRK_ENCRYPTED] = "takes files with its vendor's prefix or encryption only",
};

static size_t rows_of(unsigned effect)
{
    size_t count = 0;
    const dfukit_quirk *q;
    for (size_t n = 0; (q = dfukit_quirk_at(n)) != NULL; n++)
        count += q->effect == effect;
    return count;
}

static void print_effects(void)
{
    puts("## Effects\n\n| effect | what it changes | rows |\n| --- | --- | ---: |");
    for (unsigned e = 0; e < DFUKIT_QUIRK_EFFECT_COUNT; e++)
        printf("| `%s` | %s | %zu |\n", dfukit_quirk_effect_name(e), effects[e], rows_of(e));
}

/* ---- The table ---- */

static void print_row(const dfukit_quirk *q)
{
    printf("| %04x:%04x", q->idVendor, q->pid_first);
    if (q->pid_last != q->pid_first)
        printf("–%04x", q->pid_last);
    if (q->bcdDevice == DFUKIT_QUIRK_ANY)
        printf(" | any");
    else
        printf(" | %x.%02x", (unsigned)q->bcdDevice >> 8, (unsigned)q->bcdDevice & 0xFF);
    printf(" | `%s` | ", dfukit_quirk_effect_name(q->effect));
    if (q->effect == DFUKIT_QUIRK_VERSION)
        printf("%04x", (unsigned)q->value);
    else if (q->value != 0)
        printf("%u", (unsigned)q->value);
    printf(" | %s | %s |\n", q->product, q->source);
}

static void print_document(void)
{
    const dfukit_quirk *q;
    puts("# Quirks\n\n"
         "Generated by `tools/quirks.c` from the table in `src/host/quirks_table.c` as it is "
         "compiled. Not to be\nedited: a test prints it again and compares.\n\n"
         "## The table\n\n"
         "One row for one difference; all rows that name a device apply to it. To add one: a row "
         "with its source in\nthe table, the product in `tests/unit/host/quirks_test.c`, and this "
         "file anew.\n\n"
         "| vendor:product | bcdDevice | effect | value | product | documented in |\n"
         "| --- | --- | --- | ---: | --- | --- |");
    for (size_t n = 0; (q = dfukit_quirk_at(n)) != NULL; n++)
        print_row(q);
    puts("");
    print_effects();
    puts("\n## What any device may do\n\n"
         "No row is needed for these, they are how the code is. Memory maps have oddities of their "
         "own:\n`dfukit_map.oddities` in `include/dfukit/dfuse.h`.\n\n"
         "| the device | the host | where |\n| --- | --- | --- |");
    for (size_t n = 0; n < sizeof generic / sizeof generic[0]; n++) {
        printf("| %s | %s | `%s` in %s |\n", generic[n].what, generic[n].done, generic[n].function,
               generic[n].file);
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--places") == 0) {
        for (size_t n = 0; n < sizeof generic / sizeof generic[0]; n++)
            printf("%s %s\n", generic[n].file, generic[n].function);
        return 0;
    }
    print_document();
    return 0;
}
