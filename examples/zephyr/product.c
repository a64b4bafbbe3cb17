/* SPDX-License-Identifier: MIT */
/*
 * A product: its table, its descriptors, and a store, which is dfukit's slot on partitions of
 * Zephyr's flash map. Those functions block until the flash is done, which dfukit's must not: the
 * work is handed to a work queue of its own, of low priority, and busy() says whether it is over.
 */
#include "port.h"

/* FIXED_PARTITION_ID(…) of the two memories, in a firmware. */
#define FIRMWARE_PARTITION 0u
#define SETTINGS_PARTITION 1u

#define REGION_SIZE        8192u
#define SECTOR_SIZE        1024u
#define WRITE_UNIT         4u

/* ---- The flash ---- */

#define FLASH_PRIORITY 10 /* below everything that must go on in the meantime */
K_THREAD_STACK_DEFINE(flash_stack, 1024);

static struct {
    struct k_work_q queue;
    struct k_work work;
    const struct flash_area *areas[2];
    atomic_t busy;
    uint32_t address;
    const uint8_t *data; /* NULL: erase */
    uint32_t n;
    uint8_t status;
} flash;

static const dfukit_sectors sectors[] = {{REGION_SIZE / SECTOR_SIZE, SECTOR_SIZE}, {0, 0}};

/* clang-format off */
#define REGION(base) {                                                                             \
    .address = (base), .sectors = sectors, .write_unit = WRITE_UNIT, .erased = 0xFF,               \
    .permissions = DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE,                          \
    .erase_us = 30000, .program_us = 250 }
/* clang-format on */

/* Addresses count through the partitions: number × REGION_SIZE + offset. */
static const dfukit_region firmware = REGION(FIRMWARE_PARTITION * REGION_SIZE);
static const dfukit_region settings = REGION(SETTINGS_PARTITION * REGION_SIZE);
static const dfukit_region *const regions[] = {&firmware, &settings};

static const struct flash_area *area(uint32_t address)
{
    return flash.areas[address / REGION_SIZE];
}

static off_t offset(uint32_t address)
{
    return (off_t)(address % REGION_SIZE);
}

/* In the flash's own thread. */
static void run(struct k_work *work)
{
    int error;

    (void)work;
    if (flash.data == NULL) {
        error = flash_area_erase(area(flash.address), offset(flash.address), flash.n);
        flash.status = error == 0 ? DFUKIT_STATUS_OK : DFUKIT_STATUS_ERASE;
    } else {
        error = flash_area_write(area(flash.address), offset(flash.address), flash.data, flash.n);
        flash.status = error == 0 ? DFUKIT_STATUS_OK : DFUKIT_STATUS_PROG;
    }
    atomic_set(&flash.busy, 0);
}

static uint8_t start(uint32_t address, const uint8_t *data, uint32_t n)
{
    flash.address = address;
    flash.data = data;
    flash.n = n;
    atomic_set(&flash.busy, 1);
    if (k_work_submit_to_queue(&flash.queue, &flash.work) < 0) {
        atomic_set(&flash.busy, 0);
        return DFUKIT_STATUS_UNKNOWN;
    }
    return DFUKIT_STATUS_OK;
}

static uint8_t flash_erase(void *self, uint32_t address)
{
    (void)self;
    return start(address, NULL, SECTOR_SIZE);
}

static uint8_t flash_program(void *self, uint32_t address, const uint8_t *data, uint32_t n)
{
    (void)self;
    return start(address, data, n);
}

static bool flash_busy(void *self, uint8_t *status)
{
    (void)self;
    if (atomic_get(&flash.busy) != 0)
        return true;
    *status = flash.status;
    return false;
}

/* No way to report an error: zeros, which read-back verification finds, and an upload's reader. */
static void flash_read(void *self, uint32_t address, uint8_t *to, uint32_t n)
{
    (void)self;
    if (flash_area_read(area(address), offset(address), to, n) != 0) {
        while (n > 0)
            to[--n] = 0;
    }
}

static const dfukit_flash_ops flash_ops = {flash_erase, flash_program, flash_busy, flash_read};

/* ---- The slot: firmware begins with a mark, settings may be anything ---- */

static bool has_firmware(void *self)
{
    uint8_t mark[4];

    flash_read(self, FIRMWARE_PARTITION * REGION_SIZE, mark, sizeof mark);
    return mark[0] == 'F' && mark[1] == 'W' && mark[2] == '0' && mark[3] == '1';
}

