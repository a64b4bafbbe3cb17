/* SPDX-License-Identifier: MIT */
/*
 * Faults: ways to misbehave on request, as a table. A fault acts at one point of the device's life,
 * for the request and the number named; once, unless its nature is to last. What it does stands in
 * the function beside it.
 */
#include "fault.h"

#include <stdlib.h>
#include <string.h>

#include "model.h"

typedef void action(dfukit_virtual *v, dfukit_event *e, uint32_t argument);

/* ---- Acts: requests ---- */

static void answer(dfukit_event *e, int32_t result)
{
    e->answered = true;
    e->result = result;
}

static void stall(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    answer(e, DFUKIT_ERR_STALL);
}

/* As a device refuses by the specification: in place of the request the engine gets one that is not
 * of the class, stalls it and goes to dfuERROR with errSTALLEDPKT. */
static void refuse(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    dfukit_setup unknown = {DFUKIT_TYPE_CLASS_OUT, 0xFF, 0, e->setup->wIndex, 0};

    (void)argument;
    (void)dfukit_ep0_transfer(&v->ep0, v->packet_size, &unknown, NULL);
    answer(e, DFUKIT_ERR_STALL);
}

static void ignore(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    answer(e, (int32_t)e->setup->wLength);
}

static void hang(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)argument;
    v->hanging = true;
    answer(e, DFUKIT_ERR_AGAIN);
}

static void vanish(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)argument;
    dfukit_virtual_fail_power(v, DFUKIT_POWER_BACK_US);
    answer(e, DFUKIT_ERR_GONE);
}

/* ---- Acts: replies ---- */

static void shorten(dfukit_event *e, int32_t length)
{
    if (e->result > length)
        e->result = length;
}

static void shorten_status(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    shorten(e, 3);
}

static bool asks_for(const dfukit_event *e, uint8_t descriptor)
{
    return e->setup->bmRequestType == 0x80 && e->setup->bRequest == DFUKIT_USB_GET_DESCRIPTOR &&
           e->setup->wValue >> 8 == descriptor;
}

static void shorten_device(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    if (asks_for(e, DFUKIT_DESC_DEVICE))
        shorten(e, 8);
}

static void shorten_configuration(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    if (asks_for(e, DFUKIT_DESC_CONFIGURATION) && e->result > (int32_t)DFUKIT_CONFIG_HEADER_SIZE)
        shorten(e, (e->data[2] | e->data[3] << 8) - 5);
}

static void poll_timeout(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    dfukit_status_reply reply;

    (void)v;
    if (e->result != (int32_t)DFUKIT_STATUS_SIZE)
        return;
    dfukit_status_decode(e->data, &reply);
    if (reply.bState != DFUKIT_DNBUSY && reply.bState != DFUKIT_MANIFEST)
        return;
    reply.bwPollTimeout = argument;
    dfukit_status_encode(&reply, e->data);
}

/* The download ended and all of it is in the flash: nothing but the host's questions is left out.
 */
static void leave_manifested(dfukit_virtual *v, dfukit_event *e, uint64_t delay_us)
{
    if (e->result < 0 || v->dfu.state != DFUKIT_MANIFEST_SYNC)
        return;
    dfukit_virtual_manifest(v);
    dfukit_virtual_fail_power(v, delay_us);
}

static void vanish_manifest(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)argument;
    leave_manifested(v, e, v->reattach_us);
}

static void vanish_for_good(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)argument;
    leave_manifested(v, e, DFUKIT_NEVER);
}

/* ---- Acts: the store and its flash ---- */

static void programming_fails(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    e->status = DFUKIT_STATUS_PROG;
}

static void reading_fails(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    e->status = DFUKIT_STATUS_ADDRESS;
}

static void verification_fails(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    e->status = DFUKIT_STATUS_VERIFY;
}

static void get_stuck(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)e, (void)argument;
    v->stuck = true;
}

static void rot(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    uint32_t size;
    uint8_t *cells = dfukit_vflash_cells(v->flash, &size);

    if (e->number > 0 && e->number <= size)
        cells[argument % e->number] ^= 0x01;
}

static void firmware_is_bad(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    e->valid = false;
}

static void operation_fails(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)argument;
    dfukit_vflash_fail_at(v->flash, e->number, DFUKIT_STATUS_OK);
}

static void power_fails(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)e, (void)argument;
    v->power_fails = true;
}

/* ---- Acts: coming and going, and how it appears ---- */

static void stay_away(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    if (e->dfu_mode)
        e->delay_us = DFUKIT_NEVER;
}

static void return_in_runtime(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    e->dfu_mode = false;
}

static void show_other_ids(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    if (e->dfu_mode) {
        e->appearance->identity.idVendor = 0x0483;
        e->appearance->identity.idProduct = 0xDF11;
    }
}

static void announce_transfer_size(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v;
    e->appearance->functional.wTransferSize = (uint16_t)argument;
}

