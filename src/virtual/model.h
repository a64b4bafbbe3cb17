/* SPDX-License-Identifier: MIT */
/* Inside a virtual device: the engine with its memory, and the plug that joins it to a bus. */
#ifndef DFUKIT_VIRTUAL_MODEL_H
#define DFUKIT_VIRTUAL_MODEL_H

#include "descriptors.h"
#include "fault.h"
#include "memory.h"

typedef struct dfukit_armed {
    dfukit_fault fault;
    bool spent;
} dfukit_armed;

struct dfukit_virtual {
    dfukit_persona product;        /* the persona, as faults have made it */
    const dfukit_persona *persona; /* that one */
    dfukit_clock clock;
    bool fast;
    bool timed; /* erases and programs take their time */
    bool polls; /* bwPollTimeout is the persona's */
    uint64_t reattach_us;
    dfukit_identity runtime, in_dfu; /* as the options want them */
    bool other_serial;               /* that of the options */
    char *texts[3];                  /* copies which these point to */

    /* the device inside */
    dfukit_dfu dfu;
    dfukit_dfu_config dfu_config;
    bool dfuse_dialect;
    const dfukit_store_ops *store; /* one of the two that follow */
    void *store_self;
    dfukit_slot slot;
    dfukit_slot_config slot_config;
    const dfukit_region *regions[DFUKIT_PERSONA_ALTERNATES];
    dfukit_dfuse dfuse;
    dfukit_dfuse_config dfuse_config;
    dfukit_ep0 ep0;
    dfukit_descriptors descriptors;
    uint8_t packet_size;
    uint8_t *block;
    dfukit_memories memories;
    uint32_t memory_at_least; /* a fault: the firmware's memory is so long */
    dfukit_vflash *flash;     /* the one that the firmware is in */

    /* the firmware in it */
    uint32_t length; /* 0: unknown, as of what it was shipped with, and always with DfuSe */
    bool valid;
    bool is_protected; /* against reading, and so against everything else */

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
    dfukit_job job;
    uint64_t job_us;         /* it lasts until then, even though all is done; 0: it does not */
    uint16_t job_poll_ms;    /* a fault: bwPollTimeout meanwhile */
    bool erasing;            /* an erase was begun, and no GETSTATUS has told its end yet */
    bool uploading;          /* the store reads for the host */
    uint64_t unprotected_us; /* when read protection is gone; DFUKIT_NEVER: nobody wants that */
    uint32_t written, written_at; /* DfuSe: bytes since the last upload, and where they began */
    uint8_t written_alt;
    bool resets;    /* the chip resets itself when this event has been dealt with */
    bool stuck;     /* a fault: the work never ends */
    uint8_t wedged; /* a fault: the work ends after so many CLRSTATUS */
    bool hanging;   /* a fault: the transfer is never answered */
    bool held;      /* a fault: it is taken at held_us */
    uint64_t held_us;
    bool power_fails; /* a fault: power goes when this event has been dealt with */
    uint32_t block_number, status_number;
    uint32_t statuses_stalled; /* a fault: in this erase */
    char layout[512];          /* a fault: the map of alternate setting 0 */

    size_t fault_count;
    dfukit_armed faults[DFUKIT_FAULTS_MAX];
};

uint64_t dfukit_virtual_now(const dfukit_virtual *v);

/* watched.c: the memories as the engine sees them */
extern const dfukit_flash_ops dfukit_virtual_flash_ops;

/* store.c: the store as the engine sees it */
extern const dfukit_store_ops dfukit_virtual_store;

/* stores.c: those behind it */
void dfukit_virtual_store_init(dfukit_virtual *v);
/* Manifest what has come, at once and whatever time it would take. */
void dfukit_virtual_manifest(dfukit_virtual *v);

/* plug.c: coming and going */
/* Power is lost; it comes back after `delay_us` (DFUKIT_NEVER: when it is plugged in anew). */
void dfukit_virtual_fail_power(dfukit_virtual *v, uint64_t delay_us);
/* The download ended: make what came count, and leave, whatever is left to be asked. */
void dfukit_virtual_leave(dfukit_virtual *v, uint64_t delay_us);
/* The bus was reset. */
void dfukit_virtual_bus_reset(dfukit_virtual *v);
/* Leave DFU mode for the firmware. */
void dfukit_virtual_go(dfukit_virtual *v);
/* Power-on. */
void dfukit_virtual_start(dfukit_virtual *v);
/* Let time pass up to the present and do what is due. @return microseconds until there is more. */
uint64_t dfukit_virtual_work(dfukit_virtual *v);
/* Do what the engine wishes: without the persona's delay when `at_once`, as after a bus reset. */
void dfukit_virtual_obey(dfukit_virtual *v, bool at_once);

/* device.c */
/* The mode that it is in decides which functional descriptor the engine goes by. */
void dfukit_virtual_take_mode(dfukit_virtual *v);

/* wire.c */
extern const dfukit_wire_ops dfukit_virtual_wire_ops;

#endif
