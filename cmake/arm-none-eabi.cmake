# SPDX-License-Identifier: MIT
# Debian's gcc-arm-none-eabi, freestanding. DFUKIT_CPU comes from the preset.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES DFUKIT_CPU)
set(CMAKE_C_FLAGS_INIT
    "-mcpu=${DFUKIT_CPU} -mthumb -ffreestanding -nostdlib -ffunction-sections -fdata-sections")
