/* SPDX-License-Identifier: MIT */
/*
 * A stand-in for TinyUSB's device stack, as its sources have it from version 0.17 on: who is called
 * when, and what becomes of the result. Written for this test; it shares no code with TinyUSB.
 *
 *  - A SETUP forgets the transfer before it and the callback that waited for its end.
 *  - A request to an interface goes to the driver whose open() took it, by wIndex's low byte; a
 *    standard one that the driver does not want is answered, but for GET_STATUS.
 *  - The data stage is over when wLength bytes have moved or a packet was short; then DATA is
 *    called, and the status stage follows unless it said false. ACK comes after the status stage.
 *  - reset() is called for a bus reset and when SET_CONFIGURATION changes something, open() for
 *    each interface then; the hook sees a bus reset before.
 */
#include "bus.h"
#include "port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { NO_DRIVER, OTHER, OURS };
typedef enum { IDLE, DATA, STATUS } armed_stage;

static struct {
    const usbd_class_driver_t *driver;
    uint32_t now_ms;
    bool present, stalled;
    unsigned leaves, other_requests;
    uint8_t configuration;
    uint8_t owner[16]; /* of interfaces */
    tusb_control_request_t request;
    uint8_t *buffer;
    uint16_t length, moved;
    armed_stage armed;
    bool ours_completes;
} stack;

/* ---- What the stack offers a driver ---- */

uint32_t tusb_time_millis_api(void)
{
    return stack.now_ms;
}

bool tud_control_status(uint8_t rhport, const tusb_control_request_t *request)
{
    (void)rhport;
    stack.request = *request;
    stack.armed = STATUS;
    return true;
}

bool tud_control_xfer(uint8_t rhport, const tusb_control_request_t *request, void *buffer,
                      uint16_t len)
{
    if (request->wLength == 0)
        return tud_control_status(rhport, request);
    stack.request = *request;
    stack.buffer = buffer;
    stack.length = len < request->wLength ? len : request->wLength;
    stack.moved = 0;
    stack.armed = DATA;
    if (stack.length != 0)
        assert_non_null(buffer);
    return true;
}

void dcd_edpt_stall(uint8_t rhport, uint8_t ep_addr)
{
    (void)rhport;
    assert_int_equal(ep_addr & 0x7F, 0);
    stack.stalled = true;
}

bool tud_disconnect(void)
{
    assert_true(stack.present);
    stack.present = false;
    stack.leaves++;
    return true;
}

bool tud_connect(void)
{
    assert_false(stack.present);
    stack.present = true;
    return true;
}

/* ---- SETUP ---- */

static void forget_configuration(void)
{
    stack.driver->reset(0);
    stack.configuration = 0;
    memset(stack.owner, NO_DRIVER, sizeof stack.owner);
}

static void open_interfaces(void)
{
    uint16_t n;
    const uint8_t *bytes = bus_configuration(&n);

    for (uint16_t at = 9; at < n;) {
        const tusb_desc_interface_t *itf = (const tusb_desc_interface_t *)&bytes[at];
        uint16_t taken = stack.driver->open(0, itf, (uint16_t)(n - at));

        assert_int_equal(bytes[at + 1], TUSB_DESC_INTERFACE);
        assert_true(taken <= n - at && (taken == 0 || taken >= 9));
        assert_int_equal(stack.owner[itf->bInterfaceNumber], NO_DRIVER);
        stack.owner[itf->bInterfaceNumber] = taken != 0 ? OURS : OTHER;
        at = (uint16_t)(at + (taken != 0 ? taken : 9));
    }
}

static bool set_configuration(const tusb_control_request_t *r)
{
    uint8_t value = (uint8_t)r->wValue;

    if (stack.configuration != value) {
        if (stack.configuration != 0)
            forget_configuration();
        stack.configuration = value;
        if (value != 0)
            open_interfaces();
    }
    return tud_control_status(0, r);
}

static bool interface_request(const tusb_control_request_t *r)
{
    static uint8_t zero;
    uint8_t itf = (uint8_t)r->wIndex;

    if (itf >= sizeof stack.owner || stack.owner[itf] == NO_DRIVER)
        return false;
    if (stack.owner[itf] == OTHER) {
        stack.other_requests++;
        return false;
    }
    stack.ours_completes = true;
    if (stack.driver->control_xfer_cb(0, CONTROL_STAGE_SETUP, r))
        return true;
    stack.ours_completes = false;
    if ((r->bmRequestType & 0x60) != 0)
        return false;
    if (r->bRequest == TUSB_REQ_GET_INTERFACE)
        return tud_control_xfer(0, r, &zero, 1);
    return r->bRequest == TUSB_REQ_SET_INTERFACE && tud_control_status(0, r);
}

