/* SPDX-License-Identifier: MIT */
/*
 * One operation of a DfuSe device: a command or a block. Nothing is executed before the first
 * DFU_GETSTATUS, which answers dfuDNBUSY and how long it will take; that is waited for, and the
 * second tells the result. Nothing is waited for behind a result. Spec: AN3156 §5.
 */
#include "dfuse.h"

#define WEDGE_MS     5000u /* busy so long beyond its own time, a device known to hang has hung */
#define WEDGE_CLEARS 2u

static void put_address(uint8_t *bytes, uint32_t address)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(address >> (8 * i));
}

static bool lasts(dfukit_operation operation)
{
    return operation == DFUKIT_OPERATION_MASS_ERASE || operation == DFUKIT_OPERATION_UNPROTECT;
}

/* How long the device may be busy. What erases everything is bounded by the job's time alone, which
 * a quirk may lengthen where nobody has set it. */
static uint64_t limit(dfukit_host *h, dfukit_operation operation)
{
    uint32_t most = 0;
    if (!lasts(operation))
        return h->now_ms + DFUKIT_BUSY_MS;
    if (dfukit_target_quirk(&h->target, DFUKIT_QUIRK_MASS_ERASE, &most))
        dfukit_host_allow(h, most);
    return UINT64_MAX;
}

/* Option bytes take effect by a reset, which the device gives itself. */
static bool resets(dfukit_host *h, dfukit_operation operation)
{
    if (operation == DFUKIT_OPERATION_UNPROTECT)
        return true;
    if (operation != DFUKIT_OPERATION_DATA && operation != DFUKIT_OPERATION_ERASE)
        return false;
    const dfukit_map *map = dfukit_dfuse_map(h, h->alternate);
    return h->job.resets_device || (map != NULL && map->kind == DFUKIT_MAP_OPTION_BYTES);
}

void dfukit_dfuse_operate(dfukit_host *h, dfukit_operation operation, uint32_t address)
{
    static const uint8_t codes[] = {
        [DFUKIT_OPERATION_ADDRESS] = DFUKIT_DFUSE_SET_ADDRESS,
        [DFUKIT_OPERATION_ERASE] = DFUKIT_DFUSE_ERASE,
        [DFUKIT_OPERATION_MASS_ERASE] = DFUKIT_DFUSE_ERASE,
        [DFUKIT_OPERATION_UNPROTECT] = DFUKIT_DFUSE_UNPROTECT,
        [DFUKIT_OPERATION_DATA] = 0,
    };
    dfukit_dfuse_work *w = &h->dfuse;
    if (w->bState == DFUKIT_UPLOAD_IDLE) { /* no DNLOAD from there: DFU 1.1 A.2.10 */
        dfukit_dfuse_abort(h);
        return;
    }
    w->operation = operation;
    w->address = address;
    w->may_reset = resets(h, operation);
    w->accepted = false;
    w->told_ms = 0;
    w->clears = 0;
    if (operation != DFUKIT_OPERATION_DATA) {
        w->command[0] = codes[operation];
        put_address(w->command + 1, address);
        w->out = w->command;
        w->length = lasts(operation) ? 1 : 5;
    }
    h->polls = h->stalls = h->zero_polls = 0;
    h->refused = false;
    dfukit_host_go(h, DFUKIT_STAGE_DFUSE_DNLOAD);
}

void dfukit_prepare_dfuse_dnload(dfukit_host *h)
{
    dfukit_dfuse_work *w = &h->dfuse;
    bool data = w->operation == DFUKIT_OPERATION_DATA;
    h->written |= w->operation != DFUKIT_OPERATION_ADDRESS;
    w->limit_at_ms = limit(h, w->operation);
    h->outcome.block = data ? w->block : 0;
    h->outcome.has_address = !lasts(w->operation);
    h->outcome.address = w->address;
    dfukit_transfer *t = dfukit_host_class(h, DFUKIT_DNLOAD, (uint16_t)h->outcome.block, w->length);
    t->out = w->out;
    if (h->owed_ms == 0 && h->job.batch > 1 && !w->may_reset)
        dfukit_host_get_status(h);
}

/* ---- Its end ---- */

static const char *doing(dfukit_operation operation)
{
    switch (operation) {
    case DFUKIT_OPERATION_ADDRESS:
        return "setting the address";
    case DFUKIT_OPERATION_ERASE:
        return "erasing a page";
    case DFUKIT_OPERATION_MASS_ERASE:
        return "erasing everything";
    case DFUKIT_OPERATION_UNPROTECT:
        return "lifting the read protection";
    case DFUKIT_OPERATION_DATA:
    default:
        return "writing a block";
    }
}

