/* SPDX-License-Identifier: MIT */
/*
 * dfukit's DFU class as two class instances of Zephyr's new USB device stack: one for the device of
 * the run-time mode, among the firmware's other functions, and one for the device of DFU mode. Only
 * one of the devices is enabled at a time. The stack has endpoint 0 and the standard requests;
 * dfukit_dfu_* has the class.
 *
 * Callbacks come from the stack's thread, time from the system work queue: one lock makes one
 * context of them. No function of the stack is called that could wait for the stack's thread
 * while the lock is held.
 */
#include "port.h"

#include <string.h>

#define POLL_MS   1
#define SETTLE_MS 20u /* a status stage, of which the stack does not tell the end, is over then */
#define AWAY_MS   250

/* Before Zephyr 4.5 a request with data towards the device came only with its data. */
#define OUT_IS_ASKED_FIRST (ZEPHYR_VERSION_CODE >= ZEPHYR_VERSION(4, 5, 0))

/* A message that comes later than what it tells of would take back a new SET_CONFIGURATION. */
BUILD_ASSERT(!IS_ENABLED(CONFIG_USBD_MSG_DEFERRED_MODE), "messages must come at once");

static struct {
    struct k_mutex lock;
    struct k_work_delayable work;
    struct usbd_context *device; /* the one enabled; NULL while off the bus */
    dfukit_wish wish;            /* why it is off the bus */
    dfukit_dfu dfu;
    dfukit_answer out; /* where the data stage towards the device goes */
    uint32_t taken_ms; /* when the last request that is not a question was taken */
    uint8_t alt;       /* what the host believes to have chosen … */
    bool alt_refused;  /* … but the class could not follow */
} port;

static void lock(void)
{
    (void)k_mutex_lock(&port.lock, K_FOREVER);
}

static void unlock(void)
{
    (void)k_mutex_unlock(&port.lock);
}

/* ---- Requests ---- */

static uint8_t interface_number(struct usbd_class_data *c_data)
{
    struct usb_desc_header *const *list = usbd_class_get_private(c_data);

    return ((const struct usb_if_descriptor *)(const void *)list[0])->bInterfaceNumber;
}

/* SET_INTERFACE cannot be refused here. Where the class had to, as while the flash works, no
 * request may act on what the host takes for another memory. */
static bool follows(const struct usb_setup_packet *setup)
{
    if (port.alt_refused)
        port.alt_refused = !dfukit_dfu_set_alternate(&port.dfu, port.alt);
    return !port.alt_refused || setup->bRequest == DFUKIT_GETSTATUS ||
           setup->bRequest == DFUKIT_GETSTATE;
}

/* The stack has chosen us by the low byte of wIndex, and gives interfaces their numbers; dfukit
 * knows its interface by the number in its table in run-time mode, and as 0 in DFU mode. */
static dfukit_answer ask(struct usbd_class_data *c_data, const struct usb_setup_packet *setup)
{
    dfukit_answer answer = {.kind = DFUKIT_ANSWER_STALL};
    dfukit_setup s = {
        .bmRequestType = setup->bmRequestType,
        .bRequest = setup->bRequest,
        .wValue = setup->wValue,
        .wLength = setup->wLength,
    };

    dfukit_dfu_poll(&port.dfu, k_uptime_get_32());
    if (setup->wIndex != interface_number(c_data) || !follows(setup))
        return answer;
    s.wIndex = dfukit_dfu_in_dfu_mode(&port.dfu) ? 0 : product_dfu.interface_runtime;
    return dfukit_dfu_setup(&port.dfu, &s);
}

/* A request without data, or with data towards the device. @return 0, or an error: stall. */
static int take(struct usbd_class_data *c_data, const struct usb_setup_packet *setup,
                const struct net_buf *buf)
{
    bool with_data = setup->wLength != 0;

    if (!with_data || buf == NULL || !OUT_IS_ASKED_FIRST) {
        port.out = ask(c_data, setup);
        if (port.out.kind == DFUKIT_ANSWER_STALL)
            return -ENOTSUP;
        if (with_data && OUT_IS_ASKED_FIRST)
            return 0; /* let it come */
    }
    if (with_data) {
        if (buf == NULL || buf->len != port.out.n)
            return -EINVAL; /* not whole: the class forgets it with the next SETUP */
        memcpy(port.out.data, buf->data, port.out.n);
    }
    port.taken_ms = k_uptime_get_32();
    dfukit_dfu_complete(&port.dfu);
    return 0;
}

/* An answer to the host. The stack does not say when the host has it; a host that misses it asks
 * again. */
static int give(const dfukit_answer *answer, struct net_buf *buf)
{
    if (buf == NULL)
        return -ENOMEM;
    net_buf_add_mem(buf, answer->data, answer->n);
    dfukit_dfu_complete(&port.dfu);
    return 0;
}

#if ZEPHYR_VERSION_CODE >= ZEPHYR_VERSION(4, 5, 0)

static int control_to_dev(struct usbd_class_data *const c_data,
                          const struct usb_setup_packet *const setup,
                          const struct net_buf *const buf)
{
    int result;

    lock();
    result = take(c_data, setup, buf);
    unlock();
    return result;
}

