/* SPDX-License-Identifier: MIT */
/* fuzz: rooms=protocol,image,host input=plain */
/*
 * The host engine against a device that answers anything: it comes to an end within bounds of steps
 * and of time, never asks for more than its buffers hold, and never says that firmware was written
 * that the device has not acknowledged to the last byte. The input: twelve bytes that choose job
 * and device, then the answers; without answers left, the device means well.
 */
#include "dfukit/host.h"
#include "script.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 20000u
#define BASE      0x08000000u
#define PAYLOAD   700u
#define MEMORY    4096u

static unsigned long done, failed, verified, dfuse_done;

const char *fuzz_missing(void)
{
    if (done == 0)
        return "a success";
    if (failed == 0)
        return "a failure";
    if (dfuse_done == 0)
        return "a success with DfuSe";
    return verified == 0 ? "a verification" : NULL;
}

typedef struct device {
    const uint8_t *answers;
    size_t n, at;
    bool dfuse;
    uint32_t block_size;
    uint8_t state;
    uint32_t address; /* DfuSe: as set */
    uint32_t length;  /* plain: bytes of the download so far */
    uint8_t memory[MEMORY];
    bool written[MEMORY]; /* acknowledged */
    bool ended;           /* the empty DNLOAD was acknowledged */
} device;

static void check(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static uint8_t next(device *d)
{
    return d->at < d->n ? d->answers[d->at++] : 0;
}

static void *resize(void *self, void *p, size_t n)
{
    (void)self;
    if (n != 0)
        return realloc(p, n);
    free(p);
    return NULL;
}

/* ---- What a device that means well does ---- */

static void erase(device *d, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to && i < MEMORY; i++) {
        d->memory[i] = 0xFF;
        d->written[i] = false;
    }
}

static void store(device *d, uint32_t at, const uint8_t *bytes, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (at + i >= MEMORY)
            return;
        d->memory[at + i] = bytes[i];
        d->written[at + i] = true;
    }
}

static void command(device *d, const uint8_t *bytes, uint32_t n)
{
    uint32_t address = n >= 5 ? (uint32_t)bytes[1] | (uint32_t)bytes[2] << 8 |
                                    (uint32_t)bytes[3] << 16 | (uint32_t)bytes[4] << 24
                              : 0;

    if (bytes[0] == DFUKIT_DFUSE_SET_ADDRESS && n == 5)
        d->address = address;
    if (bytes[0] == DFUKIT_DFUSE_ERASE && n == 5)
        erase(d, (address - BASE) & ~1023u, ((address - BASE) & ~1023u) + 1024u);
    if (bytes[0] == DFUKIT_DFUSE_ERASE && n == 1)
        erase(d, 0, MEMORY);
}

static void download(device *d, const dfukit_transfer *t)
{
    uint32_t n = t->setup.wLength;

    if (n == 0) {
        d->ended = true;
        d->state = DFUKIT_MANIFEST;
        return;
    }
    if (d->dfuse && t->setup.wValue == 0) {
        command(d, t->out, n);
    } else if (d->dfuse) {
        store(d, d->address - BASE + (t->setup.wValue - 2u) * d->block_size, t->out, n);
    } else {
        if (d->state == DFUKIT_DFU_IDLE) {
            d->length = 0;
            erase(d, 0, MEMORY);
        }
        store(d, d->length, t->out, n);
        d->length += n;
    }
    d->state = DFUKIT_DNBUSY;
    d->ended = false;
}

static void upload(device *d, dfukit_transfer *t)
{
    uint32_t from = t->setup.wValue * (uint32_t)t->setup.wLength;
    uint32_t end = MEMORY;

    if (d->dfuse && t->setup.wValue == 0) {
        static const uint8_t commands[4] = {0x00, 0x21, 0x41, 0x92};

        t->result = t->setup.wLength < 4 ? t->setup.wLength : 4;
        memcpy(t->in, commands, (size_t)t->result);
        return;
    }
    if (d->dfuse)
        from = d->address - BASE + (t->setup.wValue - 2u) * d->block_size;
    else
        end = d->length;
    d->state = DFUKIT_UPLOAD_IDLE;
    t->result = 0;
    while (t->result < (int32_t)t->setup.wLength && from < end && from < MEMORY)
        t->in[t->result++] = d->memory[from++];
    if (t->result < (int32_t)t->setup.wLength)
        d->state = DFUKIT_DFU_IDLE;
}

