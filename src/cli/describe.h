/* SPDX-License-Identifier: MIT */
/* What a device is, in words and in JSON. */
#ifndef DFUKIT_CLI_DESCRIBE_H
#define DFUKIT_CLI_DESCRIBE_H

#include "dfukit/host.h"
#include "json.h"

#define DFUKIT_CLI_WORDS_SIZE 256u

/** "1209:70b1". */
const char *dfukit_cli_id_text(const dfukit_device_descriptor *d, char buffer[10]);
/** Could its device descriptor be read? */
bool dfukit_cli_has_ids(const dfukit_target *t);
/** bmAttributes in words, with commas between them; "" when none is set. */
const char *dfukit_cli_attributes(unsigned bmAttributes, char buffer[DFUKIT_CLI_WORDS_SIZE]);
/** What was tolerated in the descriptors, the same way. */
const char *dfukit_cli_oddities(unsigned oddities, char buffer[DFUKIT_CLI_WORDS_SIZE]);
/** The product's name, or another that says which device is meant; never empty. */
const char *dfukit_cli_product(const dfukit_target *t);
/** The members of a device's JSON object, as `dfu list --json` shows it. */
void dfukit_cli_target_json(dfukit_cli_json *j, const dfukit_target *t);
/** What a user can do about a device that cannot be opened; "" when nothing is known. Lines. */
const char *dfukit_cli_access_remedy(int error, const dfukit_device_descriptor *d, bool usb,
                                     char *buffer, size_t room);

#endif
