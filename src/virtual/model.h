/* SPDX-License-Identifier: MIT */
/* Inside a virtual device: the engine with its memory, and the plug that joins it to a bus. */
#ifndef DFUKIT_VIRTUAL_MODEL_H
#define DFUKIT_VIRTUAL_MODEL_H

#include "descriptors.h"
#include "fault.h"

typedef struct dfukit_armed {
    dfukit_fault fault;
    bool spent;
} dfukit_armed;

struct dfukit_virtual {
    const dfukit_persona *persona;
    dfukit_clock clock;
    bool fast;
    uint64_t reattach_us;
    dfukit_identity runtime, in_dfu; /* as the options want them */
    char *texts[3];                  /* copies which these two point to */

    /* the device inside */
    dfukit_dfu dfu;
    dfukit_dfu_config dfu_config;
    dfukit_slot slot;
    dfukit_slot_config slot_config;
    const dfukit_region *regions[DFUKIT_ALTERNATES_MAX];
    dfukit_ep0 ep0;
    dfukit_descriptors descriptors;
    uint8_t packet_size;
    uint8_t *block;
    dfukit_vflash *flash;

    /* the firmware in it */
    uint32_t length; /* 0: unknown, as of what it was shipped with */
    bool valid;

    /* its plug */
    bool powered;
    uint32_t attachment;  /* 0: off the bus */
    uint32_t attachments; /* so far */
    bool dfu_mode;        /* of this attachment, or of the next one */
    bool fresh;           /* the next attachment follows a power-on */
    uint64_t leave_us;    /* when it leaves the bus, towards dfu_mode_next */
    bool dfu_mode_next;
    uint64_t return_us; /* when it comes back */

    /* work in progress */
    bool manifesting;
    bool stuck;       /* a fault: the work never ends */
    bool hanging;     /* a fault: the transfer is never answered */
    bool power_fails; /* a fault: power goes when this event has been dealt with */
    uint32_t remaining_ms;
    uint32_t block_number, status_number;

    size_t fault_count;
    dfukit_armed faults[DFUKIT_FAULTS_MAX];
};

uint64_t dfukit_virtual_now(const dfukit_virtual *v);

/* store.c: the slot and the flash as the engine sees them */
void dfukit_virtual_store_init(dfukit_virtual *v);
extern const dfukit_store_ops dfukit_virtual_store;
/* Manifest what has come, at once and whatever time it would take. */
void dfukit_virtual_manifest(dfukit_virtual *v);

/* plug.c: coming and going */
/* Power is lost; it comes back after `delay_us` (DFUKIT_NEVER: when it is plugged in anew). */
void dfukit_virtual_fail_power(dfukit_virtual *v, uint64_t delay_us);
/* Power-on. */
void dfukit_virtual_start(dfukit_virtual *v);
/* Let time pass up to the present and do what is due. @return microseconds until there is more. */
uint64_t dfukit_virtual_work(dfukit_virtual *v);
/* Do what the engine wishes: without the persona's delay when `at_once`, as after a bus reset. */
void dfukit_virtual_obey(dfukit_virtual *v, bool at_once);

/* wire.c */
extern const dfukit_wire_ops dfukit_virtual_wire_ops;

#endif
