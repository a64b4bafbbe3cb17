/* SPDX-License-Identifier: MIT */
/*
 * Inside the host engine. The engine is a walk over stages; a stage prepares one step (or moves
 * straight on to another stage) and takes its answer. Each file of this folder owns the stages of
 * one part of the conversation; engine.c holds the table that joins them.
 */
#ifndef DFUKIT_HOST_ENGINE_H
#define DFUKIT_HOST_ENGINE_H

#include "dfuse_work.h"

#define DFUKIT_BATCH_MAX 16u

/* Bounds. Every wait and every loop of the engine ends by one of these. */
#define DFUKIT_TRANSFER_MS    5000u /* one control transfer */
#define DFUKIT_BLOCK_MS       20000u /* one with a block: some erase and program before they take it */
#define DFUKIT_DETACH_MS      1000u  /* wTimeout asked for, where the device allows as much */
#define DFUKIT_RETURN_MS      10000u /* a device that re-enumerates, after its wDetachTimeOut */
#define DFUKIT_BUSY_MS        40000u /* busy with one block; the longest sector erase known is 32 s */
#define DFUKIT_SETTLE_MS      3000u /* leaving a usable device behind after a failure */
#define DFUKIT_IDLE_TRIES     12u   /* requests to reach dfuIDLE */
#define DFUKIT_STATUS_STALLS  3u    /* DFU_GETSTATUS stalled in a row while the device is busy */
#define DFUKIT_IDLE_POLL_MAX  1000u /* waited for in dfuIDLE, whatever the device says */
#define DFUKIT_POLL_FLOOR_MAX 50u   /* pause between polls of a device that asks for none */

typedef enum dfukit_stage {
    DFUKIT_STAGE_BEGIN,
    DFUKIT_STAGE_WAIT,
    /* reconfigure.c */
    DFUKIT_STAGE_CLAIM_RUNTIME,
    DFUKIT_STAGE_DETACH,
    DFUKIT_STAGE_DETACH_RESET,
    DFUKIT_STAGE_RETURN_DFU,
    DFUKIT_STAGE_CLAIM_DFU,
    /* idle.c */
    DFUKIT_STAGE_IDLE_STATUS,
    DFUKIT_STAGE_IDLE_REQUEST,
    DFUKIT_STAGE_ANEW_RESET,
    DFUKIT_STAGE_ANEW_RETURN,
    DFUKIT_STAGE_REPORT,
    /* download.c */
    DFUKIT_STAGE_BLOCK,
    DFUKIT_STAGE_BLOCK_STATUS,
    DFUKIT_STAGE_END,
    DFUKIT_STAGE_MANIFEST_STATUS,
    /* upload.c */
    DFUKIT_STAGE_UPLOAD,
    DFUKIT_STAGE_UPLOAD_STATUS,
    DFUKIT_STAGE_UPLOAD_ABORT,
    /* leave.c */
    DFUKIT_STAGE_LEAVE,
    DFUKIT_STAGE_LEAVE_ALTERNATE,
    DFUKIT_STAGE_LEAVE_STATUS,
    DFUKIT_STAGE_LEAVE_DETACH,
    DFUKIT_STAGE_LEAVE_UPLOAD,
    DFUKIT_STAGE_LEAVE_RESET,
    DFUKIT_STAGE_RETURN_APP,
    DFUKIT_STAGE_CHECK_CLAIM,
    DFUKIT_STAGE_CHECK_STATUS,
    /* dfuse*.c */
    DFUKIT_STAGE_DFUSE_COMMANDS,
    DFUKIT_STAGE_DFUSE_NEXT,
    DFUKIT_STAGE_DFUSE_SELECT,
    DFUKIT_STAGE_DFUSE_DNLOAD,
    DFUKIT_STAGE_DFUSE_STATUS,
    DFUKIT_STAGE_DFUSE_ABORT,
    DFUKIT_STAGE_DFUSE_ABORTED,
    DFUKIT_STAGE_DFUSE_CLEAR,
    DFUKIT_STAGE_DFUSE_CLEARED,
    DFUKIT_STAGE_DFUSE_UPLOAD,
    DFUKIT_STAGE_DFUSE_UPLOAD_STATUS,
    DFUKIT_STAGE_DFUSE_LEAVE,
    DFUKIT_STAGE_DFUSE_LEAVE_STATUS,
    DFUKIT_STAGE_DFUSE_BACK,
    /* failure.c */
    DFUKIT_STAGE_TEXT_LANGUAGE,
    DFUKIT_STAGE_TEXT,
    DFUKIT_STAGE_ENDED,
    DFUKIT_STAGE_COUNT
} dfukit_stage;

struct dfukit_host {
    dfukit_allocator allocator;
    dfukit_job job;
    dfukit_verb goal;     /* the verb, then what is left of it: WRITE becomes VERIFY */
    dfukit_target target; /* as last seen */
    dfukit_target first;  /* as it was found */
    dfukit_outcome outcome;
    dfukit_progress progress;

