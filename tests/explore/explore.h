/* SPDX-License-Identifier: MIT */
/*
 * Host engine × device engine × bus × flash, searched exhaustively. One step of the host engine is
 * one transition; whatever may happen in it is asked of explore_choose(), and the search answers
 * each question in every way, with a bounded number of faults on a path.
 *
 *     config.c      what is explored: a device's attributes, the job, how the device was found
 *     choice.c      the questions, their letters, and who answers them
 *     flash.c       a tiny flash that is quick, slow or fails; device.c: the device around it
 *     bus.c         carries out the host engine's steps
 *     world.c       the whole of it as bytes: copied, put back, hashed; calibrate.c: where time is
 *     invariants.c  what must hold; search.c, graph.c: breadth first, and what the graph shows
 *     replay.c      one path again, with words; selftest.c: broken devices must be caught
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#include "dfukit/device.h"
#include "dfukit/host.h"

/* ---- What is explored ---- */

#define EXPLORE_BLOCK  8u  /* wTransferSize, and one sector */
#define EXPLORE_IMAGE  23u /* bytes: two whole blocks, and one that ends amidst a write unit */
#define EXPLORE_REGION 32u
#define EXPLORE_BASE   0x1000u /* address of the region */
#define EXPLORE_GUARD  8u      /* cells on either side of it */

/* How the device was found: in a state of the specification that a former host left it in, by its
 * number; or switched on without valid firmware. */
enum { EXPLORE_FROM_RUNTIME = 0, EXPLORE_FROM_EMPTY = DFUKIT_STATE_COUNT, EXPLORE_FROM_COUNT };

/* Deliberately broken: each breaks an invariant. */
typedef enum explore_broken {
    EXPLORE_SOUND,
    EXPLORE_LASTBYTE, /* the store drops the last byte of a short block */
    EXPLORE_LIAR,  /* the flash says OK when it could not program, and shows what it should hold */
    EXPLORE_STRAY, /* it erases the sector before the one it means */
    EXPLORE_HASTY, /* it runs whatever its flash holds */
    EXPLORE_SIZE,  /* its descriptor announces larger blocks than it takes */
    EXPLORE_BRICK, /* flash that has failed once never works again */
    EXPLORE_LEAK,  /* the allocator forgets that something was given back */
    EXPLORE_STUCK, /* the clock stands still, and the device stays busy */
    EXPLORE_BROKEN_COUNT
} explore_broken;

typedef struct explore_config {
    uint8_t attributes; /* bmAttributes */
    bool strict;
    dfukit_verb verb;
    uint8_t from; /* EXPLORE_FROM_*, or a dfukit_state */
    dfukit_verify verify;
    uint8_t batch;       /* transfers at once; 0 and 1: one */
    bool no_reset;       /* the host cannot reset the bus */
    bool loader;         /* the device has no run-time mode */
    bool alternates;     /* the region is alternate setting 1 of 2 */
    bool two_blocks;     /* the device has two block buffers */
    bool dfu_1_0;        /* its descriptors are those of DFU 1.0 */
    bool unasked;        /* … and nobody has asked it for its mode */
    bool slow_manifest;  /* manifestation takes time of its own; write units of 4, else 8 bytes */
    uint32_t timeout_ms; /* of the job; 0: its default */
    explore_broken broken;
} explore_config;

#define EXPLORE_NAME_SIZE 160u
void explore_config_print(const explore_config *c, char name[EXPLORE_NAME_SIZE]);
/* @return what follows the name and its colon, NULL when it is not a configuration. */
const char *explore_config_parse(explore_config *c, const char *text);

/* Which configurations, and how many faults may happen on one path. */
typedef struct explore_plan {
    const char *name;
    size_t count;
    explore_config *configs;
    uint8_t *faults; /* one number for each configuration */
} explore_plan;
/* "quick", "bounded" or "full": see config.c. @return false when there is no such plan or no
 * memory. */
bool explore_plan_make(explore_plan *plan, const char *name);
void explore_plan_free(explore_plan *plan);