static uint8_t accept(void *self, uint8_t alt, uint32_t length)
{
    (void)length;
    return alt != 0 || has_firmware(self) ? DFUKIT_STATUS_OK : DFUKIT_STATUS_FIRMWARE;
}

static const dfukit_slot_config slot_config = {
    .flash = &flash_ops,
    .regions = regions,
    .accept = accept,
    .valid = has_firmware,
    .manifest_us = 5000,
};

dfukit_slot product_slot;
uint8_t product_block[PRODUCT_TRANSFER_SIZE];

int product_init(void)
{
    int error = flash_area_open(FIRMWARE_PARTITION, &flash.areas[FIRMWARE_PARTITION]);

    if (error == 0)
        error = flash_area_open(SETTINGS_PARTITION, &flash.areas[SETTINGS_PARTITION]);
    if (error != 0)
        return error;
    k_work_queue_start(&flash.queue, flash_stack, K_THREAD_STACK_SIZEOF(flash_stack),
                       K_PRIO_PREEMPT(FLASH_PRIORITY), NULL);
    k_work_init(&flash.work, run);
    atomic_set(&flash.busy, 0);
    flash.status = DFUKIT_STATUS_OK;
    dfukit_slot_init(&product_slot, &slot_config, NULL);
    return 0;
}

/* ---- The table, and the class's descriptors ---- */

#define ATTRIBUTES (DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_WILL_DETACH)
#define DETACH_MS  1000u

const dfukit_dfu_config product_dfu = {
    .functional = {ATTRIBUTES, DETACH_MS, PRODUCT_TRANSFER_SIZE, DFUKIT_VERSION_11},
    .alternates = 2,
    .interface_runtime = 0, /* the glue translates: the stack gives the number on the bus */
    .interfaces_runtime = 1,
    .max_packet_size0 = 64,
    .store = &dfukit_slot_store,
};

#define LE16(x) (uint8_t)((x)&0xFFu), (uint8_t)((x) >> 8)

static uint8_t functional[] = {
    9,
    DFUKIT_DESC_DFU_FUNCTIONAL,
    ATTRIBUTES,
    LE16(DETACH_MS),
    LE16(PRODUCT_TRANSFER_SIZE),
    LE16(DFUKIT_VERSION_11),
};

/* clang-format off */
#define DFU(alt, protocol) { 9, DFUKIT_DESC_INTERFACE, 0, (alt), 0,                                \
    DFUKIT_CLASS_APPLICATION, DFUKIT_SUBCLASS_DFU, (protocol), 0 }
/* clang-format on */

static struct usb_if_descriptor runtime = DFU(0, DFUKIT_PROTOCOL_RUNTIME);
static struct usb_if_descriptor alternates[] = {DFU(0, DFUKIT_PROTOCOL_DFU),
                                                DFU(1, DFUKIT_PROTOCOL_DFU)};

#define HEADER(descriptor) ((struct usb_desc_header *)(void *)(descriptor))

struct usb_desc_header *product_runtime_descriptors[] = {HEADER(&runtime), HEADER(functional),
                                                         NULL};
struct usb_desc_header *product_dfu_descriptors[] = {HEADER(&alternates[0]), HEADER(&alternates[1]),
                                                     HEADER(functional), NULL};

/* ---- The devices ---- */

/* One of run-time mode, with the product's own function and DFU; one of DFU mode, with DFU only. */
USBD_DEVICE_DEFINE(device_runtime, DEVICE_DT_GET(DT_NODELABEL(zephyr_udc0)), 0x1209, 0x0001);
USBD_DEVICE_DEFINE(device_dfu, DEVICE_DT_GET(DT_NODELABEL(zephyr_udc0)), 0x1209, 0x0002);
USBD_CONFIGURATION_DEFINE(configuration_runtime, 0, 50, NULL);
USBD_CONFIGURATION_DEFINE(configuration_dfu, 0, 50, NULL);

struct usbd_context *product_device(bool dfu)
{
    struct usbd_context *device = dfu ? &device_dfu : &device_runtime;
    struct usbd_config_node *configuration = dfu ? &configuration_dfu : &configuration_runtime;
    int error = usbd_add_configuration(device, USBD_SPEED_FS, configuration);

    if (error == 0 && !dfu)
        error = usbd_register_class(device, "loopback_0", USBD_SPEED_FS, 1);
    if (error == 0)
        error = usbd_register_class(device, dfu ? "dfukit_dfu_mode" : "dfukit_runtime",
                                    USBD_SPEED_FS, 1);
    return error == 0 ? device : NULL;
}

void product_restart(void)
{
    /* This firmware is the one that runs: nothing to start. On a chip: sys_reboot(). */
}
