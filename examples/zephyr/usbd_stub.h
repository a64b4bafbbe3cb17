/* SPDX-License-Identifier: MIT */
/**
 * Stands for Zephyr's own headers (zephyr/usb/usbd.h, zephyr/kernel.h, zephyr/storage/flash_map.h,
 * zephyr/version.h) so that this example compiles without Zephyr: only the names and signatures
 * that it uses, with no more behind them than these need. In a firmware include those headers.
 *
 * The USB device stack is the new one ("device_next"), whose class callbacks changed with Zephyr
 * 4.5. STUB_ZEPHYR_MINOR chooses: 5 (as it is there), 4 (as it was).
 */
#ifndef USBD_STUB_H
#define USBD_STUB_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifndef STUB_ZEPHYR_MINOR
#define STUB_ZEPHYR_MINOR 5
#endif
#define ZEPHYR_VERSION(a, b, c)           (((a) << 16) + ((b) << 8) + (c))
#define ZEPHYR_VERSION_CODE               ZEPHYR_VERSION(4, STUB_ZEPHYR_MINOR, 0)

#define CONTAINER_OF(ptr, type, field)    ((type *)(void *)((char *)(ptr)-offsetof(type, field)))

#define BUILD_ASSERT(expression, message) _Static_assert(expression, message)
#define IS_ENABLED(option)                0 /* no CONFIG_… is set here */

/* ---- Kernel ---- */

typedef int64_t k_timeout_t;
#define K_MSEC(ms) ((k_timeout_t)(ms))
#define K_FOREVER  ((k_timeout_t)-1)

struct k_mutex {
    int depth;
};
int k_mutex_init(struct k_mutex *mutex);
int k_mutex_lock(struct k_mutex *mutex, k_timeout_t timeout);
int k_mutex_unlock(struct k_mutex *mutex);

struct k_work;
typedef void (*k_work_handler_t)(struct k_work *work);
struct k_work {
    k_work_handler_t handler;
    bool pending;
};
struct k_work_delayable {
    struct k_work work;
    uint32_t due_ms;
};
struct k_work_q {
    struct k_work *first;
};
typedef char k_thread_stack_t;
#define K_THREAD_STACK_DEFINE(name, bytes) static k_thread_stack_t name[bytes]
#define K_THREAD_STACK_SIZEOF(name)        sizeof(name)
#define K_PRIO_PREEMPT(priority)           (priority)
struct k_work_queue_config;
void k_work_queue_start(struct k_work_q *queue, k_thread_stack_t *stack, size_t stack_size,
                        int prio, const struct k_work_queue_config *cfg);
void k_work_init(struct k_work *work, k_work_handler_t handler);
int k_work_submit_to_queue(struct k_work_q *queue, struct k_work *work);
void k_work_init_delayable(struct k_work_delayable *dwork, k_work_handler_t handler);
int k_work_reschedule(struct k_work_delayable *dwork, k_timeout_t delay);
uint32_t k_uptime_get_32(void);

typedef long atomic_val_t;
typedef atomic_val_t atomic_t;
atomic_val_t atomic_get(const atomic_t *target);
atomic_val_t atomic_set(atomic_t *target, atomic_val_t value);

/* ---- Flash map ---- */

struct flash_area;
int flash_area_open(uint8_t id, const struct flash_area **fa);
int flash_area_read(const struct flash_area *fa, off_t off, void *dst, size_t len);
int flash_area_write(const struct flash_area *fa, off_t off, const void *src, size_t len);
int flash_area_erase(const struct flash_area *fa, off_t off, size_t len);

/* ---- Buffers ---- */

struct net_buf {
    uint8_t *data;
    uint16_t len;
    uint16_t size;
};
void *net_buf_add_mem(struct net_buf *buf, const void *mem, size_t len);

/* ---- The USB device stack ---- */

struct usb_setup_packet {
    uint8_t bmRequestType;
    uint8_t bRequest;
    uint16_t wValue;
    uint16_t wIndex;
    uint16_t wLength;
};

struct usb_desc_header {
    uint8_t bLength;
    uint8_t bDescriptorType;
};