/* ---- Choices ---- */

typedef enum explore_mode {
    EXPLORE_FIRST,  /* always the first, the healthy one */
    EXPLORE_SLOW,   /* the flash is always slow, everything else healthy */
    EXPLORE_SEARCH, /* as `index` says, then the first */
    EXPLORE_REPLAY  /* as `script` says, then the first */
} explore_mode;

#define EXPLORE_CHOICES_MAX 31u
typedef struct explore_choices {
    explore_mode mode;
    unsigned n; /* asked so far in this transition */
    unsigned given;
    char letters[EXPLORE_CHOICES_MAX + 1];
    uint8_t index[EXPLORE_CHOICES_MAX];
    uint8_t room[EXPLORE_CHOICES_MAX];
    const char *script; /* REPLAY: what is left of this transition's letters */
    bool misfit;        /* REPLAY: a letter that is no answer to what was asked */
} explore_choices;
extern explore_choices explore_choice;

/* One of the letters of `options`. The first `healthy` of them are no faults. */
char explore_choose(const char *options, size_t healthy);
void explore_choices_begin(explore_mode mode);
/* The next combination of answers. @return false: that was the last. */
bool explore_choices_next(void);

/* ---- The world: everything that a transition may change ---- */

typedef enum explore_work { EXPLORE_QUIET, EXPLORE_ERASING, EXPLORE_PROGRAMMING } explore_work;

typedef struct explore_flash {
    uint8_t cells[EXPLORE_GUARD + EXPLORE_REGION + EXPLORE_GUARD];
    uint8_t work;   /* explore_work */
    uint8_t status; /* how it will end */
    bool valid;     /* whole firmware; kept beside the region, lost with the first erase */
    bool dead;      /* EXPLORE_BRICK */
    uint32_t address, n;
    uint8_t bytes[EXPLORE_REGION];
    uint64_t until_ms;
} explore_flash;

#define EXPLORE_BLOCKS_MAX 4u
typedef struct explore_world {
    uint64_t now_ms;
    uint32_t steps;
    uint8_t faults, faults_left;
    dfukit_dfu dfu;
    dfukit_slot slot;
    uint8_t block[2 * EXPLORE_BLOCK];
    explore_flash flash;
    bool powered;
    bool cut;    /* a loader has lost its power, by a fault */
    bool asked;  /* by now, whatever the configuration, a device is asked for its mode */
    uint32_t devnum;   /* another one for each attachment */
    uint32_t handle;   /* the devnum that the host has opened */
    uint8_t alternate; /* the setting that it has selected */
    bool cancelled;
    bool shortened; /* the host was given less than the device sent */
    uint8_t got_n;  /* what a READ has brought */
    uint8_t got[EXPLORE_REGION];
    uint32_t seen; /* bit i: byte i of the image was read back, and no flash work since */
    dfukit_host *host;
    struct {
        uint32_t at, size;
    } given[EXPLORE_BLOCKS_MAX]; /* memory handed out; size 0: none */
    uint32_t used;               /* of the small memory */
} explore_world;

/* Memory for the host engine. Small blocks lie in the part that snapshots cover; of the one large
 * block (room for uploads) they cover the head, and the rest must stay untouched. */
#define EXPLORE_SMALL 16384u
#define EXPLORE_HEAD  256u
#define EXPLORE_LARGE 65536u
typedef struct explore_all {
    explore_world world;
    _Alignas(64) uint8_t memory[EXPLORE_SMALL + EXPLORE_LARGE];
} explore_all;
extern explore_all explore_it;
extern const explore_config *explore_of; /* the configuration at hand */

/* ---- flash.c, device.c ---- */

extern const dfukit_flash_ops explore_flash_ops;
extern const uint8_t explore_image[EXPLORE_IMAGE];
void explore_flash_reset(explore_flash *f);
void explore_flash_cut(explore_flash *f);
bool explore_flash_equals_image(const explore_flash *f);
const uint8_t *explore_flash_region(const explore_flash *f);

