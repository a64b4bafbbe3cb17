/* SPDX-License-Identifier: MIT */
/* The second opinion: what a device may answer to whom. Typed from DFU 1.1 §3 and from USB 2.0
 * §9.4; it only says what is allowed: that a device does what it should is for victim_upgrade() and
 * the unit tests. */
#include "victim.h"

/* ---- Requests that may be answered, and the objects they ask for ---- */

static const dfukit_descriptor *descriptor(const victim *v, uint16_t value)
{
    const dfukit_descriptor_set *set = v->sets[v->t.dfu_mode];

    for (unsigned i = 0; i < set->count; i++) {
        if (set->list[i].wValue == value)
            return &set->list[i];
    }
    return NULL;
}

static uint32_t interfaces(const victim *v)
{
    return dfukit_dfu_in_dfu_mode(v->dfu) ? 1 : VICTIM_INTERFACE + 1;
}

uint16_t victim_interface(const victim *v)
{
    return v->t.before.state >= DFUKIT_DFU_IDLE ? 0 : VICTIM_INTERFACE;
}

static bool standard(victim *v, victim_transfer *x)
{
    const dfukit_setup *s = &x->setup;
    bool interface = v->t.before.configured && s->wIndex < interfaces(v);
    const dfukit_descriptor *d;

    switch ((unsigned)s->bmRequestType << 8 | s->bRequest) {
    case 0x8006: /* GET_DESCRIPTOR */
        d = descriptor(v, s->wValue);
        if (d == NULL)
            return false;
        x->own = d->n;
        x->content = d->bytes;
        return true;
    case 0x8000: /* GET_STATUS */
        x->own = 2;
        return s->wValue == 0 && s->wIndex == 0;
    case 0x8100:
        x->own = 2;
        return s->wValue == 0 && interface;
    case 0x8200:
        x->own = 2;
        return s->wValue == 0 && (s->wIndex == 0 || s->wIndex == 0x80);
    case 0x8008: /* GET_CONFIGURATION */
        x->own = 1;
        return s->wValue == 0 && s->wIndex == 0;
    case 0x810A: /* GET_INTERFACE */
        x->own = 1;
        return s->wValue == 0 && interface;
    case 0x0005: /* SET_ADDRESS */
        return s->wValue <= 127 && s->wIndex == 0 && s->wLength == 0;
    case 0x0009: /* SET_CONFIGURATION */
        return s->wValue <= 1 && s->wIndex == 0 && s->wLength == 0;
    case 0x010B: /* SET_INTERFACE */
        return interface && s->wLength == 0 &&
               s->wValue < (interfaces(v) == 1 ? VICTIM_ALTERNATES : 1);
    default:
        return false;
    }
}

static bool vendor(victim *v, victim_transfer *x)
{
    const dfukit_descriptor_set *set = v->sets[v->t.dfu_mode];

    for (const dfukit_vendor_reply *r = set->vendor; r < set->vendor + set->vendor_count; r++) {
        if (r->bRequest == x->setup.bRequest && r->wValue == x->setup.wValue &&
            r->wIndex == x->setup.wIndex) {
            x->own = r->n;
            x->content = r->bytes;
            return true;
        }
    }
    return false;
}

static bool of_class(victim *v, victim_transfer *x)
{
    const dfukit_setup *s = &x->setup;
    bool dfu = v->t.before.state >= DFUKIT_DFU_IDLE;

    if (!x->of_class)
        return false;
    switch ((unsigned)s->bmRequestType << 8 | s->bRequest) {
    case 0x2100: /* DETACH */
        return !dfu && s->wLength == 0;
    case 0x2101: /* DNLOAD */
        return dfu && (v->attributes & DFUKIT_CAN_DNLOAD) != 0 && s->wLength <= VICTIM_TRANSFER;
    case 0xA102: /* UPLOAD */
        x->own = (uint32_t)v->t.spy.given;
        x->content = v->t.spy.gift;
        return dfu && (v->attributes & DFUKIT_CAN_UPLOAD) != 0 && v->t.spy.given >= 0 &&
               s->wLength != 0 && s->wLength <= VICTIM_TRANSFER;
    case 0xA103: /* GETSTATUS */
        x->own = DFUKIT_STATUS_SIZE;
        return true;
    case 0xA105: /* GETSTATE */
        x->own = 1;
        return true;
    case 0x2104: /* CLRSTATUS */
    case 0x2106: /* ABORT */
        return dfu && s->wLength == 0;
    default:
        return false;
    }
}