/* @return false: stalled. */
static bool setup(const dfukit_setup *s)
{
    const tusb_control_request_t r = {s->bmRequestType, s->bRequest, s->wValue, s->wIndex,
                                      s->wLength};

    assert_true(stack.present);
    stack.stalled = false;
    stack.armed = IDLE;
    stack.ours_completes = false;
    if (r.bmRequestType == 0 && r.bRequest == DFUKIT_USB_SET_CONFIGURATION)
        stack.stalled = !set_configuration(&r);
    else
        stack.stalled |= (r.bmRequestType & 0x1F) != 1 || !interface_request(&r);
    dfu_task();
    if (!stack.stalled && stack.armed == IDLE)
        fail_msg("request %u: neither stalled nor answered", r.bRequest);
    return !stack.stalled;
}

/* ---- Data and status stage ---- */

static bool callback(uint8_t stage)
{
    bool go_on = !stack.ours_completes || stack.driver->control_xfer_cb(0, stage, &stack.request);

    dfu_task();
    return go_on;
}

/* A packet of `n` bytes has moved. */
static void packet(uint16_t n)
{
    stack.moved = (uint16_t)(stack.moved + n);
    if (stack.moved != stack.request.wLength && n == BUS_PACKET)
        return;
    stack.armed = STATUS;
    if (!callback(CONTROL_STAGE_DATA))
        stack.stalled = true;
}

static uint16_t next_packet(uint16_t left)
{
    return left < BUS_PACKET ? left : BUS_PACKET;
}

bool bus_out_cut(const dfukit_setup *s, const uint8_t *data, uint16_t n)
{
    if (!setup(s))
        return false;
    for (uint16_t at = 0; at < n && !stack.stalled;) {
        uint16_t size = next_packet((uint16_t)(n - at));

        assert_int_equal(stack.armed, DATA);
        assert_true(at + size <= stack.length);
        memcpy(stack.buffer + at, data + at, size);
        at = (uint16_t)(at + size);
        packet(size);
    }
    return !stack.stalled;
}

static bool status_stage(void)
{
    if (stack.stalled)
        return false;
    assert_int_equal(stack.armed, STATUS);
    stack.armed = IDLE;
    callback(CONTROL_STAGE_ACK);
    return true;
}

int bus_out(const dfukit_setup *s, const uint8_t *data)
{
    if (!bus_out_cut(s, data, s->wLength) || !status_stage())
        return BUS_STALL;
    return s->wLength;
}

int bus_in(const dfukit_setup *s, uint8_t *to)
{
    if (!setup(s))
        return BUS_STALL;
    while (stack.armed == DATA) {
        uint16_t n = next_packet((uint16_t)(stack.length - stack.moved));

        if (n != 0) /* read as late as the stack does: when the packet goes out */
            memcpy(to + stack.moved, stack.buffer + stack.moved, n);
        packet(n);
    }
    if (!status_stage())
        return BUS_STALL;
    return s->wLength != 0 ? stack.moved : 0;
}

/* ---- The bus ---- */

void bus_power_on(bool firmware)
{
    uint8_t count = 0;

    memset(&stack, 0, sizeof stack);
    memset(product_cells, 0xFF, sizeof product_cells);
    if (firmware)
        memcpy(product_cells[0], BUS_MARK, 4);
    stack.driver = usbd_app_driver_get_cb(&count);
    assert_int_equal(count, 1);
    stack.driver->init();
    stack.present = true;
}

bool bus_present(void)
{
    return stack.present;
}

unsigned bus_leaves(void)
{
    return stack.leaves;
}

unsigned bus_other_requests(void)
{
    return stack.other_requests;
}

void bus_reset(void)
{
    tud_event_hook_cb(0, DCD_EVENT_BUS_RESET, true);
    forget_configuration();
    stack.armed = IDLE;
    stack.ours_completes = false;
    dfu_task();
}

bool bus_configure(uint8_t value)
{
    const dfukit_setup s = {0x00, DFUKIT_USB_SET_CONFIGURATION, value, 0, 0};

    return bus_out(&s, NULL) == 0;
}

bool bus_set_interface(uint16_t itf, uint16_t alt)
{
    const dfukit_setup s = {0x01, DFUKIT_USB_SET_INTERFACE, alt, itf, 0};

    return bus_out(&s, NULL) == 0;
}

int bus_get_interface(uint16_t itf)
{
    const dfukit_setup s = {0x81, DFUKIT_USB_GET_INTERFACE, 0, itf, 1};
    uint8_t alt = 0xFF;

    return bus_in(&s, &alt) == 1 ? alt : BUS_STALL;
}

void bus_device(uint8_t bytes[18])
{
    memcpy(bytes, tud_descriptor_device_cb(), 18);
}

const uint8_t *bus_configuration(uint16_t *n)
{
    const uint8_t *bytes = tud_descriptor_configuration_cb(0);

    *n = (uint16_t)(bytes[2] | bytes[3] << 8);
    return bytes;
}

void bus_late(uint32_t ms)
{
    stack.now_ms += ms;
}

void bus_run(uint32_t ms)
{
    while (ms-- > 0) {
        stack.now_ms++;
        dfu_task();
    }
}

const uint8_t *bus_memory(uint8_t alt)
{
    return product_cells[alt];
}
