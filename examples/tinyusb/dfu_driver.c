/* SPDX-License-Identifier: MIT */
/*
 * dfukit's DFU class as a class driver of TinyUSB's device stack. The stack has endpoint 0 and the
 * standard requests; dfukit_dfu_* has the class; here the callbacks of the one become the calls of
 * the other. Everything runs in the task that calls tud_task(), but for tud_event_hook_cb().
 *
 *     CONTROL_STAGE_SETUP          dfukit_dfu_poll(), dfukit_dfu_setup()
 *     CONTROL_STAGE_DATA           dfukit_dfu_complete(): the bytes have moved
 *     CONTROL_STAGE_ACK            dfukit_dfu_complete(), where there is no data stage
 *     open, reset                  SET_CONFIGURATION, bus reset
 *     dfu_task()                   dfukit_dfu_poll(), and what the class wishes
 */
#include "port.h"

/* A host's hub takes 100 ms of quiet for a connection (USB 2.0 §7.1.7.3), and hosts differ in how
 * soon they notice that a device has gone. */
#define AWAY_MS    250u

#define TYPE_MASK  0x60u
#define TYPE_CLASS 0x20u
#define EP0_OUT    0x00u
#define EP0_IN     0x80u

static struct {
    dfukit_dfu dfu;
    uint8_t itf;         /* bInterfaceNumber, as the configuration in use gives it */
    uint8_t reply[2];    /* to standard requests: is sent after the callback has returned */
    dfukit_wish wish;    /* why the device is off the bus */
    uint32_t left_ms;    /* since when */
    volatile bool reset; /* the bus was reset; set in an interrupt */
} port;

bool dfu_mode(void)
{
    return dfukit_dfu_in_dfu_mode(&port.dfu);
}

/* ---- Coming and going ---- */

static void driver_init(void)
{
    product_init();
    port.wish = DFUKIT_WISH_NONE;
    port.reset = false;
    dfukit_dfu_init(&port.dfu, &product_dfu, &product_slot, product_block);
}

static bool driver_deinit(void)
{
    return true;
}

/* The stack calls reset() for a bus reset, for an unplugged cable and for a SET_CONFIGURATION that
 * changes something; to the class these are not the same. The hook tells them apart: it runs when
 * an event is queued, before reset(). */
void tud_event_hook_cb(uint8_t rhport, uint32_t eventid, bool in_isr)
{
    (void)rhport;
    (void)in_isr;
    if (eventid == DCD_EVENT_BUS_RESET)
        port.reset = true;
}

static void driver_reset(uint8_t rhport)
{
    (void)rhport;
    if (port.reset) {
        port.reset = false;
        dfukit_dfu_bus_reset(&port.dfu);
    } else {
        dfukit_dfu_set_configured(&port.dfu, false);
    }
}

/* The configuration is being chosen, and this is one of its interfaces. @return bytes of
 * descriptors that are ours: every alternate setting, with what follows it; 0: not ours. */
static uint16_t driver_open(uint8_t rhport, const tusb_desc_interface_t *desc_intf,
                            uint16_t max_len)
{
    const uint8_t *bytes = (const uint8_t *)desc_intf;
    uint16_t n = 0;

    (void)rhport;
    if (desc_intf->bInterfaceClass != DFUKIT_CLASS_APPLICATION ||
        desc_intf->bInterfaceSubClass != DFUKIT_SUBCLASS_DFU)
        return 0;
    port.itf = desc_intf->bInterfaceNumber;
    while (n + 2u < max_len && bytes[n] != 0 && bytes[n] <= max_len - n) {
        uint8_t type = bytes[n + 1u];

        if (type == TUSB_DESC_INTERFACE_ASSOCIATION ||
            (type == TUSB_DESC_INTERFACE && bytes[n + 2u] != port.itf))
            break;
        n = (uint16_t)(n + bytes[n]);
    }
    dfukit_dfu_set_configured(&port.dfu, true);
    return n;
}

/* ---- Requests ---- */

/* Returning false would not do for SET_INTERFACE: the stack then acknowledges it by itself. */
static bool stall(uint8_t rhport)
{
    dcd_edpt_stall(rhport, EP0_OUT);
    dcd_edpt_stall(rhport, EP0_IN);
    return true;
}

