/* SPDX-License-Identifier: MIT */
/* The `dfu` command. */
#include "verbs.h"

int main(int argc, char **argv)
{
    return dfukit_cli_main(argc, argv);
}
