/* SPDX-License-Identifier: MIT */
/*
 * A stand-in for Zephyr's new USB device stack, as its sources have it: classes, configurations and
 * the bus; for requests see zephyr_control.c. Written for this test; it shares no code with Zephyr.
 *
 *  - usbd_init() numbers the interfaces of the classes registered, one after the other.
 *  - update() is called when a SET_INTERFACE changes something; it cannot refuse.
 *  - A bus reset is disable(), when configured, and the message; SET_CONFIGURATION is disable() or
 *    enable(), when it changes something, and another message.
 */
#include "zephyr_stack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define CLASSES    4u
#define INTERFACES 16u
#define CONTEXTS   2u

extern struct usbd_class_data dfukit_runtime, dfukit_dfu_mode;

static struct usb_if_descriptor other_interface = {9, 4, 0, 0, 0, 0xFF, 0, 0, 0};
static struct usb_desc_header *other_descriptors[] = {
    (struct usb_desc_header *)(void *)&other_interface, NULL};

static struct {
    struct usbd_context *device; /* whose classes are registered */
    bool initialised, enabled;
    struct usbd_class_data *classes[CLASSES];
    unsigned class_count, leaves, other_requests;
    uint8_t configuration, alternate[INTERFACES];
    usbd_msg_cb_t message;
    struct usbd_context *with_message[CONTEXTS]; /* a callback can be registered once only */
    uint8_t descriptors[256];
} stack;

/* ---- The other class ---- */

static int other_to_dev(struct usbd_class_data *const c_data,
                        const struct usb_setup_packet *const setup, const struct net_buf *const buf)
{
    (void)c_data;
    (void)setup;
    (void)buf;
    stack.other_requests++;
    errno = -ENOTSUP;
    return STUB_ZEPHYR_MINOR >= 5 ? -ENOTSUP : 0;
}

static void *other_get_desc(struct usbd_class_data *const c_data, const enum usbd_speed speed)
{
    (void)speed;
    return c_data->priv;
}

static const struct usbd_class_api other_api = {.control_to_dev = other_to_dev,
                                                .get_desc = other_get_desc};
static USBD_DEFINE_CLASS(loopback_0, &other_api, other_descriptors, NULL);

/* ---- Classes and their interfaces ---- */

static struct usb_desc_header **list_of(struct usbd_class_data *c)
{
    return c->api->get_desc(c, USBD_SPEED_FS);
}

static struct usb_if_descriptor *as_interface(struct usb_desc_header *d)
{
    return d->bDescriptorType == 4 ? (struct usb_if_descriptor *)(void *)d : NULL;
}

/* @return the class with this interface and alternate setting, or NULL. */
struct usbd_class_data *stack_class_of(uint8_t itf, uint8_t alt)
{
    for (unsigned i = 0; i < stack.class_count; i++) {
        for (struct usb_desc_header **d = list_of(stack.classes[i]); *d != NULL; d++) {
            const struct usb_if_descriptor *found = as_interface(*d);

            if (found != NULL && found->bInterfaceNumber == itf && found->bAlternateSetting == alt)
                return stack.classes[i];
        }
    }
    return NULL;
}

int usbd_add_configuration(struct usbd_context *const uds_ctx, const enum usbd_speed speed,
                           struct usbd_config_node *const cd)
{
    assert_int_equal(kernel_locked(), 0);
    assert_false(stack.initialised);
    assert_non_null(cd);
    assert_int_equal(speed, USBD_SPEED_FS);
    stack.device = uds_ctx;
    return 0;
}

int usbd_register_class(struct usbd_context *const uds_ctx, const char *name,
                        const enum usbd_speed speed, uint8_t cfg)
{
    struct usbd_class_data *const all[] = {&dfukit_runtime, &dfukit_dfu_mode, &loopback_0};

    (void)speed;
    assert_ptr_equal(uds_ctx, stack.device);
    assert_int_equal(cfg, 1);
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(all[i]->name, name) == 0) {
            assert_true(stack.class_count < CLASSES);
            all[i]->uds_ctx = uds_ctx;
            stack.classes[stack.class_count++] = all[i];
            return 0;
        }
    }
    return -ENODEV;
}

int usbd_msg_register_cb(struct usbd_context *const uds_ctx, const usbd_msg_cb_t cb)
{
    unsigned i = 0;

    stack.message = cb;
    while (i < CONTEXTS && stack.with_message[i] != NULL && stack.with_message[i] != uds_ctx)
        i++;
    assert_true(i < CONTEXTS);
    if (stack.with_message[i] == uds_ctx)
        return -EALREADY;
    stack.with_message[i] = uds_ctx;
    return 0;
}

int usbd_init(struct usbd_context *const uds_ctx)
{
    uint8_t number = 0;

    assert_int_equal(kernel_locked(), 0);
    assert_ptr_equal(uds_ctx, stack.device);
    for (unsigned i = 0; i < stack.class_count; i++, number++) {
        for (struct usb_desc_header **d = list_of(stack.classes[i]); *d != NULL; d++) {
            if (as_interface(*d) != NULL)
                as_interface(*d)->bInterfaceNumber = number;
        }
        if (stack.classes[i]->api->init != NULL)
            assert_int_equal(stack.classes[i]->api->init(stack.classes[i]), 0);
    }
    stack.initialised = true;
    return 0;
}

