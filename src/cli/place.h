/* SPDX-License-Identifier: MIT */
/* --on WHERE: which bus the devices are on. */
#ifndef DFUKIT_CLI_PLACE_H
#define DFUKIT_CLI_PLACE_H

#include "dfukit/transport.h"
#include "dfukit/virtual.h"

typedef enum dfukit_cli_place_kind {
    DFUKIT_CLI_ON_USB,
    DFUKIT_CLI_ON_USBIP,
    DFUKIT_CLI_ON_VIRTUAL
} dfukit_cli_place_kind;

/** A parsed WHERE. All zero: this computer's own USB. */
typedef struct dfukit_cli_place {
    dfukit_cli_place_kind kind;
    const char *text;              /**< as given; the caller's */
    dfukit_where where;            /**< of a USB/IP server */
    const dfukit_persona *persona; /**< of virtual:PERSONA */
    char replay[512];              /**< of virtual:replay=TRACE; "": a persona */
    bool real_time;
    char serial[128]; /**< "": the persona's */
    size_t fault_count;
    dfukit_fault faults[DFUKIT_FAULTS_MAX];
} dfukit_cli_place;

#define DFUKIT_CLI_COMPLAINT_SIZE 1024u

/**
 * Parse usb, usbip://HOST[:PORT][/BUSID] or
 * virtual:PERSONA[,timing=real|fast][,fault=NAME[=ARG]][,serial=TEXT] or virtual:replay=TRACE.
 * @param complaint  Written on failure: what is wrong, a clause.
 */
bool dfukit_cli_place_parse(const char *text, dfukit_cli_place *place,
                            char complaint[DFUKIT_CLI_COMPLAINT_SIZE]);
/** A persona by name; NULL with a complaint that suggests another. */
const dfukit_persona *dfukit_cli_persona(const char *name,
                                         char complaint[DFUKIT_CLI_COMPLAINT_SIZE]);
/** A fault by NAME or NAME=ARG; false with a complaint that lists the known ones. */
bool dfukit_cli_fault(const char *text, dfukit_fault *out,
                      char complaint[DFUKIT_CLI_COMPLAINT_SIZE]);
/** Have all of `count` faults a meaning for this persona? False with a complaint about one. */
bool dfukit_cli_faults_apply(const dfukit_fault *faults, size_t count,
                             const dfukit_persona *persona,
                             char complaint[DFUKIT_CLI_COMPLAINT_SIZE]);
/** How a fault is written: "poll=MS", "stall-dnload[=N]", "stall-detach". @return `buffer`. */
const char *dfukit_cli_fault_usage(const char *name, const char *about, char *buffer, size_t room);
/** "real" or "fast". */
bool dfukit_cli_timing(const char *text, bool *real_time);

#endif
