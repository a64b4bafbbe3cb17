/* SPDX-License-Identifier: MIT */
/* The class alone, as a port with an endpoint 0 of its own drives it: requests, ends of data stages
 * that belong to no request, settings and configurations without their requests. */
#include "bus_words.h"

const script_word script_header = {"product", "bb"};

enum { SETUP, COMPLETE, POLL, RESET, WISH, ATTACH, CONFIGURED, ALTERNATE, FLASH };
const script_word script_words[] = {
    {"setup", "bbwww"}, {"complete", ""},    {"poll", "w"},      {"reset", ""},   {"wish", ""},
    {"attach", "b"},    {"configured", "b"}, {"alternate", "b"}, {"flash", "wb"}, {NULL, NULL},
};

const char *fuzz_missing(void)
{
    return fuzz_state_missing(0);
}

static void begin(victim *v)
{
    v->t.before = victim_look(v);
    v->t.spy.failed = false;
    v->t.spy.refused = DFUKIT_STATUS_OK;
}

static void end(victim *v, victim_cause cause)
{
    victim_check_move(v, cause);
    victim_check_store(v);
    victim_check_memory(v);
}

/* What may be done with an answer: each byte of it is read, or written. */
static void use(victim *v, const dfukit_answer *a)
{
    const dfukit_setup *s = &v->t.transfer.setup;
    bool in = dfukit_setup_is_in(s);

    if (a->kind == DFUKIT_ANSWER_STALL)
        return;
    victim_may_answer(v);
    if ((a->kind == DFUKIT_ANSWER_IN) != in || a->n > s->wLength)
        victim_fault(v, "an answer of kind %u, %u bytes", a->kind, a->n);
    if (in && a->n > v->t.transfer.own)
        victim_fault(v, "%u bytes of an object of %u", a->n, v->t.transfer.own);
    if (!in && a->n != s->wLength)
        victim_fault(v, "takes %u bytes", a->n);
    if (!in && a->n != 0 &&
        (a->data < v->block || a->data + a->n > v->block + v->block_size ||
         (v->t.spy.busy && (!v->config->double_buffer || a->data == v->t.spy.data))))
        victim_fault(v, "takes bytes to where they must not be");
    if (in && s->bRequest == DFUKIT_GETSTATUS) {
        memcpy(v->t.transfer.status, a->data, a->n);
        v->t.transfer.moved = a->n;
    }
    for (unsigned i = 0; i < a->n; i++) {
        if (!in)
            a->data[i] = (uint8_t)(i + s->wValue);
        else if (v->t.transfer.content != NULL && a->data[i] != v->t.transfer.content[i])
            victim_fault(v, "byte %u of the answer", i);
    }
}

static void setup(victim *v, const script_event *e, bool *open)
{
    victim_transfer *x = &v->t.transfer;
    dfukit_answer answer;

    memset(x, 0, sizeof *x);
    x->setup = (dfukit_setup){(uint8_t)e->numbers[0], (uint8_t)e->numbers[1], e->numbers[2],
                              e->numbers[3], e->numbers[4]};
    x->of_class = (x->setup.bmRequestType & 0x7Fu) == DFUKIT_TYPE_CLASS_OUT &&
                  v->t.before.configured && x->setup.wIndex == victim_interface(v);
    x->setup_ms = v->t.now_ms;
    x->waited = v->t.spy.came != v->t.spy.written;
    if (x->of_class && v->t.before.state >= DFUKIT_DFU_IDLE)
        v->t.used = true;
    v->t.spy.given = -1;
    answer = dfukit_dfu_setup(v->dfu, &x->setup);
    *open = answer.kind != DFUKIT_ANSWER_STALL;
    x->setup_state = v->dfu->state;
    end(v, *open ? VICTIM_BY_NOTHING : VICTIM_BY_STALL);
    use(v, &answer);
}

/* A standard request that somebody else has taken apart. */
static void select_setting(victim *v, uint8_t request, uint8_t value, bool *open)
{
    victim_transfer kept = v->t.transfer;
    bool taken = true;

    v->t.transfer.setup = (dfukit_setup){0, request, value, 0, 0};
    if (request == DFUKIT_USB_SET_CONFIGURATION)
        dfukit_dfu_set_configured(v->dfu, value != 0);
    else
        taken = dfukit_dfu_set_alternate(v->dfu, value);
    if (taken && value >= VICTIM_ALTERNATES)
        victim_fault(v, "setting %u was taken", value);
    end(v, taken ? VICTIM_BY_SELECT : VICTIM_BY_NOTHING);
    if (taken && (request == DFUKIT_USB_SET_CONFIGURATION || dfukit_dfu_in_dfu_mode(v->dfu)))
        *open = false;
    v->t.transfer = kept;
}

static void say(victim *v, const script_event *e, bool *open)
{
    uint8_t n = (uint8_t)e->numbers[0];

    begin(v);
    switch (e->word) {
    case SETUP:
        setup(v, e, open);
        break;
    case COMPLETE: /* also twice, and after a stall */
        dfukit_dfu_complete(v->dfu);
        end(v, *open ? VICTIM_BY_COMPLETE : VICTIM_BY_NOTHING);
        *open = false;
        break;
    case POLL:
        v->t.now_ms += e->numbers[0];
        dfukit_dfu_poll(v->dfu, v->t.now_ms);
        end(v, VICTIM_BY_TIME);
        break;
    case RESET:
        dfukit_dfu_bus_reset(v->dfu);
        *open = false;
        v->t.transfer.of_class = false;
        end(v, VICTIM_BY_RESET);
        break;
    case WISH:
        dfukit_dfu_wish(v->dfu);
        end(v, VICTIM_BY_PORT);
        break;
    case ATTACH:
        dfukit_dfu_attach(v->dfu, (n & 1u) != 0);
        *open = false;
        v->t.used = false;
        end(v, VICTIM_BY_PORT);
        break;
    case CONFIGURED:
        select_setting(v, DFUKIT_USB_SET_CONFIGURATION, n & 1u, open);
        break;
    case ALTERNATE:
        select_setting(v, DFUKIT_USB_SET_INTERFACE, n, open);
        break;
    default:
        v->t.flash_ms = e->numbers[0] < VICTIM_SLOWEST ? e->numbers[0] : VICTIM_SLOWEST;
        v->t.flash_next = e->numbers[1] & 0x1Fu;
        break;
    }
    fuzz_states[v->dfu->state]++;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    script_reader r;
    script_event e;
    victim *v;
    bool open = false; /* a request waits for the end of its data stage */

    script_begin(&r, &script_header, script_words, bytes, n, &e);
    v = victim_new((uint8_t)(e.numbers[0] & ~(unsigned)VICTIM_SLOT), e.numbers[1] & 0x1Fu,
                   victim_sets, fuzz_fault);
    for (unsigned i = 0; i < FUZZ_EVENTS && script_next(&r, &e); i++)
        say(v, &e, &open);
    victim_do(v, &(victim_event){.op = VICTIM_ATTACH, .n = 1}); /* with an endpoint 0 again */
    fuzz_end(v);
    return 0;
}
