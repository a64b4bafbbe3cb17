/* SPDX-License-Identifier: MIT */
/*
 * A device end that is attacked: every object of its own on the heap, exactly as large as it must
 * be, and a second, much simpler opinion of what a host may bring about. Each event of the bus is
 * checked by itself; the first thing that is wrong ends the program's patience: victim_fault().
 *
 * events.c   what the bus and the port may do, with the model of a control transfer
 * engine.c   the calls of the device end that they come to
 * tell.c     the events so far, as a script
 * answers.c  which requests may be answered, and by how many bytes
 * steps.c    which states may be reached, by what, and when
 * stores.c   the stores behind the class, and what the class owes them
 * dfuse.c    the DfuSe store's zones, what may be read there, and a host that uses them
 * flash.c    the flash behind the stores, and what must be in it
 * memory.c   guarded memory, building, snapshots
 * honest.c   a host that keeps the rules: brings the device into a state, heals and upgrades it
 */
#ifndef TESTS_HOSTILE_VICTIM_H
#define TESTS_HOSTILE_VICTIM_H

#include "dfukit/device.h"
#include "unit/device/nor.h"

#define LENGTH(array)     (sizeof(array) / sizeof(array)[0])

#define VICTIM_TRANSFER   128u /* wTransferSize */
#define VICTIM_REGION     1024u
#define VICTIM_UNIT       8u   /* write unit of the flash */
#define VICTIM_IMAGE      300u /* no multiple of a block or a write unit */
#define VICTIM_PLACE      949u /* where DfuSe hosts put it: across two zones */
#define VICTIM_ZONES      5u
#define VICTIM_INTERFACE  2u /* the DFU function's in run-time mode, the last of three */
#define VICTIM_ALTERNATES 2u /* the second may only be read */
#define VICTIM_DETACH_MS  1000u
#define VICTIM_SLOWEST    1000u /* ms for an operation of the flash: fifty times what it says */
#define VICTIM_LOG        96u

/* What a product is made of: the two bytes with which a script begins. */
enum {
    VICTIM_STRICT = 0x01,
    VICTIM_LOADER = 0x02, /* loader_only */
    VICTIM_SLOT = 0x04,   /* a store on a NOR flash; else the scripted store */
    VICTIM_DOUBLE = 0x08, /* double_buffer */
    VICTIM_PACKET_8 = 0x00,
    VICTIM_PACKET_16 = 0x10,
    VICTIM_PACKET_32 = 0x20,
    VICTIM_PACKET_64 = 0x30,
    VICTIM_CORRUPT = 0x40, /* there is no firmware to run, before it is downloaded */
    VICTIM_IN_DFU = 0x80,  /* begins in DFU mode */
    VICTIM_DFUSE = 0x10,   /* in the second byte, beside bmAttributes: DfuSe, with its own store */
    VICTIM_USUAL = DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT,
};

typedef struct victim victim;

/* ---- Events ---- */

typedef enum victim_op {
    VICTIM_SETUP,  /* a SETUP packet: `setup` */
    VICTIM_OUT,    /* an OUT packet of `n` bytes */
    VICTIM_IN,     /* an IN token */
    VICTIM_REST,   /* the transfer is brought to its end as the rules say */
    VICTIM_POLL,   /* `ms` go by, and the port tells the time */
    VICTIM_RESET,  /* bus reset */
    VICTIM_WISH,   /* the port does what the class wishes */
    VICTIM_ATTACH, /* the port attaches unasked, in DFU mode (n = 1) or not (n = 0) */
    VICTIM_SENT,   /* the port says "sent" although nothing was offered */
    VICTIM_FORCE,  /* the port hands on an OUT packet although endpoint 0 is stalled */
    VICTIM_FLASH,  /* from now on each operation takes `ms`, and the next one ends with `n` */
    VICTIM_OP_COUNT
} victim_op;

/* How the next operation of the flash ends: a dfukit_status, and with it one of these. */
enum { VICTIM_REFUSE = 0x10, VICTIM_SILENT = 0x20 };

typedef struct victim_event {
    uint8_t op;
    uint8_t n;
    uint8_t
        given; /* of an OUT packet: bytes that are given; the others are made up from the last */
    uint16_t ms;
    uint8_t bytes[8];
    dfukit_setup setup;
} victim_event;

/* One event, checked. */
void victim_do(victim *v, const victim_event *e);
/* As a line of a script, see tests/fuzz/script.h. `line` takes 80 bytes. */
void victim_print(const victim_event *e, char *line);

void victim_setup(victim *v, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
                  uint16_t length);
void victim_out(victim *v, const uint8_t *bytes, uint8_t n);
/* @return bytes of the packet that the host got, -1: none (NAK or stall). */
int victim_in(victim *v, uint8_t *to);
void victim_simple(victim *v, victim_op op);
void victim_poll(victim *v, uint16_t ms);

/* ---- The stores ---- */

