/* SPDX-License-Identifier: MIT */
/* What the bus and the port may do to a device, each event with what must hold after it: a model of
 * the control transfer (USB 2.0 §8.5.3) says what endpoint 0 has to do next, and when the class may
 * move. */
#include "victim.h"

/* ---- Before and after every event ---- */

static void record(victim *v, const victim_event *e)
{
    v->t.log[v->t.logged++ % VICTIM_LOG] = *e;
}

static void before(victim *v)
{
    v->t.before = victim_look(v);
    v->t.address = v->ep0->address;
    v->t.spy.failed = false;
    v->t.spy.refused = DFUKIT_STATUS_OK;
}

/* The bytes of the block that have changed since SETUP span no more than has been received. */
static void check_block(victim *v)
{
    uint32_t first = 0, last = v->block_size;

    if (memcmp(v->block, v->block_was, v->block_size) == 0)
        return;
    while (v->block[first] == v->block_was[first])
        first++;
    while (v->block[last - 1] == v->block_was[last - 1])
        last--;
    if (last - first > v->t.transfer.moved)
        victim_fault(v, "%u bytes were received, and %u written to the block", v->t.transfer.moved,
                     last - first);
}

static void after(victim *v, victim_cause cause)
{
    if (v->t.off)
        return;
    victim_check_move(v, cause);
    victim_check_store(v);
    victim_check_memory(v);
    if (v->ep0->action > DFUKIT_EP0_RECEIVE || v->ep0->address > 127)
        victim_fault(v, "action %u, address %u", v->ep0->action, v->ep0->address);
    if (v->ep0->address != v->t.address && cause != VICTIM_BY_RESET && cause != VICTIM_BY_PORT &&
        cause != VICTIM_BY_COMPLETE)
        victim_fault(v, "the address changed from %u to %u", v->t.address, v->ep0->address);
    if (v->ep0->action == DFUKIT_EP0_SEND)
        victim_check_packet(v);
    if (v->flash->misuses != 0)
        victim_fault(v, "the flash was misused");
}

/* Nothing is going on any more. */
static void forget_transfer(victim *v)
{
    memset(&v->t.transfer, 0, sizeof v->t.transfer);
    memcpy(v->block_was, v->block, v->block_size);
}

/* Endpoint 0 must now be in this stage. */
static void expect(victim *v, victim_stage stage)
{
    static const uint8_t actions[] = {DFUKIT_EP0_RECEIVE, DFUKIT_EP0_SEND,    DFUKIT_EP0_RECEIVE,
                                      DFUKIT_EP0_SEND,    DFUKIT_EP0_RECEIVE, DFUKIT_EP0_STALL};
    bool idle = stage == VICTIM_NONE || stage == VICTIM_STALLED;

    v->t.transfer.stage = (uint8_t)stage;
    if (v->t.off)
        return;
    if (v->ep0->action != actions[stage])
        victim_fault(v, "endpoint 0 does %u in stage %u", v->ep0->action, stage);
    if (dfukit_ep0_idle(v->ep0) != idle)
        victim_fault(v, "endpoint 0 %s idle in stage %u", idle ? "is not" : "is", stage);
}

/* Where more than one thing is right: a stall, or idle again. */
static void stalled_or_idle(victim *v)
{
    expect(v, v->ep0->action == DFUKIT_EP0_STALL ? VICTIM_STALLED : VICTIM_NONE);
}

/* ---- SETUP ---- */

static bool selects(const dfukit_setup *s)
{
    return (s->bmRequestType == 0x00 && s->bRequest == DFUKIT_USB_SET_CONFIGURATION) ||
           (s->bmRequestType == 0x01 && s->bRequest == DFUKIT_USB_SET_INTERFACE);
}

static void do_setup(victim *v, const dfukit_setup *s)
{
    victim_transfer *x = &v->t.transfer;
    uint8_t *packet = victim_packet(v, 8);

    dfukit_setup_encode(s, packet);
    before(v);
    memset(x, 0, sizeof *x);
    x->setup = *s;
    x->of_class = (s->bmRequestType & 0x7Fu) == DFUKIT_TYPE_CLASS_OUT && v->t.before.configured &&
                  s->wIndex == victim_interface(v);
    if (x->of_class && v->t.before.state >= DFUKIT_DFU_IDLE)
        v->t.used = true;
    v->t.spy.given = -1;
    x->setup_ms = v->t.now_ms;
    x->waited = v->t.spy.came != v->t.spy.written;
    victim_engine(v, VICTIM_CALL_SETUP, packet, 8);
    x->setup_state = v->dfu->state;
    memcpy(v->block_was, v->block, v->block_size);
    if (v->t.off)
        return;
    if (v->ep0->action == DFUKIT_EP0_STALL) {
        expect(v, VICTIM_STALLED);
        after(v, VICTIM_BY_STALL);
        return;
    }
    victim_may_answer(v);
    expect(v, s->wLength == 0         ? VICTIM_STATUS_IN
              : dfukit_setup_is_in(s) ? VICTIM_DATA_IN
                                      : VICTIM_DATA_OUT);
    after(v, selects(s) ? VICTIM_BY_SELECT : VICTIM_BY_NOTHING);
}