void victim_may_answer(victim *v)
{
    victim_transfer *x = &v->t.transfer;
    unsigned type = x->setup.bmRequestType;
    bool may;

    x->own = 0;
    x->content = NULL;
    if ((type & 0x60u) == 0)
        may = standard(v, x);
    else if (type == 0xC0u)
        may = vendor(v, x);
    else
        may = of_class(v, x);
    if (!may)
        victim_fault(v, "accepts what it must stall");
}

/* ---- Packets ---- */

static bool lies_in(const uint8_t *at, uint32_t n, const void *object, size_t size)
{
    const uint8_t *begin = object;

    return at >= begin && at + n <= begin + size;
}

static bool may_be_read(const victim *v, const uint8_t *at, uint32_t n)
{
    const dfukit_descriptor_set *set = v->sets[v->t.dfu_mode];

    if (lies_in(at, n, v->dfu, sizeof *v->dfu) || lies_in(at, n, v->ep0, sizeof *v->ep0) ||
        lies_in(at, n, v->block, v->block_size))
        return true;
    for (unsigned i = 0; i < set->count; i++) {
        if (lies_in(at, n, set->list[i].bytes, set->list[i].n))
            return true;
    }
    for (unsigned i = 0; i < set->vendor_count; i++) {
        if (lies_in(at, n, set->vendor[i].bytes, set->vendor[i].n))
            return true;
    }
    return false;
}

static void check_status_byte(victim *v, uint32_t at, uint8_t byte)
{
    static const char *const names[] = {"bStatus", "", "", "", "bState", "iString"};
    bool right = true;

    v->t.transfer.status[at] = byte;
    if (at == 0)
        right = byte < DFUKIT_STATUS_COUNT;
    else if (at == 4)
        right = byte < DFUKIT_STATE_COUNT;
    else if (at == 5)
        right = byte ==
                (v->t.transfer.status[0] == DFUKIT_STATUS_VENDOR ? v->config->status_string : 0);
    if (!right)
        victim_fault(v, "GETSTATUS says %s %u", names[at], byte);
}

/* Byte `at` of the answer. */
static void check_byte(victim *v, uint32_t at, uint8_t byte)
{
    const victim_transfer *x = &v->t.transfer;

    if (x->content != NULL) {
        if (byte != x->content[at])
            victim_fault(v, "byte %u of the answer is %02x, not %02x", at, byte, x->content[at]);
    } else if (x->of_class && x->setup.bRequest == DFUKIT_GETSTATUS) {
        check_status_byte(v, at, byte);
    } else if (x->of_class) {
        if (byte >= DFUKIT_STATE_COUNT || (!x->told_time && byte != v->dfu->state))
            victim_fault(v, "GETSTATE says %u", byte);
    } else if (byte > 1) {
        victim_fault(v, "byte %u of a standard answer is %02x", at, byte);
    }
}

void victim_check_packet(victim *v)
{
    const victim_transfer *x = &v->t.transfer;
    uint32_t n = v->ep0->n;

    if (n > v->config->max_packet_size0)
        victim_fault(v, "a packet of %u bytes", n);
    if (x->stage != VICTIM_DATA_IN) {
        if (n != 0)
            victim_fault(v, "a status stage of %u bytes", n);
        return;
    }
    if (x->moved + n > x->setup.wLength)
        victim_fault(v, "sends %u bytes, wLength is %u", x->moved + n, x->setup.wLength);
    if (x->moved + n > x->own)
        victim_fault(v, "sends %u bytes of an object of %u", x->moved + n, x->own);
    if (n != 0 && !may_be_read(v, v->ep0->data, n))
        victim_fault(v, "sends from memory that is not to be sent");
    for (uint32_t i = 0; i < n; i++)
        check_byte(v, x->moved + i, v->ep0->data[i]);
}