void explore_device_make(explore_world *w); /* as it is found */
void explore_power(explore_world *w);       /* off, and on again */
void explore_bus_reset(explore_world *w);
void explore_obey(explore_world *w); /* what the device wishes: leave, and attach anew */
void explore_poll(explore_world *w);
void explore_advance(explore_world *w, uint64_t ms);
/* The device as a host lists it. */
void explore_target(const explore_world *w, dfukit_target *t);

/* ---- bus.c ---- */

/* Make a host for the configuration's job, or for a plain WRITE of the image (fresh). */
bool explore_host_make(explore_world *w, bool fresh);
/* Carry out the engine's present step, answer it, and have it prepare the next one. */
void explore_step(explore_world *w);
const dfukit_step *explore_present(explore_world *w);
bool explore_ended(explore_world *w);

/* ---- world.c, calibrate.c ---- */

typedef struct explore_snapshot explore_snapshot;
void explore_start(const explore_config *c, uint8_t faults, uint64_t now_ms);
/* Everything until now is the base that snapshots are told apart from. */
void explore_base(void);
explore_snapshot *explore_take(uint64_t *hash);
void explore_restore(const explore_snapshot *s);
/* Of the device, the bus and the flash alone. */
uint64_t explore_device_hash(void);
bool explore_tail_untouched(void);
extern const dfukit_allocator explore_allocator;

/* Learn which words of the host engine's memory are times: those that follow the clock. @return
 * false: some word depends on the time in another way. */
bool explore_calibrate(const explore_config *c);
#define EXPLORE_TIMES_MAX 16u
typedef struct explore_times {
    size_t count;
    uint32_t at[EXPLORE_TIMES_MAX]; /* offsets into `memory` */
} explore_times;
extern explore_times explore_time_words;
/* A time farther away than this counts as this far away. */
#define EXPLORE_HORIZON_MS 60000
#define EXPLORE_START_MS   UINT64_C(1000000)

/* ---- invariants.c ---- */

typedef struct explore_result {
    size_t states, transitions, ends, ends_ok;
    size_t unseen; /* what is tolerated: see invariants.c */
    double paths;
    uint32_t longest_steps;
    uint64_t longest_ms;
} explore_result;

typedef struct explore_failure {
    bool is;
    const char *invariant;
    char what[200];
} explore_failure;
extern explore_failure explore_failed;
/* The first failure counts. */
void explore_violated(const char *invariant, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The host engine has ended: look at the outcome, free it, and write once more. Spoils the world.
 */
void explore_check_end(explore_world *w);
/* For a new configuration; `result` counts what is noteworthy, and may be NULL. */
void explore_invariants_begin(explore_result *result);
void explore_invariants_end(void);

#define EXPLORE_STEPS_MAX 400u
/* Over the job's own timeout: what it takes to leave a usable device behind. */
#define EXPLORE_AFTER_MS 40000u

/* ---- search.c, graph.c, hashset.c, replay.c, selftest.c ---- */

/* @return false: an invariant is violated; then `path` holds the line that replays it. */
bool explore_search(const explore_config *c, uint8_t faults, explore_result *result, char *path,
                    size_t path_size);

/* Take no two states for the same: the tree of all paths instead of the graph. */
extern bool explore_unmerged;

typedef struct explore_set {
    size_t room, count;
    uint64_t *keys; /* 0: none */
    uint32_t *values;
} explore_set;
/* @return the value of `key`, which is `value` when it was not there. */
uint32_t explore_set_add(explore_set *s, uint64_t key, uint32_t value);
void explore_set_free(explore_set *s);

typedef struct explore_edge {
    uint32_t from, to, ms;
} explore_edge;
/* Edges are sorted by `from`; state 0 is the start. @return a state on a cycle, or -1. */
int64_t explore_graph(const explore_edge *edges, size_t count, size_t states,
                      explore_result *result);

/* @return the exit code. */
int explore_replay(const char *line);
int explore_selftest(void);

extern bool explore_talking; /* replay: say what happens */
void explore_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