struct usb_if_descriptor {
    uint8_t bLength;
    uint8_t bDescriptorType;
    uint8_t bInterfaceNumber;
    uint8_t bAlternateSetting;
    uint8_t bNumEndpoints;
    uint8_t bInterfaceClass;
    uint8_t bInterfaceSubClass;
    uint8_t bInterfaceProtocol;
    uint8_t iInterface;
};

enum usbd_speed { USBD_SPEED_FS, USBD_SPEED_HS, USBD_SPEED_SS };
enum usbd_msg_type { USBD_MSG_SUSPEND, USBD_MSG_RESET, USBD_MSG_CONFIGURATION };
struct usbd_msg {
    enum usbd_msg_type type;
    int status;
};

struct device;
struct usbd_class_data;
struct usbd_cctx_vendor_req;
struct usbd_desc_node;
struct usbd_context {
    const struct device *dev;
    uint16_t idVendor, idProduct;
};
struct usbd_config_node {
    uint8_t bmAttributes, bMaxPower;
};
typedef void (*usbd_msg_cb_t)(struct usbd_context *const ctx, const struct usbd_msg *const msg);

/* Members that this example does not use are left out. */
struct usbd_class_api {
    void (*update)(struct usbd_class_data *const c_data, uint8_t iface, uint8_t alternate);
    int (*control_to_dev)(struct usbd_class_data *const c_data,
                          const struct usb_setup_packet *const setup,
                          const struct net_buf *const buf);
#if ZEPHYR_VERSION_CODE >= ZEPHYR_VERSION(4, 5, 0)
    struct net_buf *(*control_to_host)(struct usbd_class_data *const c_data,
                                       const struct usb_setup_packet *const setup);
#else
    int (*control_to_host)(struct usbd_class_data *const c_data,
                           const struct usb_setup_packet *const setup, struct net_buf *const buf);
#endif
    void (*enable)(struct usbd_class_data *const c_data);
    void (*disable)(struct usbd_class_data *const c_data);
    int (*init)(struct usbd_class_data *const c_data);
    void *(*get_desc)(struct usbd_class_data *const c_data, const enum usbd_speed speed);
};

struct usbd_class_data {
    const char *name;
    struct usbd_context *uds_ctx;
    const struct usbd_class_api *api;
    void *priv;
};

/* The real one puts the instance into a section, where the stack finds it by its name. */
#define USBD_DEFINE_CLASS(class_name, class_api, class_priv, class_v_reqs)                         \
    struct usbd_class_data class_name = {#class_name, NULL, class_api, class_priv}

#define DT_NODELABEL(label) label
#define DEVICE_DT_GET(node) NULL
#define USBD_DEVICE_DEFINE(device_name, udc_dev, vid, pid)                                         \
    static struct usbd_context device_name = {udc_dev, vid, pid}
#define USBD_CONFIGURATION_DEFINE(name, attrib, power, desc_nd)                                    \
    static struct usbd_config_node name = {attrib, power}

static inline void *usbd_class_get_private(const struct usbd_class_data *const c_data)
{
    return c_data->priv;
}
static inline struct usbd_context *usbd_class_get_ctx(const struct usbd_class_data *const c_data)
{
    return c_data->uds_ctx;
}
struct net_buf *usbd_ep_ctrl_data_in_alloc(struct usbd_context *const uds_ctx, const size_t size);

int usbd_add_configuration(struct usbd_context *const uds_ctx, const enum usbd_speed speed,
                           struct usbd_config_node *const cd);
int usbd_register_class(struct usbd_context *const uds_ctx, const char *name,
                        const enum usbd_speed speed, uint8_t cfg);
int usbd_msg_register_cb(struct usbd_context *const uds_ctx, const usbd_msg_cb_t cb);
int usbd_init(struct usbd_context *const uds_ctx);
int usbd_enable(struct usbd_context *const uds_ctx);
int usbd_disable(struct usbd_context *const uds_ctx);
int usbd_shutdown(struct usbd_context *const uds_ctx);

#endif
