/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One script for two machines: ours and QEMU's, each behind the qtest protocol. What they answer is compared; a difference is looked up in the table "differences". A chip is a row
 * in compare.c and a file with its script.
 */
#ifndef QTEST_COMPARE_H
#define QTEST_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OURS, THEIRS, PEERS };

/* ---- peer.c ---- */

/* Starts the machines; arguments of each end with NULL. */
void peers_start(const char *const ours[], const char *const theirs[]);
void peers_stop(void);
/* A command without its line end; what comes after "OK", good until the next one of the same peer. Exits when a peer fails. */
const char *peer_ask(unsigned peer, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool peer_wire(unsigned peer, unsigned irq);
uint32_t peer_in(unsigned peer, uint16_t port, unsigned size);

/* ---- compare.c ---- */

extern unsigned long operations; /* that both have carried out */
/* What is going on, for the keys of differences and for messages. */
void situation(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* To both. */
void both_out(uint16_t port, unsigned size, uint32_t value);
void both_write(uint32_t gpa, const void *bytes, unsigned n);
void both_fill(uint32_t gpa, uint8_t value, unsigned n);
/* From both, compared. false: they differ (and that is in the table; otherwise it counts as a failure). key is what stands after the situation and a colon in the table. value: ours. */
bool both_in(const char *key, uint16_t port, unsigned size, uint32_t mask, uint32_t *value);
bool both_read(const char *key, uint32_t gpa, unsigned n);
bool both_wire(const char *key, unsigned irq);
void both_store(uint32_t gpa, unsigned size, uint64_t value);
bool both_load(const char *key, uint32_t gpa, unsigned size, uint32_t mask, uint32_t *value);
/* Ours takes time for what QEMU's does at once: so many ns go by. QEMU's clock stands, as its CPU is stopped. */
void ours_wait(uint64_t ns);
/* Line n of QEMU's object of that path, and of our board. */
extern char pic_paths[2][64]; /* of the master and the slave */
void both_line(const char *path, unsigned n, unsigned ours, bool level);
/* Interrupts of our lines below n are those of QEMU's. */
void both_wires(unsigned n);
void both_config_write(unsigned devfn, unsigned offset, unsigned size, uint32_t value);
bool both_config(const char *key, unsigned devfn, unsigned offset, unsigned size);
bool same(const char *key, uint32_t ours, uint32_t theirs);
uint32_t random_below(uint32_t n);

/* ---- registers that a random sequence reads and writes ---- */

struct reg {
	const char *name;
	uint32_t at; /* port, or guest address when REG_MEMORY */
	uint8_t size, how;
	uint32_t mask, set; /* what is written: random & mask | set; mask 0: any */
};
#define REG_R      1
#define REG_W      2
#define REG_RW     3
#define REG_MEMORY 4

/* One of them is read or written. */
void regs_random(const struct reg *regs, unsigned n);
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- a chip's script ---- */

struct chip {
	const char *name;
	void (*start)(void); /* programs the board; once */
	void (*directed)(void);
	void (*random)(void); /* one sequence, from a state that it makes itself */
	bool is_vdev;         /* the hypervisor's, else the device model's */
	const char *more[12]; /* QEMU's arguments for it */
};
extern const struct chip chip_ata, chip_atapi;
extern const struct chip chip_config_host, chip_config_ide, chip_config_isa, chip_config_usb,
	chip_config_pm, chip_config_vga, chip_config_net;
extern const struct chip chip_pic, chip_pit, chip_rtc, chip_ioapic, chip_hpet;
extern const struct chip chip_dma, chip_uart, chip_i8042, chip_debugcon, chip_pm, chip_vga,
	chip_vga_direct, chip_vbe, chip_e1000, chip_uhci, chip_fw_cfg;

#endif
