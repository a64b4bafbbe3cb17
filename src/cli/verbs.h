/* SPDX-License-Identifier: MIT */
/* What the verbs do. Each returns its exit code. */
#ifndef DFUKIT_CLI_VERBS_H
#define DFUKIT_CLI_VERBS_H

#include "args.h"

int dfukit_cli_list(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_info(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_detach(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_write(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_read(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_verify(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_leave(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_erase(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_unlock(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_image_info(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_image_convert(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_suffix_add(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_suffix_check(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_suffix_strip(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_prefix_add(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_prefix_check(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_prefix_strip(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_image_pack(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_image_unpack(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_serve(const dfukit_cli_args *args, dfukit_cli_ui *ui);
int dfukit_cli_demo(const dfukit_cli_args *args, dfukit_cli_ui *ui);

/** The whole command. @return the exit code. */
int dfukit_cli_main(int argc, char **argv);

#endif