/* Stands between class and store: what the class owes the store is checked here. */
typedef struct victim_spy {
    bool busy;        /* there was work when last asked */
    bool finished;    /* finish() has said OK since rewind(), and no block came */
    bool manifesting; /* manifest() has come since rewind() */
    bool failed;      /* poll() has reported an error during this event */
    uint8_t alt;
    uint8_t refused;     /* what write(), finish() or read() refused with during this event */
    const uint8_t *data; /* at work … */
    uint16_t n;
    uint8_t copy[VICTIM_TRANSFER]; /* … as it was when it was handed over */
    int32_t given;                 /* bytes of the last read … */
    uint8_t gift[VICTIM_TRANSFER]; /* … which were these */
    unsigned writes, manifests, reads;
    unsigned came, written, asked; /* since rewind(): blocks that came, were written, were read */
} victim_spy;

/* A store without flash: keeps bytes, takes its time, fails when told to. */
typedef struct victim_scripted {
    bool working;
    uint8_t outcome; /* of the work that goes on */
    uint32_t until_ms;
    uint32_t length, limit; /* bytes kept, and how many there are to read */
    uint16_t next_block;
    uint8_t bytes[VICTIM_REGION];
} victim_scripted;

extern const dfukit_store_ops victim_store;
extern const dfukit_flash_ops victim_flash_ops;
/* Hooks of dfukit_slot_config and dfukit_dfuse_config. */
uint8_t victim_accept(void *flash, uint8_t alt, uint32_t length);
uint8_t victim_leave(void *flash, uint32_t address);
uint8_t victim_unprotect(void *flash);
bool victim_valid(void *flash);
/* Whatever happens, the class owes the store this. */
void victim_check_store(victim *v);
/* dfuse.c: what the spy has seen. */
void victim_configure_dfuse(victim *v);
void victim_dfuse_selected(victim *v, uint8_t alt);
void victim_dfuse_wrote(victim *v, uint16_t wBlockNum, const uint8_t *data, uint16_t n);
void victim_dfuse_read(victim *v, uint16_t wBlockNum, uint16_t n);
/* What victim_upgrade() has downloaded is in the store, whole, and nothing else was touched. */
void victim_check_stored(victim *v);
void victim_check_flash(victim *v);

/* ---- The device and what the tests know of it ---- */

typedef enum victim_stage {
    VICTIM_NONE,
    VICTIM_DATA_IN,
    VICTIM_DATA_OUT,
    VICTIM_STATUS_IN,
    VICTIM_STATUS_OUT,
    VICTIM_STALLED
} victim_stage;

typedef struct victim_transfer {
    uint8_t stage;
    bool of_class;       /* a class request to the function, as far as the bus can see */
    bool told_time;      /* time went by since SETUP */
    uint32_t setup_ms;   /* when SETUP came, */
    uint8_t setup_state; /* and the state then */
    bool waited;         /* and a block had not been given to the store yet */
    dfukit_setup setup;
    uint32_t moved;
    uint32_t own;                       /* bytes that the object has which is asked for */
    const uint8_t *content;             /* and the object; NULL: see answers.c */
    uint8_t status[DFUKIT_STATUS_SIZE]; /* the answer to GETSTATUS, as the host got it */
} victim_transfer;

/* What others can see of the class. */
typedef struct victim_face {
    uint8_t state, status, alt, wish;
    bool configured;
} victim_face;

/* All that is not the device's own: copied as a whole by snapshots. */
typedef struct victim_track {
    uint32_t now_ms;
    uint16_t flash_ms;  /* what an operation of the flash takes */
    uint8_t flash_next; /* how the next one ends */
    bool dfu_mode;      /* as attached */
    bool manifested;    /* firmware was accepted */
    bool off;           /* the power was cut */
    uint32_t flash_until;
    bool used;           /* a class request has come since DFU mode was entered */
    bool until_known;    /* the host knows … */
    uint32_t until_ms;   /* … when the bwPollTimeout or the detach timer ends */
    uint32_t pointer;    /* DfuSe: of the last Set Address, … */
    uint8_t pointer_alt; /* … in this alternate setting */
    victim_face before;  /* when the event began, as is … */
    uint8_t address;     /* … this */
    victim_transfer transfer;
    victim_spy spy;
    uint32_t logged;
    victim_event log[VICTIM_LOG];
} victim_track;

struct victim {
    dfukit_ep0 *ep0;
    dfukit_dfu *dfu;
    uint8_t *block;
    dfukit_slot *slot;
    dfukit_dfuse *dfuse;
    nor *flash;
    victim_scripted *scripted;
    dfukit_dfu_config *config, config_before;
    dfukit_slot_config slot_config;
    dfukit_region regions[VICTIM_ALTERNATES];
    const dfukit_region *region_list[VICTIM_ALTERNATES];
    dfukit_dfuse_config dfuse_config;
    dfukit_memory memories[VICTIM_ALTERNATES];
    dfukit_region zones[VICTIM_ZONES + 1], other_zones[2];
    const dfukit_descriptor_set *sets[2]; /* run-time, DFU mode */
    uint8_t options, attributes;
    uint32_t block_size;
    unsigned cut_at, cut_how; /* power is cut at this operation of the flash, from 1; 0: never */
    unsigned fail_at;         /* the operation with this number … */
    uint8_t fail_with;        /* … ends so, as VICTIM_FLASH has it */
    victim_track t;
    uint8_t *out[256];                                /* OUT packets by length, exactly sized */
    uint8_t *block_was;                               /* at SETUP */
    const char *what;                                 /* for messages */
    void (*run)(void (*call)(void *), void *it);      /* makes a call of the device end; or NULL */
    void (*on_fault)(victim *v, const char *message); /* does not return */
};