/* ---- Packets ---- */

static void sent_data(victim *v, uint32_t n)
{
    victim_transfer *x = &v->t.transfer;
    bool last;

    x->moved += n;
    last = n < v->config->max_packet_size0 || x->moved == x->setup.wLength;
    if (last && x->moved != x->own && x->moved != x->setup.wLength)
        victim_fault(v, "%u bytes of %u, of which %u were asked for", x->moved, x->own,
                     x->setup.wLength);
    expect(v, last ? VICTIM_STATUS_OUT : VICTIM_DATA_IN);
    after(v, last ? VICTIM_BY_COMPLETE : VICTIM_BY_NOTHING);
    if (last && !v->t.off)
        victim_check_told(v);
}

static void sent_status(victim *v)
{
    victim_transfer *x = &v->t.transfer;
    victim_cause cause = x->setup.wLength != 0 ? VICTIM_BY_NOTHING : VICTIM_BY_COMPLETE;

    expect(v, VICTIM_NONE);
    after(v, cause);
    if (x->setup.bmRequestType == 0 && x->setup.bRequest == DFUKIT_USB_SET_ADDRESS &&
        v->ep0->address != x->setup.wValue)
        victim_fault(v, "the address is %u", v->ep0->address);
    else if (x->setup.bmRequestType != 0 && v->ep0->address != v->t.address)
        victim_fault(v, "the address changed to %u", v->ep0->address);
}

static int do_in(victim *v, uint8_t *to)
{
    uint8_t n = v->ep0->n;

    if (v->ep0->action != DFUKIT_EP0_SEND)
        return -1;
    if (n != 0)
        memcpy(to, v->ep0->data, n);
    before(v);
    victim_engine(v, VICTIM_CALL_SENT, NULL, 0);
    if (v->t.transfer.stage == VICTIM_DATA_IN)
        sent_data(v, n);
    else
        sent_status(v);
    return n;
}

/* Of a data stage: it is taken, or stalls. */
static void received_data(victim *v, uint32_t n)
{
    victim_transfer *x = &v->t.transfer;
    uint32_t left = x->setup.wLength - x->moved;
    uint32_t full = v->config->max_packet_size0;
    bool last = n == left && n <= full;

    if (n > left || n > full || (n != left && n != full)) {
        expect(v, VICTIM_STALLED);
        after(v, VICTIM_BY_NOTHING);
        return;
    }
    x->moved += n;
    if (!last)
        expect(v, VICTIM_DATA_OUT);
    else
        expect(v, v->ep0->action == DFUKIT_EP0_STALL ? VICTIM_STALLED : VICTIM_STATUS_IN);
    after(v, last ? VICTIM_BY_COMPLETE : VICTIM_BY_NOTHING);
}

static void do_out(victim *v, const uint8_t *bytes, uint8_t n, bool force)
{
    uint8_t stage = v->t.transfer.stage;
    uint8_t *packet = victim_packet(v, n);

    if (v->ep0->action == DFUKIT_EP0_STALL && !force)
        return;
    if (n != 0)
        memcpy(packet, bytes, n);
    before(v);
    victim_engine(v, VICTIM_CALL_RECEIVED, packet, n);
    if (stage == VICTIM_DATA_OUT) {
        received_data(v, n);
    } else {
        if (stage == VICTIM_STALLED)
            expect(v, VICTIM_STALLED);
        else if (n == 0 && (stage == VICTIM_STATUS_OUT || stage == VICTIM_DATA_IN))
            expect(v, VICTIM_NONE);
        else
            stalled_or_idle(v);
        after(v, VICTIM_BY_NOTHING);
    }
    if (!v->t.off)
        check_block(v);
}

/* The port says "sent" and has been offered nothing. */
static void do_sent(victim *v)
{
    uint8_t action = v->ep0->action;

    if (action == DFUKIT_EP0_SEND)
        return;
    before(v);
    victim_engine(v, VICTIM_CALL_SENT, NULL, 0);
    if (v->ep0->action != action)
        victim_fault(v, "endpoint 0 did %u and does %u", action, v->ep0->action);
    after(v, VICTIM_BY_NOTHING);
}