static void announce_length(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v;
    e->appearance->lies = true;
    e->appearance->functional_length = (uint8_t)argument;
}

/* A clear screen, a window title, a C1 control, a right-to-left override, a bell. */
static void command_terminal(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    e->appearance->manufacturer = "\x1b[2J\x1b[HMallory";
    e->appearance->identity.product = "\x1b]0;owned\x07 Product\r\n";
    e->appearance->identity.serial = "SN\xc2\x9b"
                                     "31m\xe2\x80\xae"
                                     "1000";
    for (size_t n = 0; n < DFUKIT_ALTERNATES_MAX; n++) {
        if (e->appearance->alternates[n] != NULL)
            e->appearance->alternates[n] = "Flash\x1b[31m\x08\x7f";
    }
}

/* ---- The table ---- */

typedef enum takes {
    NOTHING,
    NUMBER, /* 0 when it is left out */
    NEEDS   /* a number */
} takes;

typedef enum often {
    ONCE,
    COUNTED, /* once, where the event's number is the argument */
    ALWAYS
} often;

typedef struct fault_row {
    const char *name;
    takes takes;
    uint32_t limit; /* of the argument */
    dfukit_point point;
    dfukit_input input; /* REQUEST and REPLY: of which request; ANY: of all */
    often often;
    action *act;
    const char *text;
} fault_row;

#define ANY      DFUKIT_INPUT_COUNT
#define AT(name) DFUKIT_POINT_##name
#define ON(name) DFUKIT_ON_##name
#define ALL      UINT32_MAX

/* clang-format off */
static const fault_row faults[] = {
    { "stall-detach", NOTHING, 0, AT(REQUEST), ON(DETACH), ONCE, stall,
      "DETACH is stalled, once" },
    { "ignore-detach", NOTHING, 0, AT(REQUEST), ON(DETACH), ONCE, ignore,
      "DETACH is acknowledged, but the device stays in run-time mode, once" },
    { "stall-dnload", NUMBER, ALL, AT(REQUEST), ON(DNLOAD), COUNTED, refuse,
      "block N of a download is stalled, with dfuERROR and errSTALLEDPKT, once" },
    { "stall-upload", NUMBER, ALL, AT(REQUEST), ON(UPLOAD), COUNTED, refuse,
      "block N of an upload is stalled, with dfuERROR and errSTALLEDPKT, once" },
    { "stall-getstatus", NUMBER, ALL, AT(REQUEST), ON(GETSTATUS), COUNTED, stall,
      "GETSTATUS number N in DFU mode is stalled and changes nothing, once" },
    { "hang-dnload", NUMBER, ALL, AT(REQUEST), ON(DNLOAD), COUNTED, hang,
      "block N of a download is never answered until the host gives up, once" },
    { "hang-getstatus", NUMBER, ALL, AT(REQUEST), ON(GETSTATUS), COUNTED, hang,
      "GETSTATUS number N in DFU mode is never answered until the host gives up, once" },
    { "short-getstatus", NUMBER, ALL, AT(REPLY), ON(GETSTATUS), COUNTED, shorten_status,
      "GETSTATUS number N in DFU mode is answered with 3 bytes, once" },
    { "short-descriptor", NOTHING, 0, AT(REPLY), ANY, ALWAYS, shorten_device,
      "the device descriptor ends after 8 bytes, always" },
    { "config-truncated", NOTHING, 0, AT(REPLY), ANY, ALWAYS, shorten_configuration,
      "the configuration ends 5 bytes before its wTotalLength, always" },
    { "poll", NEEDS, 0xFFFFFF, AT(REPLY), ON(GETSTATUS), ALWAYS, poll_timeout,
      "bwPollTimeout in every dfuDNBUSY and dfuMANIFEST is N ms, always" },
    { "error-dnload", NUMBER, ALL, AT(WRITE), ANY, COUNTED, programming_fails,
      "block N of a download ends in dfuERROR with errPROG, once" },
    { "error-upload", NUMBER, ALL, AT(READ), ANY, COUNTED, reading_fails,
      "block N of an upload ends in dfuERROR with errADDRESS, once" },
    { "error-manifest", NOTHING, 0, AT(ACCEPT), ANY, ONCE, verification_fails,
      "manifestation ends in dfuERROR with errVERIFY, once; errFIRMWARE until a new download" },
    { "stuck-busy", NUMBER, ALL, AT(WRITE), ANY, COUNTED, get_stuck,
      "dfuDNBUSY after block N, 5 ms at a time, until a reset; once" },
    { "stuck-manifest", NOTHING, 0, AT(MANIFEST), ANY, ONCE, get_stuck,
      "dfuMANIFEST, 5 ms at a time, until a reset; once" },
    { "flash-fail", NEEDS, ALL, AT(OPERATION), ANY, COUNTED, operation_fails,
      "flash operation N (from 1) fails half done: errERASE or errPROG; once" },
    { "power-cut", NEEDS, ALL, AT(OPERATION), ANY, COUNTED, power_fails,
      "power fails as flash operation N (from 1) begins; back after 1 s; once" },
    { "corrupt-flash", NUMBER, ALL, AT(ACCEPT), ANY, ONCE, rot,
      "a bit of byte N of a complete download reads back wrong, unseen by the device; once" },
    { "firmware-bad", NOTHING, 0, AT(ACCEPT), ANY, ONCE, firmware_is_bad,
      "a complete download does not run: dfuERROR with errFIRMWARE after the reset; once" },
    { "vanish-detach", NOTHING, 0, AT(LEAVE), ANY, ONCE, stay_away,
      "leaves to enter DFU mode and never returns, until it is plugged in again" },
    { "vanish-dnload", NUMBER, ALL, AT(REQUEST), ON(DNLOAD), COUNTED, vanish,
      "power fails at block N of a download; back after 1 s; once" },
    { "vanish-upload", NUMBER, ALL, AT(REQUEST), ON(UPLOAD), COUNTED, vanish,
      "power fails at block N of an upload; back after 1 s; once" },
    { "vanish-manifest", NOTHING, 0, AT(REPLY), ON(DNLOAD_END), ONCE, vanish_manifest,
      "gone right after the empty DNLOAD; manifests, and returns in run-time mode; once" },
    { "vanish-manifest-forever", NOTHING, 0, AT(REPLY), ON(DNLOAD_END), ONCE, vanish_for_good,
      "gone right after the empty DNLOAD, until it is plugged in again" },
    { "returns-runtime", NOTHING, 0, AT(LEAVE), ANY, ONCE, return_in_runtime,
      "leaves to enter DFU mode and returns in run-time mode, once" },
    { "other-ids", NOTHING, 0, AT(APPEAR), ANY, ALWAYS, show_other_ids,
      "shows another vendor's IDs (0483:df11) in DFU mode, always" },
    { "transfer-size", NEEDS, 0xFFFF, AT(APPEAR), ANY, ALWAYS, announce_transfer_size,
      "the descriptors say wTransferSize N, always; from 64 the device goes by it" },
    { "functional-length", NEEDS, 0xFF, AT(APPEAR), ANY, ALWAYS, announce_length,
      "bLength of the functional descriptor says N, whatever it is, always" },
    { "escape-strings", NOTHING, 0, AT(APPEAR), ANY, ALWAYS, command_terminal,
      "strings and names hold terminal escape sequences, always" },
};
/* clang-format on */

