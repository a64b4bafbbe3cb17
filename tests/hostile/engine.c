/* SPDX-License-Identifier: MIT */
/* The calls of the device end, all of them in one place: a test may want to make them on a stack of
 * their own. */
#include "victim.h"

typedef struct victim_engine_call {
    victim *v;
    victim_call call;
    const uint8_t *packet;
    uint8_t n;
} victim_engine_call;

static void call_now(void *it)
{
    const victim_engine_call *c = it;
    victim *v = c->v;

    switch (c->call) {
    case VICTIM_CALL_SETUP:
        dfukit_ep0_setup(v->ep0, c->packet);
        break;
    case VICTIM_CALL_RECEIVED:
        dfukit_ep0_received(v->ep0, c->packet, c->n);
        break;
    case VICTIM_CALL_SENT:
        dfukit_ep0_sent(v->ep0);
        break;
    case VICTIM_CALL_RESET:
        dfukit_ep0_bus_reset(v->ep0);
        break;
    case VICTIM_CALL_POLL:
        dfukit_dfu_poll(v->dfu, v->t.now_ms);
        break;
    case VICTIM_CALL_ATTACH:
    default:
        dfukit_dfu_attach(v->dfu, c->n != 0);
        break;
    }
}

void victim_engine(victim *v, victim_call call, const uint8_t *packet, uint8_t n)
{
    victim_engine_call c = {v, call, packet, n};

    if (v->run != NULL)
        v->run(call_now, &c);
    else
        call_now(&c);
}