    dfukit_stage stage;
    dfukit_stage after; /* stage behind WAIT, IDLE or TEXT */
    dfukit_stage after_idle;
    bool ready; /* `step` has been prepared and not been answered */
    dfukit_step step;
    dfukit_transfer transfers[DFUKIT_BATCH_MAX];
    uint8_t status_bytes[DFUKIT_STATUS_SIZE];
    uint8_t text[255];
    uint8_t *buffer; /* room for a batch of blocks */
    size_t buffer_size;

    uint64_t now_ms, deadline_ms;
    uint64_t busy_since_ms;
    uint64_t poll_until_ms; /* bwPollTimeout of a busy device: no DFU_GETSTATUS before */
    uint32_t pause_ms;      /* of the WAIT step */
    uint32_t owed_ms;       /* bwPollTimeout of the idle state: due after the next DNLOAD */
    unsigned polls;         /* DFU_GETSTATUS in a row without a change */
    unsigned stalls;        /* … that were stalled */
    unsigned zero_polls;    /* busy in a row without a poll time */
    unsigned tries;
    uint8_t request; /* in IDLE_REQUEST: CLRSTATUS or ABORT */
    uint32_t transfer_size;
    uint32_t block;     /* counts up; wBlockNum is its low half */
    uint32_t offset;    /* bytes of the stream done */
    uint32_t in_flight; /* bytes of the block under way */
    size_t received_at, received;

    bool timed;         /* the job says how long everything may take */
    uint8_t farewells;  /* what a product wants before it leaves, as far as it was done */
    bool have_device;   /* claimed and, as far as known, still there */
    bool found_runtime; /* the device was in run-time mode when this began */
    bool written;       /* a block has been sent: the old firmware is gone */
    bool refused;       /* the device stalled the block under way */
    bool manifested;    /* the device has taken the end of the download, as far as is known */
    bool manifesting;   /* it was seen at its manifestation, which begins with the first status, or
                           behind it */
    bool ended;         /* … and has said so: by acknowledging it, or by its state */
    bool detaching;     /* DETACH was sent, and the device is not claimed in DFU mode yet */
    bool reset_failed;  /* the last bus reset could not be given */
    bool released;      /* for the next bus reset, setting 0 has been asked for */
    bool unanswered;    /* … but its status was not told then */
    bool proven;        /* reset in such a way that dfuERROR would show */
    bool reclaimed;     /* claimed once more after the alternate setting was refused */
    bool anew;          /* begun anew after an earlier download's manifestation */
    uint8_t resets;     /* given to send it back */
    uint8_t alternate;  /* the setting that was selected */
    bool failing;       /* outcome.error is set; what follows only tidies up */
    bool cancelled;
    bool still_here; /* a reset was answered, and the device is looked at before it is waited for */
    bool brief;      /* then it is waited for less long */
    bool restarted;  /* one more round after the device was gone when it should have been back */
    bool stayed;     /* RETURN was answered with a device that had not left the bus */
    bool departed;   /* the device has said that it leaves the bus by itself */
    uint8_t iString;
    dfukit_dfuse_work dfuse;
};

/* A stage: prepare() fills h->step or goes to another stage; answer() takes what came of the step.
 */
typedef struct dfukit_stage_ops {
    void (*prepare)(dfukit_host *h);
    void (*answer)(dfukit_host *h, int result);
} dfukit_stage_ops;

/* steps.c: building blocks */
void dfukit_host_go(dfukit_host *h, dfukit_stage stage);
void dfukit_host_pause(dfukit_host *h, uint32_t ms, dfukit_stage after);
/* The same for a device in dfuIDLE that may be at work on the end of a block it was left. */
void dfukit_host_pause_idle(dfukit_host *h, uint32_t ms, dfukit_stage after);
void dfukit_host_step(dfukit_host *h, dfukit_step_kind kind);
/* Append a class request to the transfers of the step being built. */
dfukit_transfer *dfukit_host_class(dfukit_host *h, dfukit_request request, uint16_t wValue,
                                   uint16_t wLength);
void dfukit_host_get_status(dfukit_host *h);
/* Decode the status that transfer `t` brought. 0, or the error of the transfer (SHORT: not 6
 * bytes). */
int dfukit_host_take_status(dfukit_host *h, const dfukit_transfer *t, dfukit_status_reply *out);
/* How long to pause before polling once more: what the device asks for, or a floor that grows. */
uint32_t dfukit_host_poll_pause(dfukit_host *h, uint32_t bwPollTimeout);
/* A device that is known to have hung when it is busy without a poll time too often: the job fails.
 * @return whether it has. */
bool dfukit_host_hung(dfukit_host *h, const dfukit_status_reply *status);
/* How long a device that re-enumerates is waited for: `ms`, or what its product needs; clipped. */
uint32_t dfukit_host_return_time(dfukit_host *h, uint32_t ms);
/* Give the job `ms` more at least, unless its caller has said how long it may take. */
void dfukit_host_allow(dfukit_host *h, uint32_t ms);
/* A wait of `ms`, cut to what the job's deadline leaves, but no less than a second. */
uint32_t dfukit_host_clip(const dfukit_host *h, uint32_t ms);
bool dfukit_host_attribute(const dfukit_host *h, uint8_t bit);
/* Ensure room for `n` bytes in h->buffer; on failure the job fails and false is returned. */
bool dfukit_host_room(dfukit_host *h, size_t n);