static bool standard(uint8_t rhport, const tusb_control_request_t *request)
{
    port.reply[0] = 0;
    port.reply[1] = 0;
    switch (request->bRequest) {
    case TUSB_REQ_SET_INTERFACE:
        if (request->wValue > 0xFF ||
            !dfukit_dfu_set_alternate(&port.dfu, (uint8_t)request->wValue))
            return stall(rhport);
        return tud_control_status(rhport, request);
    case TUSB_REQ_GET_INTERFACE:
        port.reply[0] = port.dfu.alt;
        return tud_control_xfer(rhport, request, port.reply, 1);
    case TUSB_REQ_GET_STATUS:
        return tud_control_xfer(rhport, request, port.reply, 2);
    default:
        return false;
    }
}

/* dfukit knows its interface by the number in its own table in run-time mode, and as 0 in DFU mode;
 * what number it has on the bus is the descriptors' business. */
static uint16_t interface_in_dfukit(void)
{
    return dfu_mode() ? 0 : product_dfu.interface_runtime;
}

static bool class_setup(uint8_t rhport, const tusb_control_request_t *request)
{
    const dfukit_setup setup = {
        .bmRequestType = request->bmRequestType,
        .bRequest = request->bRequest,
        .wValue = request->wValue,
        .wIndex = interface_in_dfukit(),
        .wLength = request->wLength,
    };
    dfukit_answer answer = dfukit_dfu_setup(&port.dfu, &setup);

    if (answer.kind == DFUKIT_ANSWER_STALL)
        return false;
    /* The stack ends an OUT data stage at a short packet too, and does not tell how much came. Let
     * there be nothing of an older block behind it. */
    if (answer.kind == DFUKIT_ANSWER_OUT) {
        for (uint16_t i = 0; i < answer.n; i++)
            answer.data[i] = 0xFF;
    }
    return tud_control_xfer(rhport, request, answer.data, answer.n);
}

/* The stack has chosen us by the low byte of wIndex; the high byte must be 0. */
static bool on_setup(uint8_t rhport, const tusb_control_request_t *request)
{
    if (request->wIndex != port.itf)
        return (request->bmRequestType & TYPE_MASK) == 0 ? stall(rhport) : false;
    dfukit_dfu_poll(&port.dfu, tusb_time_millis_api());
    if ((request->bmRequestType & TYPE_MASK) == 0)
        return standard(rhport, request);
    return class_setup(rhport, request);
}

static bool driver_control_xfer_cb(uint8_t rhport, uint8_t stage,
                                   const tusb_control_request_t *request)
{
    if (stage == CONTROL_STAGE_SETUP)
        return on_setup(rhport, request);
    /* A standard request's end is none of the class's: one of its own may have been cut short
     * before, which must not be taken for completed now. */
    if ((request->bmRequestType & TYPE_MASK) == TYPE_CLASS &&
        stage == (request->wLength != 0 ? CONTROL_STAGE_DATA : CONTROL_STAGE_ACK))
        dfukit_dfu_complete(&port.dfu);
    return true;
}

/* DFU has no endpoint but 0. */
static bool driver_xfer_cb(uint8_t rhport, uint8_t ep_addr, xfer_result_t result,
                           uint32_t xferred_bytes)
{
    (void)rhport;
    (void)ep_addr;
    (void)result;
    (void)xferred_bytes;
    return false;
}

const usbd_class_driver_t *usbd_app_driver_get_cb(uint8_t *driver_count)
{
    static const usbd_class_driver_t driver = {
        .name = "dfukit",
        .init = driver_init,
        .deinit = driver_deinit,
        .reset = driver_reset,
        .open = driver_open,
        .control_xfer_cb = driver_control_xfer_cb,
        .xfer_cb = driver_xfer_cb,
        .sof = NULL,
    };

    *driver_count = 1;
    return &driver;
}

/* ---- The main loop's part ---- */

void dfu_task(void)
{
    uint32_t now = tusb_time_millis_api();

    dfukit_dfu_poll(&port.dfu, now);
    if (port.wish == DFUKIT_WISH_NONE) {
        port.wish = dfukit_dfu_wish(&port.dfu);
        if (port.wish != DFUKIT_WISH_NONE) {
            tud_disconnect();
            port.left_ms = now;
        }
    } else if (now - port.left_ms >= AWAY_MS) {
        bool dfu = port.wish == DFUKIT_WISH_REATTACH_DFU;

        port.wish = DFUKIT_WISH_NONE;
        if (!dfu)
            product_restart();
        dfukit_dfu_attach(&port.dfu, dfu);
        tud_connect();
    }
}
