# SPDX-License-Identifier: GPL-2.0-or-later
# The screen, a part of the backend process.
INCLUDE_vnc := vnc devmodel devmodel/hw xen/bus xen/lib
VNC_SRC  := $(call sources,*.c,vnc) devmodel/hw/vga_render.c devmodel/hw/vga_text.c devmodel/hw/vga_mode.c
VNC_LIBS := -lvncserver -lpng -lpthread