int usbd_enable(struct usbd_context *const uds_ctx)
{
    assert_int_equal(kernel_locked(), 0);
    assert_ptr_equal(uds_ctx, stack.device);
    assert_true(stack.initialised && !stack.enabled);
    stack.enabled = true;
    return 0;
}

/* ---- Configurations ---- */

static void tell(enum usbd_msg_type type, int status)
{
    const struct usbd_msg msg = {type, status};

    stack.message(stack.device, &msg);
}

static void switch_classes(bool on)
{
    for (unsigned i = 0; i < stack.class_count; i++) {
        struct usbd_class_data *c = stack.classes[i];
        void (*call)(struct usbd_class_data *const) = on ? c->api->enable : c->api->disable;

        if (call != NULL)
            call(c);
    }
}

static void config_set(uint8_t value)
{
    if (stack.configuration != 0) {
        memset(stack.alternate, 0, sizeof stack.alternate);
        stack.configuration = 0;
        switch_classes(false);
    }
    if (value != 0) {
        stack.configuration = value;
        switch_classes(true);
    }
}

int usbd_disable(struct usbd_context *const uds_ctx)
{
    assert_int_equal(kernel_locked(), 0);
    assert_ptr_equal(uds_ctx, stack.device);
    assert_true(stack.enabled);
    config_set(0);
    stack.enabled = false;
    stack.leaves++;
    return 0;
}

int usbd_shutdown(struct usbd_context *const uds_ctx)
{
    assert_int_equal(kernel_locked(), 0);
    assert_ptr_equal(uds_ctx, stack.device);
    assert_false(stack.enabled);
    stack.initialised = false;
    stack.class_count = 0;
    return 0;
}

bool bus_configure(uint8_t value)
{
    assert_true(stack.enabled);
    if (value > 1)
        return false;
    if (value != stack.configuration) {
        config_set(value);
        tell(USBD_MSG_CONFIGURATION, value);
    }
    kernel_run(1);
    return true;
}

void bus_reset(void)
{
    assert_true(stack.enabled);
    config_set(0);
    tell(USBD_MSG_RESET, 0);
    kernel_run(1);
}

bool bus_set_interface(uint16_t itf, uint16_t alt)
{
    struct usbd_class_data *c;

    if (stack.configuration == 0 || itf >= INTERFACES || alt > 0xFF)
        return false;
    c = stack_class_of((uint8_t)itf, (uint8_t)alt);
    if (c == NULL)
        return false;
    if (stack.alternate[itf] != alt) {
        c->api->update(c, (uint8_t)itf, (uint8_t)alt);
        stack.alternate[itf] = (uint8_t)alt;
    }
    kernel_run(1);
    return true;
}

int bus_get_interface(uint16_t itf)
{
    if (stack.configuration == 0 || itf >= INTERFACES || stack_class_of((uint8_t)itf, 0) == NULL)
        return BUS_STALL;
    return stack.alternate[itf];
}

/* ---- For zephyr_control.c ---- */

struct usbd_context *stack_device(void)
{
    return stack.device;
}

bool stack_configured(void)
{
    return stack.configuration != 0;
}

/* ---- The bus ---- */

void bus_power_on(bool firmware)
{
    memset(&stack, 0, sizeof stack);
    kernel_power_on(firmware);
    assert_int_equal(dfu_start(), 0);
}

bool bus_present(void)
{
    return stack.enabled;
}

unsigned bus_leaves(void)
{
    return stack.leaves;
}

unsigned bus_other_requests(void)
{
    return stack.other_requests;
}

void bus_late(uint32_t ms)
{
    kernel_late(ms);
}

void bus_run(uint32_t ms)
{
    kernel_run(ms);
}

void bus_device(uint8_t bytes[18])
{
    const dfukit_device_descriptor d = {
        .bcdUSB = 0x0200,
        .bMaxPacketSize0 = BUS_PACKET,
        .idVendor = stack.device->idVendor,
        .idProduct = stack.device->idProduct,
        .bNumConfigurations = 1,
    };

    dfukit_device_descriptor_encode(&d, bytes);
}

const uint8_t *bus_configuration(uint16_t *n)
{
    const uint8_t head[] = {9, 2, 0, 0, (uint8_t)stack.class_count, 1, 0, 0x80, 50};

    memcpy(stack.descriptors, head, sizeof head);
    *n = sizeof head;
    for (unsigned i = 0; i < stack.class_count; i++) {
        for (struct usb_desc_header **d = list_of(stack.classes[i]); *d != NULL; d++) {
            assert_true(*n + (*d)->bLength <= (int)sizeof stack.descriptors);
            memcpy(stack.descriptors + *n, *d, (*d)->bLength);
            *n = (uint16_t)(*n + (*d)->bLength);
        }
    }
    stack.descriptors[2] = (uint8_t)*n;
    return stack.descriptors;
}