static struct net_buf *control_to_host(struct usbd_class_data *const c_data,
                                       const struct usb_setup_packet *const setup)
{
    struct net_buf *buf = NULL;
    dfukit_answer answer;

    lock();
    answer = ask(c_data, setup);
    if (answer.kind == DFUKIT_ANSWER_IN) {
        buf = usbd_ep_ctrl_data_in_alloc(usbd_class_get_ctx(c_data), answer.n);
        (void)give(&answer, buf);
    }
    unlock();
    return buf;
}

#else /* an error was told through errno; what is returned meant another thing */

static int control_to_dev(struct usbd_class_data *const c_data,
                          const struct usb_setup_packet *const setup,
                          const struct net_buf *const buf)
{
    int result;

    lock();
    result = take(c_data, setup, buf);
    unlock();
    errno = result;
    return 0;
}

static int control_to_host(struct usbd_class_data *const c_data,
                           const struct usb_setup_packet *const setup, struct net_buf *const buf)
{
    dfukit_answer answer;
    int result = -ENOTSUP;

    lock();
    answer = ask(c_data, setup);
    if (answer.kind == DFUKIT_ANSWER_IN)
        result = give(&answer, buf);
    unlock();
    errno = result;
    return 0;
}

#endif

/* ---- Configuration, alternate setting, bus reset ---- */

static void update(struct usbd_class_data *const c_data, uint8_t iface, uint8_t alternate)
{
    (void)c_data;
    (void)iface;
    lock();
    dfukit_dfu_poll(&port.dfu, k_uptime_get_32());
    port.alt = alternate;
    port.alt_refused = !dfukit_dfu_set_alternate(&port.dfu, alternate);
    unlock();
}

static void enable(struct usbd_class_data *const c_data)
{
    (void)c_data;
    lock();
    dfukit_dfu_set_configured(&port.dfu, true);
    unlock();
}

/* The stack calls disable() for a bus reset as well as for SET_CONFIGURATION 0, which are not the
 * same to the class; its messages tell them apart. No request reaches the class in between. */
static void on_message(struct usbd_context *const ctx, const struct usbd_msg *const msg)
{
    (void)ctx;
    lock();
    if (msg->type == USBD_MSG_RESET) {
        dfukit_dfu_bus_reset(&port.dfu);
        port.alt_refused = false;
    } else if (msg->type == USBD_MSG_CONFIGURATION && msg->status == 0) {
        dfukit_dfu_set_configured(&port.dfu, false);
        port.alt_refused = false;
    }
    unlock();
}

/* ---- The class instances ---- */

static int init(struct usbd_class_data *const c_data)
{
    (void)c_data;
    return 0;
}

static void *get_desc(struct usbd_class_data *const c_data, const enum usbd_speed speed)
{
    (void)speed;
    return usbd_class_get_private(c_data);
}

static const struct usbd_class_api api = {
    .update = update,
    .control_to_dev = control_to_dev,
    .control_to_host = control_to_host,
    .enable = enable,
    .init = init,
    .get_desc = get_desc,
};

USBD_DEFINE_CLASS(dfukit_runtime, &api, product_runtime_descriptors, NULL);
USBD_DEFINE_CLASS(dfukit_dfu_mode, &api, product_dfu_descriptors, NULL);

/* ---- Coming and going; in the work queue, and in main() before it runs ---- */

static int come(bool dfu)
{
    int error;

    port.device = product_device(dfu);
    if (port.device == NULL)
        return -EINVAL;
    error = usbd_msg_register_cb(port.device, on_message);
    if (error == 0 || error == -EALREADY)
        error = usbd_init(port.device);
    if (error == 0)
        error = usbd_enable(port.device);
    if (error != 0) {
        (void)usbd_shutdown(port.device);
        port.device = NULL;
    }
    return error;
}

/* The firmware's other functions go with it. */
static void leave(void)
{
    (void)usbd_disable(port.device);
    (void)usbd_shutdown(port.device);
    port.device = NULL;
}

static void come_back(void)
{
    bool dfu = port.wish == DFUKIT_WISH_REATTACH_DFU;

    if (!dfu)
        product_restart();
    lock();
    dfukit_dfu_attach(&port.dfu, dfu);
    port.alt_refused = false;
    unlock();
    (void)come(dfu); /* else once more, the next time */
}

static bool must_leave(void)
{
    uint32_t now = k_uptime_get_32();

    lock();
    dfukit_dfu_poll(&port.dfu, now);
    if (now - port.taken_ms >= SETTLE_MS)
        port.wish = dfukit_dfu_wish(&port.dfu);
    unlock();
    return port.wish != DFUKIT_WISH_NONE;
}

static void on_time(struct k_work *work)
{
    (void)work;
    if (port.device == NULL) {
        come_back();
        port.wish = port.device != NULL ? DFUKIT_WISH_NONE : port.wish;
    } else if (must_leave()) {
        leave();
    }
    (void)k_work_reschedule(&port.work, K_MSEC(port.device != NULL ? POLL_MS : AWAY_MS));
}

int dfu_start(void)
{
    int error = product_init();

    if (error != 0)
        return error;
    port.alt_refused = false;
    port.wish = DFUKIT_WISH_NONE;
    port.taken_ms = k_uptime_get_32();
    (void)k_mutex_init(&port.lock);
    dfukit_dfu_init(&port.dfu, &product_dfu, &product_slot, product_block);
    k_work_init_delayable(&port.work, on_time);
    error = come(dfukit_dfu_in_dfu_mode(&port.dfu));
    if (error == 0)
        (void)k_work_reschedule(&port.work, K_MSEC(POLL_MS));
    return error;
}
