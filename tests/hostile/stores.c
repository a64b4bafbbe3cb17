/* SPDX-License-Identifier: MIT */
/* The stores behind the class. `victim_store` checks that the class keeps the contract of
 * dfukit_store_ops and hands on to the slot, the DfuSe store or the scripted store. */
#include "victim.h"

/* The store that keeps the bytes; NULL: the scripted one. */
static const dfukit_store_ops *real(const victim *v, void **self)
{
    if (!victim_has_flash(v))
        return NULL;
    *self = victim_is_addressed(v) ? (void *)v->dfuse : (void *)v->slot;
    return victim_is_addressed(v) ? &dfukit_dfuse_store : &dfukit_slot_store;
}

/* ---- A store without flash ---- */

static void scripted_start(victim *v)
{
    v->scripted->working = true;
    v->scripted->until_ms = v->t.now_ms + v->t.flash_ms;
    v->scripted->outcome = v->t.flash_next & 0x0Fu;
    v->t.flash_next = 0;
}

static uint8_t scripted_write(victim *v, uint16_t wBlockNum, const uint8_t *data, uint16_t n)
{
    victim_scripted *s = v->scripted;
    uint8_t status = v->t.flash_next & 0x0Fu;

    if ((v->t.flash_next & VICTIM_REFUSE) != 0 && status != DFUKIT_STATUS_OK) {
        v->t.flash_next = 0;
        return status;
    }
    if (wBlockNum != s->next_block || n > VICTIM_REGION - s->length)
        return DFUKIT_STATUS_ADDRESS;
    memcpy(s->bytes + s->length, data, n);
    s->next_block++;
    s->length += n;
    scripted_start(v);
    return DFUKIT_STATUS_OK;
}

static uint8_t scripted_finish(victim *v)
{
    if ((v->t.flash_next & VICTIM_REFUSE) != 0)
        return v->t.flash_next & 0x0Fu;
    return v->scripted->length != 0 ? DFUKIT_STATUS_OK : DFUKIT_STATUS_NOTDONE;
}

/* The last block may still be at work: its failure is not forgotten. */
static void scripted_manifest(victim *v)
{
    victim_scripted *s = v->scripted;
    uint8_t outcome = s->working ? s->outcome : DFUKIT_STATUS_OK;

    scripted_start(v);
    if (outcome != DFUKIT_STATUS_OK)
        s->outcome = outcome;
}

static int32_t scripted_poll(victim *v)
{
    victim_scripted *s = v->scripted;
    int32_t left = (int32_t)(s->until_ms - v->t.now_ms);

    if (s->working && left > 0)
        return left;
    if (!s->working)
        return 0;
    s->working = false;
    return -(int32_t)s->outcome;
}

static int32_t scripted_read(victim *v, uint16_t wBlockNum, uint8_t *to, uint16_t n)
{
    uint32_t at = (uint32_t)wBlockNum * VICTIM_TRANSFER, left;

    if ((v->t.flash_next & VICTIM_REFUSE) != 0 && (v->t.flash_next & 0x0Fu) != 0)
        return -(int32_t)(v->t.flash_next & 0x0Fu);
    left = at < v->scripted->limit ? v->scripted->limit - at : 0;
    if (n > left)
        n = (uint16_t)left;
    for (uint32_t i = 0; i < n; i++)
        to[i] = (uint8_t)(at + i);
    return n;
}

/* What is given up is left to finish, and nobody asks what becomes of it. */
static void scripted_rewind(victim *v)
{
    v->scripted->length = 0;
    v->scripted->next_block = 0;
    v->scripted->outcome = DFUKIT_STATUS_OK;
}

/* ---- What the class owes a store ---- */

static void quiet(victim *v, const char *call)
{
    if (v->t.spy.busy)
        victim_fault(v, "%s() while the store is at work", call);
}

/* Within one of the block buffers, from its beginning. */
static void within_block(victim *v, const char *call, const uint8_t *data, uint16_t n)
{
    bool right =
        data == v->block || (v->config->double_buffer && data == v->block + VICTIM_TRANSFER);

    if (n == 0 || n > VICTIM_TRANSFER || !right)
        victim_fault(v, "%s() with %u bytes that are not in the block", call, n);
}

/* What is being written must stay as it is, until poll() has said that the work is over. */
static void untouched(victim *v)
{
    victim_spy *spy = &v->t.spy;

    if (spy->busy && spy->n != 0 && memcmp(spy->data, spy->copy, spy->n) != 0)
        victim_fault(v, "the block changed while the store was writing it");
}

static void spy_rewind(void *self, uint8_t alt)
{
    victim *v = self;
    victim_spy *spy = &v->t.spy;
    const dfukit_store_ops *ops = real(v, &self);

    if (alt >= VICTIM_ALTERNATES || alt != v->dfu->alt)
        victim_fault(v, "rewind() to alternate setting %u", alt);
    spy->finished = false;
    spy->manifesting = false;
    spy->alt = alt;
    spy->came = 0;
    spy->written = 0;
    spy->asked = 0;
    if (ops != NULL)
        ops->rewind(self, alt);
    else
        scripted_rewind(v);
    victim_dfuse_selected(v, alt);
}