/* failure.c */
void dfukit_host_fail(dfukit_host *h, int error, const char *what, const char *remedy);
/* A transfer ended with `result`, which is a failure here. */
void dfukit_host_fail_transfer(dfukit_host *h, int32_t result, const char *what);
/* The device says dfuERROR. */
void dfukit_host_fail_status(dfukit_host *h, const dfukit_status_reply *status, const char *what);
void dfukit_host_end(dfukit_host *h);
void dfukit_host_done(dfukit_host *h);

/* reconfigure.c, idle.c, download.c, upload.c, leave.c: entries used by others */
void dfukit_host_begin_dfu(dfukit_host *h); /* the target is in DFU mode: check, then claim */
void dfukit_host_make_idle(dfukit_host *h, dfukit_stage then);
/* The same for a device that is known to be in dfuDNLOAD-IDLE or dfuUPLOAD-IDLE: DFU_ABORT first.
 */
void dfukit_host_abort(dfukit_host *h, dfukit_stage then);
/* The payload as a stream, for a device without addresses; else the job fails. */
bool dfukit_host_has_stream(dfukit_host *h);
void dfukit_host_begin_download(dfukit_host *h);
void dfukit_host_begin_upload(dfukit_host *h);
void dfukit_host_downloaded(dfukit_host *h); /* manifested, in dfuIDLE: verify or leave */
void dfukit_host_leave(dfukit_host *h);
bool dfukit_host_can_reset(const dfukit_host *h);
/* What a product wants before, or instead of, the bus reset that sends it home. @return whether
 * something was begun; asked again, it goes on. */
bool dfukit_host_farewell(dfukit_host *h);

#define DFUKIT_STAGE_DECLARE(name)                                                                 \
    void dfukit_prepare_##name(dfukit_host *h);                                                    \
    void dfukit_answer_##name(dfukit_host *h, int result)
DFUKIT_STAGE_DECLARE(begin);
DFUKIT_STAGE_DECLARE(claim_runtime);
DFUKIT_STAGE_DECLARE(detach);
DFUKIT_STAGE_DECLARE(detach_reset);
DFUKIT_STAGE_DECLARE(return_dfu);
DFUKIT_STAGE_DECLARE(claim_dfu);
DFUKIT_STAGE_DECLARE(idle_status);
DFUKIT_STAGE_DECLARE(idle_request);
DFUKIT_STAGE_DECLARE(anew_reset);
DFUKIT_STAGE_DECLARE(anew_return);
DFUKIT_STAGE_DECLARE(report);
DFUKIT_STAGE_DECLARE(block);
DFUKIT_STAGE_DECLARE(block_status);
DFUKIT_STAGE_DECLARE(end);
DFUKIT_STAGE_DECLARE(manifest_status);
DFUKIT_STAGE_DECLARE(upload);
DFUKIT_STAGE_DECLARE(upload_status);
DFUKIT_STAGE_DECLARE(upload_abort);
DFUKIT_STAGE_DECLARE(leave);
DFUKIT_STAGE_DECLARE(leave_alternate);
DFUKIT_STAGE_DECLARE(leave_status);
DFUKIT_STAGE_DECLARE(leave_detach);
DFUKIT_STAGE_DECLARE(leave_upload);
DFUKIT_STAGE_DECLARE(leave_reset);
DFUKIT_STAGE_DECLARE(return_app);
DFUKIT_STAGE_DECLARE(check_claim);
DFUKIT_STAGE_DECLARE(check_status);
DFUKIT_STAGE_DECLARE(dfuse_commands);
DFUKIT_STAGE_DECLARE(dfuse_next);
DFUKIT_STAGE_DECLARE(dfuse_select);
DFUKIT_STAGE_DECLARE(dfuse_dnload);
DFUKIT_STAGE_DECLARE(dfuse_status);
DFUKIT_STAGE_DECLARE(dfuse_abort);
DFUKIT_STAGE_DECLARE(dfuse_aborted);
DFUKIT_STAGE_DECLARE(dfuse_clear);
DFUKIT_STAGE_DECLARE(dfuse_cleared);
DFUKIT_STAGE_DECLARE(dfuse_upload);
DFUKIT_STAGE_DECLARE(dfuse_upload_status);
DFUKIT_STAGE_DECLARE(dfuse_leave);
DFUKIT_STAGE_DECLARE(dfuse_leave_status);
DFUKIT_STAGE_DECLARE(dfuse_back);
DFUKIT_STAGE_DECLARE(text_language);
DFUKIT_STAGE_DECLARE(text);
#undef DFUKIT_STAGE_DECLARE

#endif