void dfukit_dfuse_fail_status(dfukit_host *h, const dfukit_status_reply *status, const char *what)
{
    switch (status->bStatus) {
    case DFUKIT_STATUS_TARGET:
    case DFUKIT_STATUS_ADDRESS:
        dfukit_host_fail(h, DFUKIT_ERR_DEVICE, "the device refuses this address",
                         "check that the file is meant for this device");
        break;
    case DFUKIT_STATUS_VENDOR:
        dfukit_host_fail(h, DFUKIT_ERR_DEVICE, "the device is read protected",
                         "`dfu unlock` lifts the protection, and erases everything");
        break;
    default:
        dfukit_host_fail_status(h, status, what);
        break;
    }
}

static uint64_t mass_bytes(dfukit_host *h)
{
    uint64_t sum = 0;
    const dfukit_map *map = dfukit_dfuse_map(h, h->dfuse.plan.mass_alternates[h->dfuse.mass]);
    for (size_t i = 0; map != NULL && i < map->count; i++) {
        if ((map->spans[i].permissions & DFUKIT_MAY_ERASE) != 0)
            sum += (uint64_t)map->spans[i].count * map->spans[i].size;
    }
    return sum;
}

static void operation_done(dfukit_host *h)
{
    dfukit_dfuse_work *w = &h->dfuse;
    switch (w->operation) {
    case DFUKIT_OPERATION_ADDRESS:
        w->pointed = true;
        w->base = w->address;
        w->block = DFUKIT_DFUSE_FIRST_BLOCK;
        break;
    case DFUKIT_OPERATION_ERASE:
        h->outcome.erased += w->plan.pages[w->page++].size;
        break;
    case DFUKIT_OPERATION_MASS_ERASE:
        h->outcome.erased += mass_bytes(h);
        w->mass++;
        break;
    case DFUKIT_OPERATION_UNPROTECT:
        h->outcome.confirmed = true;
        w->part = DFUKIT_PART_ENDING;
        break;
    case DFUKIT_OPERATION_DATA:
    default:
        w->block++;
        dfukit_dfuse_moved(h, w->length);
        break;
    }
    if (w->operation != DFUKIT_OPERATION_ADDRESS)
        w->repeats = 0;
    dfukit_host_go(h, DFUKIT_STAGE_DFUSE_NEXT);
}

/* Gone behind an operation. Where the device resets itself to end it, that is how it ends. */
static void gone(dfukit_host *h)
{
    dfukit_dfuse_work *w = &h->dfuse;
    h->have_device = false;
    if (!w->may_reset || !w->accepted) {
        dfukit_host_fail_transfer(h, DFUKIT_ERR_GONE, doing(w->operation));
        return;
    }
    operation_done(h);
    bool more = w->operation == DFUKIT_OPERATION_DATA && w->run < w->plan.run_count;
    if (more || w->operation == DFUKIT_OPERATION_ERASE)
        dfukit_host_fail_transfer(h, DFUKIT_ERR_GONE, doing(w->operation));
    else
        dfukit_dfuse_reset_itself(h);
}

/* ---- Its status ---- */

static void busy(dfukit_host *h, const dfukit_status_reply *status)
{
    dfukit_dfuse_work *w = &h->dfuse;
    if (h->polls == 0) /* its first word: it has begun by now, however late that was heard */
        h->busy_since_ms = h->now_ms;
    if (status->bwPollTimeout > w->told_ms)
        w->told_ms = status->bwPollTimeout;
    uint64_t beyond = h->busy_since_ms + w->told_ms + WEDGE_MS;
    bool wedged = h->now_ms >= w->limit_at_ms ||
                  (!lasts(w->operation) && h->now_ms >= beyond &&
                   dfukit_target_quirk(&h->target, DFUKIT_QUIRK_BUSY_WEDGE, NULL));
    if (dfukit_host_hung(h, status))
        return;
    if (wedged && w->clears == 0 && w->repeats == 0)
        dfukit_host_go(h, DFUKIT_STAGE_DFUSE_CLEAR);
    else if (wedged)
        dfukit_host_fail(h, DFUKIT_ERR_DEADLINE, "the device stays busy",
                         "unplug the device, plug it in again and repeat");
    else
        dfukit_host_pause(h, dfukit_host_poll_pause(h, status->bwPollTimeout),
                          DFUKIT_STAGE_DFUSE_STATUS);
}