static inline bool victim_has_flash(const victim *v)
{
    return (v->options & VICTIM_SLOT) != 0;
}
/* With the DfuSe store. */
static inline bool victim_is_addressed(const victim *v)
{
    return victim_has_flash(v) && (v->attributes & VICTIM_DFUSE) != 0;
}
victim *victim_new(uint8_t options, uint8_t attributes, const dfukit_descriptor_set *const sets[2],
                   void (*on_fault)(victim *v, const char *message));
void victim_free(victim *v);
/* Power-on: RAM is lost, the flash stays as it is. */
void victim_power_on(victim *v);
/* Memory for an OUT packet of `n` bytes, and no more; the victim's. */
uint8_t *victim_packet(victim *v, uint8_t n);
/* The canaries; without AddressSanitizer only. */
void victim_check_memory(victim *v);
void victim_fault(victim *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The events since the beginning or the last snapshot, as a script, to stderr. */
void victim_show(const victim *v);
extern const dfukit_descriptor_set *const victim_sets[2];

typedef struct victim_snapshot victim_snapshot;
victim_snapshot *victim_keep(const victim *v);
void victim_restore(victim *v, const victim_snapshot *s);
void victim_forget(victim_snapshot *s);

/* Pseudo-random numbers: the same everywhere. */
static inline uint32_t victim_random(uint32_t *seed)
{
    uint32_t x = *seed;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *seed = x;
}

/* ---- The device end: engine.c ---- */

typedef enum victim_call {
    VICTIM_CALL_SETUP,    /* `packet` */
    VICTIM_CALL_RECEIVED, /* `packet`, `n` */
    VICTIM_CALL_SENT,
    VICTIM_CALL_RESET,
    VICTIM_CALL_POLL,   /* the time is t.now_ms */
    VICTIM_CALL_ATTACH, /* n = 1: in DFU mode */
} victim_call;

void victim_engine(victim *v, victim_call call, const uint8_t *packet, uint8_t n);

/* ---- The second opinion: answers.c, steps.c ---- */

victim_face victim_look(const victim *v);
/* The device has not stalled t.transfer.setup: may it answer, and what? Sets own and content. */
void victim_may_answer(victim *v);
/* One packet that the device offers lies where something may be sent from, and says what it may. */
void victim_check_packet(victim *v);

typedef enum victim_cause {
    VICTIM_BY_NOTHING,
    VICTIM_BY_STALL,    /* a request that was refused */
    VICTIM_BY_SELECT,   /* SET_CONFIGURATION, SET_INTERFACE */
    VICTIM_BY_COMPLETE, /* the end of a data stage, or of a request without one */
    VICTIM_BY_TIME,
    VICTIM_BY_RESET,
    VICTIM_BY_PORT, /* attached, or the wish was taken */
} victim_cause;

/* The step from t.before to what is seen now is one that the cause may bring about. */
void victim_check_move(victim *v, victim_cause cause);
/* An answer to GETSTATUS has been sent: is the state the one that it told, and the wait? */
void victim_check_told(victim *v);

/* ---- The host that keeps the rules: honest.c ---- */

/* A request without data; false when it was stalled. */
bool victim_command(victim *v, uint8_t type, uint8_t request, uint16_t value, uint16_t index);
/* @return bytes, -1 for a stall. */
int victim_fetch(victim *v, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
                 uint16_t length, uint8_t *to);
bool victim_send(victim *v, uint16_t block, const uint8_t *bytes, uint16_t n);
/* GETSTATUS; bState 0xFF for a stall. */
dfukit_status_reply victim_status(victim *v);
uint16_t victim_interface(const victim *v);
void victim_must(victim *v, bool it, const char *what);
/* GETSTATUS and waiting until `state`, or until it has been asked too often. */
void victim_ask_until(victim *v, uint8_t state);
/* A command of DfuSe with the address of that offset of the flash. */
void victim_address(uint8_t bytes[5], uint8_t command, uint32_t offset);
/* dfuse.c: erase and write the image. @return wBlockNum for the end. */
uint16_t victim_dfuse_download(victim *v);
/* To one of the 11 states; 8 needs a product that is not manifestation-tolerant. */
void victim_lead(victim *v, uint8_t state);
/* From wherever it is to dfuIDLE. */
void victim_heal(victim *v);
/* Heal, download the image, manifest it, check what is stored. */
void victim_upgrade(victim *v);
uint8_t victim_image(uint32_t at);

#endif
