/* SPDX-License-Identifier: MIT */
/* Reading a device: for a file, or to compare it with one. Spec: DFU 1.1 §6.2. */
#include "engine.h"

#define UPLOAD_BUFFER 65536u

void dfukit_host_begin_upload(dfukit_host *h)
{
    if (h->goal == DFUKIT_VERB_VERIFY && !dfukit_host_has_stream(h))
        return;
    h->progress.phase =
        h->goal == DFUKIT_VERB_VERIFY ? DFUKIT_PHASE_VERIFICATION : DFUKIT_PHASE_TRANSFER;
    h->progress.done = 0;
    h->progress.total = h->goal == DFUKIT_VERB_VERIFY ? h->job.stream->length : 0;
    h->offset = 0;
    h->block = 0;
    h->outcome.differences = 0;
    if (!dfukit_host_room(h, h->transfer_size > UPLOAD_BUFFER ? h->transfer_size : UPLOAD_BUFFER))
        return;
    dfukit_host_make_idle(h, DFUKIT_STAGE_UPLOAD);
}

/* UPLOADs are handed out together only while each is certain to be full: within what was just
 * written. */
static uint32_t blocks_at_once(const dfukit_host *h)
{
    if (h->goal != DFUKIT_VERB_VERIFY || !h->manifested)
        return 1;
    uint32_t n = (h->job.stream->length - h->offset) / h->transfer_size;
    uint32_t room = (uint32_t)h->buffer_size / h->transfer_size;
    if (n > room)
        n = room;
    if (n > h->job.batch)
        n = h->job.batch;
    return n != 0 ? n : 1;
}

void dfukit_prepare_upload(dfukit_host *h)
{
    uint32_t count = blocks_at_once(h);
    h->outcome.block = h->block & 0xFFFFu;
    for (uint32_t i = 0; i < count; i++) {
        dfukit_transfer *t = dfukit_host_class(h, DFUKIT_UPLOAD, (uint16_t)(h->block + i),
                                               (uint16_t)h->transfer_size);
        t->in = h->buffer + (size_t)i * h->transfer_size;
    }
}

static void compare(dfukit_host *h, const uint8_t *got, uint32_t n)
{
    uint8_t scratch[256]; /* for pieces that reach over a gap of the image */
    uint32_t done = 0;
    while (done < n) {
        uint32_t piece = n - done < sizeof scratch ? n - done : (uint32_t)sizeof scratch;
        uint32_t at = h->offset + done;
        const uint8_t *wanted = dfukit_stream_bytes(h->job.stream, at, piece, scratch);
        for (uint32_t i = 0; i < piece; i++) {
            if (wanted[i] != got[done + i] && h->outcome.differences++ == 0)
                h->outcome.differs_at = h->job.stream->base + at + i;
        }
        done += piece;
    }
}

/* Take `n` bytes of one frame. @return false when no more are wanted. */
static bool take(dfukit_host *h, const uint8_t *bytes, uint32_t n)
{
    bool verify = h->goal == DFUKIT_VERB_VERIFY;
    uint32_t limit = verify ? h->job.stream->length : h->job.read_limit;
    uint32_t wanted = n < limit - h->offset ? n : limit - h->offset;
    if (verify)
        compare(h, bytes, wanted);
    else
        h->received += wanted;
    h->offset += wanted;
    h->progress.done = h->offset;
    if (h->job.verb != DFUKIT_VERB_WRITE)
        h->outcome.bytes = h->offset;
    return h->offset < limit;
}

static void after_upload(dfukit_host *h)
{
    if (h->job.verb == DFUKIT_VERB_WRITE || h->found_runtime)
        dfukit_host_leave(h);
    else
        dfukit_host_done(h);
}

static void conclude_verify(dfukit_host *h)
{
    uint32_t missing = h->job.stream->length - h->offset;
    if (missing != 0 && h->outcome.differences == 0)
        h->outcome.differs_at = h->job.stream->base + h->offset;
    h->outcome.differences += missing;
    if (h->outcome.differences != 0) {
        dfukit_host_fail(h, DFUKIT_ERR_DIFFERS, "what is on the device differs from the file",
                         h->written ? "write again; if it fails again, the flash memory is bad"
                                    : NULL);
        return;
    }
    h->outcome.verified = true;
    after_upload(h);
}

static void conclude(dfukit_host *h)
{
    if (h->goal == DFUKIT_VERB_VERIFY)
        conclude_verify(h);
    else if (h->offset == 0)
        dfukit_host_fail(h, DFUKIT_ERR_PROTOCOL, "the device uploaded nothing", NULL);
    else if (h->offset == DFUKIT_READ_LIMIT)
        dfukit_host_fail(h, DFUKIT_ERR_PROTOCOL, "the device's upload does not end", NULL);
    else
        after_upload(h);
}

void dfukit_answer_upload(dfukit_host *h, int result)
{
    (void)result;
    h->received_at = 0;
    for (size_t i = 0; i < h->step.count; i++) {
        const dfukit_transfer *t = &h->transfers[i];
        if (t->result == DFUKIT_ERR_STALL) {
            dfukit_host_go(h, DFUKIT_STAGE_UPLOAD_STATUS);
            return;
        }
        if (t->result < 0 || (uint32_t)t->result > h->transfer_size) {
            if (t->result == DFUKIT_ERR_GONE)
                h->have_device = false;
            dfukit_host_fail_transfer(h, t->result, "reading a block");
            return;
        }
        h->block++;
        bool more = take(h, t->in, (uint32_t)t->result);
        bool last = (uint32_t)t->result < h->transfer_size; /* a short frame ends the upload */
        if (last && i + 1 == h->step.count) {
            conclude(h);
            return;
        }
        if (last || !more) {
            dfukit_host_make_idle(h, DFUKIT_STAGE_UPLOAD_ABORT);
            return;
        }
    }
}

void dfukit_prepare_upload_abort(dfukit_host *h)
{
    conclude(h); /* dfuIDLE has been reached by an ABORT */
}

void dfukit_answer_upload_abort(dfukit_host *h, int result)
{
    (void)h;
    (void)result;
}

void dfukit_prepare_upload_status(dfukit_host *h)
{
    dfukit_host_get_status(h);
}

void dfukit_answer_upload_status(dfukit_host *h, int result)
{
    (void)result;
    dfukit_status_reply status;
    int r = dfukit_host_take_status(h, &h->transfers[0], &status);
    if (r != DFUKIT_OK)
        dfukit_host_fail_transfer(h, r, "asking why a block could not be read");
    else if (status.bState == DFUKIT_DFU_ERROR)
        dfukit_host_fail_status(h, &status, "the device reported an error while it was read");
    else
        dfukit_host_fail(h, DFUKIT_ERR_PROTOCOL, "the device refused to be read without saying why",
                         NULL);
}