/* A block that was sent a second time, and will be read back. */
static bool repeated_block(dfukit_host *h)
{
    return h->dfuse.repeats != 0 && h->dfuse.operation == DFUKIT_OPERATION_DATA &&
           h->job.verify != DFUKIT_VERIFY_NEVER && dfukit_dfuse_can_verify(h);
}

static void operation_state(dfukit_host *h, const dfukit_status_reply *status)
{
    dfukit_dfuse_work *w = &h->dfuse;
    switch (status->bState) {
    case DFUKIT_DNLOAD_IDLE:
        if (h->refused)
            break;
        w->bState = DFUKIT_DNLOAD_IDLE;
        h->owed_ms = status->bwPollTimeout;
        operation_done(h);
        return;
    case DFUKIT_DNLOAD_SYNC:
    case DFUKIT_DNBUSY:
        busy(h, status);
        return;
    case DFUKIT_DFU_ERROR:
        if (repeated_block(h))
            dfukit_host_go(h, DFUKIT_STAGE_DFUSE_CLEAR);
        else
            dfukit_dfuse_fail_status(h, status, doing(w->operation));
        return;
    default:
        break;
    }
    dfukit_host_fail(h, DFUKIT_ERR_PROTOCOL,
                     h->refused ? "the device refused a command or block without saying why"
                                : "the device left the download without saying why",
                     NULL);
}

/* Some loaders stall while they erase, or do not answer: their last poll timeout again. */
static bool mute_while_busy(dfukit_host *h, int result)
{
    uint32_t most = DFUKIT_STATUS_STALLS;
    dfukit_target_quirk(&h->target, DFUKIT_QUIRK_ERASE_STALLS, &most);
    bool mute = result == DFUKIT_ERR_STALL || result == DFUKIT_ERR_TIMEOUT;
    if (!mute || h->refused || h->stalls++ >= most)
        return false;
    uint32_t told = h->dfuse.told_ms;
    dfukit_host_pause(h, told == 0 ? 5 : told, DFUKIT_STAGE_DFUSE_STATUS);
    return true;
}

static void operation_status(dfukit_host *h, const dfukit_transfer *t)
{
    dfukit_status_reply status;
    int r = dfukit_host_take_status(h, t, &status);
    if (r == DFUKIT_OK) {
        h->stalls = 0;
        operation_state(h, &status);
    } else if (r == DFUKIT_ERR_GONE) {
        gone(h);
    } else if (!mute_while_busy(h, r)) {
        dfukit_host_fail_transfer(h, r, doing(h->dfuse.operation));
    }
}

void dfukit_answer_dfuse_dnload(dfukit_host *h, int result)
{
    (void)result;
    dfukit_dfuse_work *w = &h->dfuse;
    const dfukit_transfer *t = &h->transfers[0];
    h->busy_since_ms = h->now_ms; /* a device that worked within the transfer was not busy yet */
    if (!lasts(w->operation))
        w->limit_at_ms = h->now_ms + DFUKIT_BUSY_MS;
    h->refused = t->result == DFUKIT_ERR_STALL; /* the status says why */
    w->accepted = t->result == (int32_t)w->length;
    if (!h->refused && !w->accepted) {
        dfukit_status_reply status; /* its time is kept, whatever has come before it */
        if (t->result == DFUKIT_ERR_GONE)
            h->have_device = false;
        if (h->step.count > 1)
            (void)dfukit_host_take_status(h, &h->transfers[1], &status);
        dfukit_host_fail_transfer(h, t->result, doing(w->operation));
        return;
    }
    if (h->step.count > 1)
        operation_status(h, &h->transfers[1]);
    else
        dfukit_host_pause(h, h->refused ? 0 : h->owed_ms, DFUKIT_STAGE_DFUSE_STATUS);
}

void dfukit_prepare_dfuse_status(dfukit_host *h)
{
    dfukit_host_get_status(h);
}

void dfukit_answer_dfuse_status(dfukit_host *h, int result)
{
    (void)result;
    operation_status(h, &h->transfers[0]);
}

/* ---- Behind the last block ---- */

/* A device may keep the end of a block until it knows that nothing continues it, and program it
 * only now: that takes its time, and may fail. */
void dfukit_dfuse_close(dfukit_host *h)
{
    h->polls = h->stalls = 0;
    h->busy_since_ms = h->now_ms;
    dfukit_host_go(h, DFUKIT_STAGE_DFUSE_ABORT);
}

