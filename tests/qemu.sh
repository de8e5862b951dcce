# SPDX-License-Identifier: GPL-2.0-or-later
# The machine that all tests run on; sourced. QEMU's TCG gives AMD SVM with nested paging.
# What is taken away from the CPU model: instructions that TCG gets wrong under SVM (SMAP with IRETQ at
# CPL 3, RDTSCP exiting as RDTSC, MWAIT's interrupt break, XSETBV not intercepted and what depends on it).
QEMU=${QEMU:-qemu-system-x86_64}
QEMU_CPU=${QEMU_CPU:-EPYC-v1,-smap,-rdtscp,-monitor,-xsave,-xsaveopt,-avx,-avx2,-fma,-f16c}
QEMU_COMMON="-nographic -no-reboot -nic none -cpu $QEMU_CPU"

# Wall-clock machine and the one whose TSC counts instructions.
QEMU_FAST="-machine q35 -accel tcg,thread=multi -m 2048"
QEMU_COUNT="-machine q35 -accel tcg,thread=single -smp 1 -m 2048 -icount shift=0,sleep=off \
-rtc base=2026-01-01,clock=vm -seed 1"

# The hypervisor's command line.
XEN_ARGS="console=com1 com1=115200 noreboot dom0=pvh dom0_mem=256M"
# Real Xen wants these as well to start such a domain here.
XEN_REFERENCE_ARGS="dom0-iommu=none spec-ctrl=no"
