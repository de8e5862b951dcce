/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Console output to the serial port and the screen. The caller's lock (the log's) keeps lines whole. */
#include "console_out.h"

#include "log.h"
#include "machine.h"
#include "options.h"
#include "uart.h"
#include "vga.h"

void machine_console_put(const char *s, size_t n)
{
	uart_put(s, n);
	vga_put(s, n);
}

void console_out_init(bool text_mode)
{
	bool uart = false;
	uint64_t index = 0;
	char early[256];
	size_t n;

	log_set_options(options.loglvl, options.guest_loglvl);
	if (options.console_com1)
		uart = uart_init((uint16_t)options.com1_port, options.com1_baud);
	if (options.console_vga && text_mode)
		(void)vga_init();
	/* what was said before there was a console */
	while ((n = log_read(&index, early, sizeof(early), false)) > 0)
		machine_console_put(early, n);
	if (options.console_com1 && !uart)
		log_warning("com1: no serial port answers at %#x",
		            options.com1_port ? options.com1_port : 0x3f8);
}

void console_out_give_screen(void)
{
	if (!vga_present() || options.vga_keep)
		return;
	log_info(
		"console: the screen is the first domain's from here on (vga=keep: both write to it)%s",
		options.console_com1 ? "" : "; `xl dmesg` has what the hypervisor says");
	vga_release();
}
