/* SPDX-License-Identifier: MIT */
/* The table of faults, and the functions that its rows name. */
#ifndef DFUKIT_VIRTUAL_FAULT_TABLE_H
#define DFUKIT_VIRTUAL_FAULT_TABLE_H

#include "model.h"

typedef void dfukit_act(dfukit_virtual *v, dfukit_event *e, uint32_t argument);

typedef enum dfukit_fault_takes {
    DFUKIT_FAULT_TAKES_NOTHING,
    DFUKIT_FAULT_TAKES_NUMBER, /* `usual` when it is left out */
    DFUKIT_FAULT_NEEDS_NUMBER
} dfukit_fault_takes;

typedef enum dfukit_fault_often {
    DFUKIT_FAULT_ONCE,
    DFUKIT_FAULT_COUNTED, /* once, where the event's number is the argument */
    DFUKIT_FAULT_WHEN,    /* once: the event is `done` when it has acted */
    DFUKIT_FAULT_ALWAYS
} dfukit_fault_often;

/* What a persona has to have for a fault to mean something. */
enum {
    DFUKIT_NEEDS_RUNTIME = 1,     /* a run-time mode */
    DFUKIT_NEEDS_DFU = 2,         /* a DFU mode */
    DFUKIT_NEEDS_DNLOAD = 4,      /* and bitCanDnload */
    DFUKIT_NEEDS_UPLOAD = 8,      /* and bitCanUpload */
    DFUKIT_NEEDS_PLAIN = 16,      /* the dialect */
    DFUKIT_NEEDS_DFUSE = 32,      /* the dialect */
    DFUKIT_NEEDS_OPTIONS = 64,    /* option bytes */
    DFUKIT_NEEDS_UNPROTECT = 128, /* read protection that the host can lift */
    DFUKIT_NEEDS_MASS_ERASE = 256,
    DFUKIT_NEEDS_ROOM = 512, /* for more blocks than wBlockNum can number */
    DFUKIT_NEEDS_SERIAL = 1024,
    DFUKIT_NEEDS_FLIP = 2048 /* a dialect that no persona speaks */
};

typedef struct dfukit_fault_row {
    const char *name;
    char letter; /* of docs/PERSONAS.md; 0: none. Rows with the same one are its numbers 1, 2 … */
    dfukit_fault_takes takes;
    uint32_t usual, limit; /* of the argument */
    unsigned needs;
    dfukit_point point;
    dfukit_input input; /* REQUEST and REPLY: of which request; DFUKIT_INPUT_COUNT: of all */
    dfukit_fault_often often;
    dfukit_act *act;
    const char *text;
} dfukit_fault_row;

extern const dfukit_fault_row dfukit_faults[];
extern const size_t dfukit_fault_total;

/* A transfer by which the memory passes what wBlockNum can number. */
#define DFUKIT_WRAP_TRANSFER_SIZE 8u
#define DFUKIT_WRAP_MEMORY        (65536u * DFUKIT_WRAP_TRANSFER_SIZE + 16384u)

/* fault_wire.c: requests and replies */
dfukit_act dfukit_act_stall, dfukit_act_refuse, dfukit_act_ignore, dfukit_act_hang,
    dfukit_act_vanish, dfukit_act_hold, dfukit_act_stall_erase, dfukit_act_refuse_oversize,
    dfukit_act_shorten_status, dfukit_act_shorten_device, dfukit_act_shorten_configuration,
    dfukit_act_poll_timeout, dfukit_act_vanish_manifest, dfukit_act_vanish_for_good,
    dfukit_act_vanish_status, dfukit_act_vanish_unanswered;
/* fault_store.c: the store and its flash */
dfukit_act dfukit_act_programming_fails, dfukit_act_reading_fails, dfukit_act_verification_fails,
    dfukit_act_get_stuck, dfukit_act_wedge, dfukit_act_prolong_mass_erase, dfukit_act_prolong_job,
    dfukit_act_rot, dfukit_act_firmware_is_bad, dfukit_act_operation_fails, dfukit_act_power_fails;
/* fault_plug.c: how it is made, appears, comes and goes */
dfukit_act dfukit_act_nothing, dfukit_act_be_honest, dfukit_act_be_protected,
    dfukit_act_wrap_blocks, dfukit_act_stay_away, dfukit_act_return_in_runtime, dfukit_act_renumber,
    dfukit_act_show_other_ids, dfukit_act_share_serial, dfukit_act_announce_transfer_size,
    dfukit_act_announce_length, dfukit_act_command_terminal;
/* fault_layout.c: memory maps as some products write them */
dfukit_act dfukit_act_write_layout;
#define DFUKIT_LAYOUTS 12u /* how many: its argument is below */

#endif