static void do_rest(victim *v)
{
    uint8_t bytes[256] = {0};
    unsigned rounds = 0;

    while (v->t.transfer.stage != VICTIM_NONE && v->t.transfer.stage != VICTIM_STALLED &&
           !v->t.off) {
        const victim_transfer *x = &v->t.transfer;
        uint32_t left = x->setup.wLength - x->moved, full = v->config->max_packet_size0;

        if (++rounds > 70000)
            victim_fault(v, "a transfer without an end");
        if (x->stage == VICTIM_DATA_OUT)
            do_out(v, bytes, (uint8_t)(left < full ? left : full), false);
        else if (x->stage == VICTIM_STATUS_OUT)
            do_out(v, bytes, 0, false);
        else
            do_in(v, bytes);
    }
}

/* ---- Time, resets, the port ---- */

static void do_poll(victim *v, uint32_t ms)
{
    v->t.now_ms += ms;
    v->t.transfer.told_time = true;
    before(v);
    victim_engine(v, VICTIM_CALL_POLL, NULL, 0);
    after(v, VICTIM_BY_TIME);
}

static void do_reset(victim *v)
{
    before(v);
    victim_engine(v, VICTIM_CALL_RESET, NULL, 0);
    forget_transfer(v);
    expect(v, VICTIM_NONE);
    after(v, VICTIM_BY_RESET);
    if (!v->t.off && (v->ep0->address != 0 || v->dfu->configured))
        victim_fault(v, "address %u after a bus reset", v->ep0->address);
}

static void attach(victim *v, bool dfu_mode)
{
    victim_engine(v, VICTIM_CALL_ATTACH, NULL, dfu_mode);
    v->t.dfu_mode = dfu_mode || v->config->loader_only;
    v->t.used = false;
    dfukit_ep0_init(v->ep0, v->sets[v->t.dfu_mode], v->dfu);
    forget_transfer(v);
    expect(v, VICTIM_NONE);
}

static void do_wish(victim *v)
{
    dfukit_wish wish;

    before(v);
    wish = dfukit_dfu_wish(v->dfu);
    if (wish != DFUKIT_WISH_NONE)
        attach(v, wish == DFUKIT_WISH_REATTACH_DFU);
    after(v, VICTIM_BY_PORT);
    if (!v->t.off && dfukit_dfu_wish(v->dfu) != DFUKIT_WISH_NONE)
        victim_fault(v, "a wish that was granted is still there");
}

/* ---- All of them ---- */

/* The bytes of an OUT packet: those given, the others made up from the last. */
static void make_up(const victim_event *e, uint8_t *bytes)
{
    uint8_t last = e->given != 0 ? e->bytes[e->given - 1] : 0;

    for (unsigned i = 0; i < e->n; i++)
        bytes[i] = i < e->given ? e->bytes[i] : (uint8_t)(last + i * 7u);
}

void victim_do(victim *v, const victim_event *e)
{
    uint8_t bytes[256] = {0};

    record(v, e);
    if (v->t.off)
        return;
    switch (e->op) {
    case VICTIM_SETUP:
        do_setup(v, &e->setup);
        break;
    case VICTIM_OUT:
    case VICTIM_FORCE:
        make_up(e, bytes);
        do_out(v, bytes, e->n, e->op == VICTIM_FORCE);
        break;
    case VICTIM_IN:
        do_in(v, bytes);
        break;
    case VICTIM_REST:
        do_rest(v);
        break;
    case VICTIM_POLL:
        do_poll(v, e->ms);
        break;
    case VICTIM_RESET:
        do_reset(v);
        break;
    case VICTIM_WISH:
        do_wish(v);
        break;
    case VICTIM_ATTACH:
        before(v);
        attach(v, e->n != 0);
        after(v, VICTIM_BY_PORT);
        break;
    case VICTIM_SENT:
        do_sent(v);
        break;
    case VICTIM_FLASH:
        v->t.flash_ms = e->ms < VICTIM_SLOWEST ? e->ms : VICTIM_SLOWEST;
        v->t.flash_next = e->n & 0x3Fu;
        break;
    default:
        break;
    }
}

void victim_setup(victim *v, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
                  uint16_t length)
{
    victim_do(v,
              &(victim_event){.op = VICTIM_SETUP, .setup = {type, request, value, index, length}});
}

void victim_out(victim *v, const uint8_t *bytes, uint8_t n)
{
    victim_event e = {.op = VICTIM_OUT, .n = n};

    e.given = n < sizeof e.bytes ? n : (uint8_t)sizeof e.bytes;
    if (n != 0)
        memcpy(e.bytes, bytes, e.given);
    record(v, &e);
    if (!v->t.off)
        do_out(v, bytes, n, false);
}

int victim_in(victim *v, uint8_t *to)
{
    record(v, &(victim_event){.op = VICTIM_IN});
    return v->t.off ? -1 : do_in(v, to);
}

void victim_simple(victim *v, victim_op op)
{
    victim_do(v, &(victim_event){.op = (uint8_t)op});
}

void victim_poll(victim *v, uint16_t ms)
{
    victim_do(v, &(victim_event){.op = VICTIM_POLL, .ms = ms});
}