void dfukit_prepare_dfuse_abort(dfukit_host *h)
{
    dfukit_host_class(h, DFUKIT_ABORT, 0, 0);
}

void dfukit_answer_dfuse_abort(dfukit_host *h, int result)
{
    (void)result;
    int32_t r = h->transfers[0].result;
    if (r == DFUKIT_ERR_GONE)
        h->have_device = false;
    if (r >= 0 || r == DFUKIT_ERR_STALL) /* the status that follows tells whether it helped */
        dfukit_host_go(h, DFUKIT_STAGE_DFUSE_ABORTED);
    else
        dfukit_host_fail_transfer(h, r, "ending a download");
}

void dfukit_prepare_dfuse_aborted(dfukit_host *h)
{
    dfukit_host_get_status(h);
}

/* In dfuIDLE some always name a time: it is waited for once only. */
void dfukit_answer_dfuse_aborted(dfukit_host *h, int result)
{
    (void)result;
    dfukit_status_reply status = {0};
    int r = dfukit_host_take_status(h, &h->transfers[0], &status);
    bool settled = status.bwPollTimeout == 0 || h->polls++ != 0;
    if (r != DFUKIT_OK || status.bState != DFUKIT_DFU_IDLE) {
        if (r == DFUKIT_OK && status.bState == DFUKIT_DFU_ERROR)
            dfukit_dfuse_fail_status(h, &status, doing(DFUKIT_OPERATION_DATA));
        else if (r == DFUKIT_ERR_GONE)
            dfukit_host_fail_transfer(h, r, "ending a download");
        else
            dfukit_host_make_idle(h, DFUKIT_STAGE_DFUSE_NEXT);
    } else if (settled) {
        h->owed_ms = status.bwPollTimeout;
        dfukit_host_go(h, DFUKIT_STAGE_DFUSE_NEXT);
    } else {
        dfukit_host_pause_idle(h, status.bwPollTimeout, DFUKIT_STAGE_DFUSE_ABORTED);
    }
}

/* ---- A device that hangs ---- */

void dfukit_prepare_dfuse_clear(dfukit_host *h)
{
    h->dfuse.clears++;
    dfukit_host_class(h, DFUKIT_CLRSTATUS, 0, 0);
}

void dfukit_answer_dfuse_clear(dfukit_host *h, int result)
{
    (void)result;
    int32_t r = h->transfers[0].result;
    if (r >= 0 || r == DFUKIT_ERR_STALL) /* the status that follows tells whether it helped */
        dfukit_host_go(h, DFUKIT_STAGE_DFUSE_CLEARED);
    else
        dfukit_host_fail_transfer(h, r, "freeing a device that hangs");
}

/* Whether the operation was carried out nobody knows: once more. If it was, the device may refuse
 * that for a block, whose memory is not blank any more. */
static void freed(dfukit_host *h)
{
    dfukit_dfuse_work *w = &h->dfuse;
    if (repeated_block(h)) {
        operation_done(h);
    } else {
        w->repeats++;
        dfukit_host_go(h, DFUKIT_STAGE_DFUSE_NEXT);
    }
    w->pointed = false;
}

void dfukit_prepare_dfuse_cleared(dfukit_host *h)
{
    dfukit_host_get_status(h);
}

void dfukit_answer_dfuse_cleared(dfukit_host *h, int result)
{
    (void)result;
    dfukit_dfuse_work *w = &h->dfuse;
    dfukit_status_reply status;
    int r = dfukit_host_take_status(h, &h->transfers[0], &status);
    bool idle =
        r == DFUKIT_OK && (status.bState == DFUKIT_DFU_IDLE || status.bState == DFUKIT_DNLOAD_IDLE);
    if (idle) {
        w->bState = status.bState;
        h->owed_ms = status.bwPollTimeout;
        freed(h);
    } else if ((r == DFUKIT_OK || r == DFUKIT_ERR_STALL) && w->clears < WEDGE_CLEARS) {
        dfukit_host_go(h, DFUKIT_STAGE_DFUSE_CLEAR);
    } else if (r != DFUKIT_OK) {
        dfukit_host_fail_transfer(h, r, "freeing a device that hangs");
    } else {
        dfukit_host_fail(h, DFUKIT_ERR_DEADLINE, "the device stays busy",
                         "unplug the device, plug it in again and repeat");
    }
}