#define FAULTS (sizeof faults / sizeof faults[0])

/* ---- Going by it ---- */

static bool acts_here(const fault_row *row, const dfukit_event *e, uint32_t argument)
{
    if (row->point != e->point || (row->input != ANY && row->input != e->input))
        return false;
    /* Going back to the firmware is no fault's concern. */
    if (row->point == DFUKIT_POINT_LEAVE && !e->dfu_mode)
        return false;
    return row->often != COUNTED || e->number == argument;
}

void dfukit_fault_at(dfukit_virtual *v, dfukit_event *e)
{
    for (size_t n = 0; n < v->fault_count; n++) {
        dfukit_armed *armed = &v->faults[n];
        const fault_row *row;

        if (armed->spent || armed->fault.id < 0 || (size_t)armed->fault.id >= FAULTS)
            continue;
        row = &faults[armed->fault.id];
        if (!acts_here(row, e, armed->fault.argument))
            continue;
        armed->spent = row->often != ALWAYS;
        row->act(v, e, armed->fault.argument);
        if (e->answered)
            return;
    }
}

bool dfukit_fault_describe(size_t n, const char **name, const char **text)
{
    if (n >= FAULTS)
        return false;
    *name = faults[n].name;
    *text = faults[n].text;
    return true;
}

/* A number, decimal or 0x…, and nothing else. */
static bool parse_number(const char *text, uint32_t limit, uint32_t *out)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? text + 2 : text;
    size_t n = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
    unsigned long long value;

    if (n == 0 || n > 10 || digits[n] != '\0')
        return false;
    value = strtoull(digits, NULL, hex ? 16 : 10);
    if (value > limit)
        return false;
    *out = (uint32_t)value;
    return true;
}

int dfukit_fault_parse(const char *text, dfukit_fault *out)
{
    size_t length = strcspn(text, "=");
    uint32_t argument = 0;

    for (size_t n = 0; n < FAULTS; n++) {
        const fault_row *row = &faults[n];

        if (strlen(row->name) != length || memcmp(row->name, text, length) != 0)
            continue;
        if (text[length] == '\0' ? row->takes == NEEDS : row->takes == NOTHING)
            return DFUKIT_ERR_USAGE;
        if (text[length] == '=' && !parse_number(text + length + 1, row->limit, &argument))
            return DFUKIT_ERR_USAGE;
        *out = (dfukit_fault){(int)n, argument};
        return DFUKIT_OK;
    }
    return DFUKIT_ERR_USAGE;
}