static void status(device *d, dfukit_transfer *t, uint8_t odd)
{
    dfukit_status_reply r = {.bStatus = 0, .bState = d->state};

    if (d->state == DFUKIT_DNBUSY)
        d->state = DFUKIT_DNLOAD_IDLE, r.bState = DFUKIT_DNLOAD_IDLE;
    if (d->state == DFUKIT_MANIFEST)
        d->state = DFUKIT_DFU_IDLE, r.bState = DFUKIT_DFU_IDLE;
    if ((odd & 1) != 0) {
        r.bStatus = next(d);
        r.bState = next(d) % 13;
        r.bwPollTimeout = next(d);
        if ((odd & 2) != 0)
            r.bwPollTimeout <<= 16;
        r.iString = next(d);
    }
    dfukit_status_encode(&r, t->in);
}

static void honest(device *d, dfukit_transfer *t, uint8_t odd)
{
    t->result = t->setup.wLength;
    if ((t->setup.bmRequestType & 0x60) == 0) {
        if (dfukit_setup_is_in(&t->setup))
            memset(t->in, 4, t->setup.wLength);
        return;
    }
    switch (t->setup.bRequest) {
    case DFUKIT_DNLOAD:
        download(d, t);
        break;
    case DFUKIT_UPLOAD:
        upload(d, t);
        break;
    case DFUKIT_GETSTATUS:
        if (t->setup.wLength == 6)
            status(d, t, odd);
        break;
    case DFUKIT_GETSTATE:
        if (t->setup.wLength == 1)
            t->in[0] = d->state;
        break;
    default:
        d->state = DFUKIT_DFU_IDLE;
        break;
    }
}

/* ---- Answers ---- */

static void answer(device *d, dfukit_transfer *t, bool *broken)
{
    static const int32_t failures[4] = {DFUKIT_ERR_STALL, DFUKIT_ERR_TIMEOUT, DFUKIT_ERR_GONE,
                                        DFUKIT_ERR_IO};
    uint8_t how = next(d);

    check(t->setup.wLength == 0 || (dfukit_setup_is_in(&t->setup) ? t->in != NULL : t->out != NULL),
          "a transfer has its buffer");
    if (t->out != NULL) /* every byte announced can be read */
        (void)dfukit_crc32(0, t->out, t->setup.wLength);
    if (dfukit_setup_is_in(&t->setup))
        memset(t->in, how, t->setup.wLength);
    if (*broken) {
        t->result = DFUKIT_ERR_AGAIN;
        return;
    }
    if (how >= 0xE0) {
        t->result = failures[how & 3];
        *broken = t->result != DFUKIT_ERR_STALL;
        return;
    }
    if (how >= 0xD0 && dfukit_setup_is_in(&t->setup)) { /* short */
        t->result = (int32_t)(next(d) % (t->setup.wLength + 1u));
        return;
    }
    honest(d, t, how >= 0x80 ? how : 0);
    if (how >= 0x70 && how < 0x80 && t->setup.bRequest == DFUKIT_UPLOAD && t->result > 0)
        t->in[next(d) % (unsigned)t->result] ^= 1; /* a lie */
}

static void make_target(dfukit_target *t, const device *d, uint8_t mode, uint8_t attributes)
{
    memset(t, 0, sizeof *t);
    (void)strcpy(t->path, "1-1");
    t->devnum = 1 + (mode >> 4);
    t->mode = (dfukit_mode)(mode % 3);
    t->configuration = 1;
    t->alt_count = 1;
    t->functional = (dfukit_functional){.bmAttributes = attributes,
                                        .wDetachTimeOut = 100,
                                        .wTransferSize = (uint16_t)d->block_size,
                                        .bcdDFUVersion = d->dfuse ? 0x011A : 0x0110};
    t->transfer_size = d->block_size;
    if (d->dfuse)
        (void)strcpy(t->alts[0].name, "@Internal Flash  /0x08000000/04*001Kg");
}

/* Success of a write: every byte was acknowledged by the device, where it belongs. */
static void check_written(const device *d, const uint8_t *payload)
{
    for (uint32_t i = 0; i < PAYLOAD; i++) {
        check(d->written[i] || (d->dfuse && payload[i] == 0xFF), "every byte was acknowledged");
        check(d->memory[i] == payload[i], "every byte is the file's");
    }
}

