/* SPDX-License-Identifier: MIT */
/* Names of states, statuses and requests as the specification spells them, and what a status means
 * in words for people (DFU 1.1 §3, §6.1.2). */
#include "dfukit/protocol.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static const char *const state_names[DFUKIT_STATE_COUNT] = {
    [DFUKIT_APP_IDLE] = "appIDLE",
    [DFUKIT_APP_DETACH] = "appDETACH",
    [DFUKIT_DFU_IDLE] = "dfuIDLE",
    [DFUKIT_DNLOAD_SYNC] = "dfuDNLOAD-SYNC",
    [DFUKIT_DNBUSY] = "dfuDNBUSY",
    [DFUKIT_DNLOAD_IDLE] = "dfuDNLOAD-IDLE",
    [DFUKIT_MANIFEST_SYNC] = "dfuMANIFEST-SYNC",
    [DFUKIT_MANIFEST] = "dfuMANIFEST",
    [DFUKIT_MANIFEST_WAIT_RESET] = "dfuMANIFEST-WAIT-RESET",
    [DFUKIT_UPLOAD_IDLE] = "dfuUPLOAD-IDLE",
    [DFUKIT_DFU_ERROR] = "dfuERROR",
};

static const char *const request_names[DFUKIT_REQUEST_COUNT] = {
    [DFUKIT_DETACH] = "DFU_DETACH",       [DFUKIT_DNLOAD] = "DFU_DNLOAD",
    [DFUKIT_UPLOAD] = "DFU_UPLOAD",       [DFUKIT_GETSTATUS] = "DFU_GETSTATUS",
    [DFUKIT_CLRSTATUS] = "DFU_CLRSTATUS", [DFUKIT_GETSTATE] = "DFU_GETSTATE",
    [DFUKIT_ABORT] = "DFU_ABORT",
};

static const struct {
    const char *name;
    const char *text;
} statuses[DFUKIT_STATUS_COUNT] = {
    [DFUKIT_STATUS_OK] = {"OK", "No error."},
    [DFUKIT_STATUS_TARGET] = {"errTARGET", "The firmware is not meant for this device."},
    [DFUKIT_STATUS_FILE] = {"errFILE", "The firmware failed a check that this vendor makes."},
    [DFUKIT_STATUS_WRITE] = {"errWRITE", "The memory cannot be written."},
    [DFUKIT_STATUS_ERASE] = {"errERASE", "The memory could not be erased."},
    [DFUKIT_STATUS_CHECK_ERASED] = {"errCHECK_ERASED", "The memory is not blank after an erase."},
    [DFUKIT_STATUS_PROG] = {"errPROG", "The memory could not be programmed."},
    [DFUKIT_STATUS_VERIFY] = {"errVERIFY", "What was programmed reads back differently."},
    [DFUKIT_STATUS_ADDRESS] = {"errADDRESS", "An address lies outside the memory."},
    [DFUKIT_STATUS_NOTDONE] = {"errNOTDONE", "The end came before the device had all data."},
    [DFUKIT_STATUS_FIRMWARE] = {"errFIRMWARE",
                                "The firmware in the device is damaged; it cannot be started."},
    [DFUKIT_STATUS_VENDOR] = {"errVENDOR", "An error that this vendor defines."},
    [DFUKIT_STATUS_USBR] = {"errUSBR", "The device saw a bus reset that it did not expect."},
    [DFUKIT_STATUS_POR] = {"errPOR", "The device saw a power-on reset that it did not expect."},
    [DFUKIT_STATUS_UNKNOWN] = {"errUNKNOWN",
                               "Something went wrong, and the device does not know what."},
    [DFUKIT_STATUS_STALLEDPKT] = {"errSTALLEDPKT",
                                  "The device refused a request that it did not expect."},
};

const char *dfukit_state_name(unsigned state)
{
    return state < LENGTH(state_names) ? state_names[state] : "unknown";
}

const char *dfukit_status_name(unsigned status)
{
    return status < LENGTH(statuses) ? statuses[status].name : "unknown";
}

const char *dfukit_request_name(unsigned request)
{
    return request < LENGTH(request_names) ? request_names[request] : "unknown";
}

const char *dfukit_status_text(unsigned status)
{
    return status < LENGTH(statuses)
               ? statuses[status].text
               : "The device reported a status that no specification defines.";
}