static uint8_t spy_write(void *self, uint16_t wBlockNum, const uint8_t *data, uint16_t n)
{
    victim *v = self;
    victim_spy *spy = &v->t.spy;
    const dfukit_store_ops *ops = real(v, &self);

    quiet(v, "write");
    within_block(v, "write", data, n);
    if ((v->attributes & DFUKIT_CAN_DNLOAD) == 0 || spy->manifesting)
        victim_fault(v, "write() of block %u of no download", wBlockNum);
    if (v->dfu->state != DFUKIT_DNLOAD_SYNC && v->dfu->state != DFUKIT_DNBUSY)
        victim_fault(v, "write() in state %u", v->dfu->state);
    spy->writes++;
    spy->written++;
    spy->finished = false;
    spy->data = data;
    spy->n = n;
    memcpy(spy->copy, data, n);
    spy->refused =
        ops != NULL ? ops->write(self, wBlockNum, data, n) : scripted_write(v, wBlockNum, data, n);
    spy->busy = spy->refused == DFUKIT_STATUS_OK;
    if (spy->busy)
        victim_dfuse_wrote(v, wBlockNum, data, n);
    return spy->refused;
}

static uint8_t spy_finish(void *self)
{
    victim *v = self;
    const dfukit_store_ops *ops = real(v, &self);
    uint8_t status = ops != NULL ? ops->finish(self) : scripted_finish(v);

    v->t.spy.finished = status == DFUKIT_STATUS_OK;
    v->t.spy.refused = status;
    return status;
}

/* Its first poll() belongs to the answer to a GETSTATUS. */
static void spy_manifest(void *self)
{
    victim *v = self;
    victim_spy *spy = &v->t.spy;
    const dfukit_store_ops *ops = real(v, &self);

    if (!v->config->double_buffer)
        quiet(v, "manifest");
    if (!spy->finished || spy->manifesting || spy->came != spy->written)
        victim_fault(v, "manifest() of no whole download");
    if (!v->t.transfer.of_class || v->t.transfer.setup.bRequest != DFUKIT_GETSTATUS ||
        v->t.transfer.stage != VICTIM_NONE)
        victim_fault(v, "manifest() without a GETSTATUS");
    spy->manifests++;
    spy->manifesting = true;
    spy->busy = true;
    if (ops != NULL)
        ops->manifest(self);
    else
        scripted_manifest(v);
}

static int32_t spy_poll(void *self)
{
    victim *v = self;
    victim_spy *spy = &v->t.spy;
    const dfukit_store_ops *ops = real(v, &self);
    int32_t left;

    untouched(v);
    left = ops != NULL ? ops->poll(self) : scripted_poll(v);
    if (left >= 0x1000000 || left <= -(int32_t)DFUKIT_STATUS_COUNT)
        victim_fault(v, "poll() says %ld", (long)left);
    spy->busy = left > 0;
    if (left <= 0)
        spy->n = 0;
    if (left < 0)
        spy->failed = true;
    else if (left == 0 && spy->manifesting && ops == NULL)
        v->t.manifested = true;
    return left;
}

static int32_t spy_read(void *self, uint16_t wBlockNum, uint8_t *to, uint16_t n)
{
    victim *v = self;
    victim_spy *spy = &v->t.spy;
    const dfukit_store_ops *ops = real(v, &self);

    quiet(v, "read");
    within_block(v, "read", to, n);
    if ((v->attributes & DFUKIT_CAN_UPLOAD) == 0 || spy->written != 0 || spy->came != 0)
        victim_fault(v, "read() of block %u of no upload", wBlockNum);
    spy->reads++;
    spy->asked++;
    spy->given =
        ops != NULL ? ops->read(self, wBlockNum, to, n) : scripted_read(v, wBlockNum, to, n);
    if (spy->given > (int32_t)n)
        victim_fault(v, "read() gives %ld bytes", (long)spy->given);
    if (spy->given > 0)
        memcpy(spy->gift, to, (size_t)spy->given);
    spy->refused = spy->given < 0 ? (uint8_t)-spy->given : 0;
    victim_dfuse_read(v, wBlockNum, n);
    return spy->given;
}

/* Nobody looks at the firmware while the flash is at work, less starts it. */
static bool spy_valid(void *self)
{
    victim *v = self;
    const dfukit_store_ops *ops = real(v, &self);

    quiet(v, "valid");
    return ops != NULL ? ops->valid(self) : victim_valid(v);
}

const dfukit_store_ops victim_store = {
    .rewind = spy_rewind,
    .write = spy_write,
    .finish = spy_finish,
    .manifest = spy_manifest,
    .poll = spy_poll,
    .read = spy_read,
    .valid = spy_valid,
};

/* ---- After every event ---- */

void victim_check_store(victim *v)
{
    const victim_spy *spy = &v->t.spy;
    uint8_t state = v->dfu->state;

    untouched(v);
    if (spy->came > spy->written + (v->config->dfuse || v->config->double_buffer) ||
        spy->written > spy->came)
        victim_fault(v, "%u blocks came, the store got %u", spy->came, spy->written);
    if (state <= DFUKIT_DFU_IDLE || state == DFUKIT_DFU_ERROR) {
        if (spy->came != 0 || spy->manifesting)
            victim_fault(v, "the store was not told that the download is over");
    } else if (state >= DFUKIT_DNLOAD_IDLE && state <= DFUKIT_MANIFEST) {
        if (spy->came != spy->written || (spy->came == 0 && !v->config->dfuse))
            victim_fault(v, "%u blocks came, the store got %u", spy->came, spy->written);
    }
    if (state == DFUKIT_UPLOAD_IDLE
            ? spy->asked == 0
            : spy->asked != 0 && (state < DFUKIT_DFU_IDLE || state == DFUKIT_DFU_ERROR))
        victim_fault(v, "the store was asked for %u blocks", spy->asked);
}