static void play(dfukit_host *h, device *d, const uint8_t choice[12])
{
    const dfukit_step *step;
    uint64_t now = 5;
    uint32_t steps = 0;

    while ((step = dfukit_host_next(h, now))->kind < DFUKIT_STEP_DONE) {
        bool broken = false;
        uint8_t how = step->kind == DFUKIT_STEP_TRANSFERS ? 0 : next(d);

        check(++steps < STEPS_MAX, "it comes to an end");
        if (step->kind == DFUKIT_STEP_RETURN) {
            dfukit_target back;
            uint8_t mode = step->expected == DFUKIT_RETURN_DFU ? DFUKIT_MODE_DFU : 0;

            make_target(&back, d, (uint8_t)((how & 1) != 0 ? next(d) : mode + 0x10), choice[3]);
            now += (how & 2) != 0 ? step->wait_ms : 1;
            d->state = DFUKIT_DFU_IDLE;
            dfukit_host_returned(h, (how & 8) == 0 ? &back : NULL, DFUKIT_ERR_LOST, now);
            continue;
        }
        for (size_t i = 0; step->kind == DFUKIT_STEP_TRANSFERS && i < step->count; i++)
            answer(d, &step->transfers[i], &broken);
        now += step->kind == DFUKIT_STEP_WAIT ? step->wait_ms : 1;
        if (step->kind == DFUKIT_STEP_RESET)
            d->state = DFUKIT_DFU_IDLE;
        if (how >= 0xF0 && step->kind == DFUKIT_STEP_WAIT)
            dfukit_host_cancel(h);
        dfukit_host_answer(h, how >= 0xE0 && step->kind != DFUKIT_STEP_WAIT ? DFUKIT_ERR_GONE : 0,
                           now);
    }
    /* The job's time, then tidying up, and at most three waits for a return; a mass erase has more
     * time where a quirk says so, and none does here. */
    check(now < 5 + 120000 + 60000, "it keeps its time");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const uint32_t sizes[4] = {64, 256, 512, 1024};
    const dfukit_allocator heap = {NULL, resize};
    uint8_t payload[PAYLOAD], choice[12] = {0};
    device *d = calloc(1, sizeof *d);
    dfukit_target target;

    if (d == NULL)
        abort();
    memcpy(choice, bytes, n < sizeof choice ? n : sizeof choice);
    d->answers = bytes;
    d->n = n;
    d->at = n < sizeof choice ? n : sizeof choice;
    d->dfuse = (choice[0] & 1) != 0;
    d->block_size = sizes[choice[1] & 3];
    d->state = choice[4] < 11 ? choice[4] : DFUKIT_DFU_IDLE;
    for (uint32_t i = 0; i < PAYLOAD; i++)
        payload[i] = choice[5] < 0x40 ? 0xFF : (uint8_t)(i * 7u + choice[5]);
    dfukit_segment segment = {.address = BASE, .size = PAYLOAD, .data = payload};
    dfukit_image image = {
        .addressed = true, .format = DFUKIT_FORMAT_IHEX, .count = 1, .segments = &segment};
    dfukit_stream stream = {&image, BASE, PAYLOAD};
    dfukit_job job = {.verb =
                          (dfukit_verb)((choice[6] & 1) != 0 ? DFUKIT_VERB_WRITE : choice[7] % 8),
                      .stream = &stream,
                      .image = &image,
                      .range = DFUKIT_RANGE_ALL,
                      .erase = (dfukit_erase)((choice[6] >> 1 & 3) % 3),
                      .verify = (dfukit_verify)((choice[6] >> 3 & 3) % 3),
                      .then = (dfukit_then)((choice[6] >> 5 & 3) % 3),
                      .read_limit = 3000,
                      .batch = choice[8] % 20,
                      .no_reset = choice[9] == 1};
    if (job.verb == DFUKIT_VERB_ERASE)
        job.image = NULL, job.has_at = job.has_size = true, job.at = BASE, job.size = 1500;
    make_target(&target, d, choice[2], choice[3]);
    dfukit_host *h = dfukit_host_new(&job, &target, &heap);
    if (h == NULL)
        abort();
    play(h, d, choice);
    const dfukit_outcome *o = dfukit_host_outcome(h);
    check((dfukit_host_next(h, 1u << 30)->kind == DFUKIT_STEP_DONE) == (o->error == DFUKIT_OK),
          "the last step and the outcome agree");
    check(o->what != NULL, "it says what");
    done += o->error == DFUKIT_OK;
    failed += o->error != DFUKIT_OK;
    dfuse_done += d->dfuse && o->error == DFUKIT_OK && job.verb == DFUKIT_VERB_WRITE;
    verified += o->verified;
    if (o->error == DFUKIT_OK && job.verb == DFUKIT_VERB_WRITE)
        check_written(d, payload);
    dfukit_host_free(&h);
    free(d);
    return 0;
}
