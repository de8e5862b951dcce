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
/* From both, compared. false: they differ (and that is in the table; otherwise it counts as a failure). key is what stands after the situation and a colon in the table. value: ours. */
bool both_in(const char *key, uint16_t port, unsigned size, uint32_t mask, uint32_t *value);
bool both_read(const char *key, uint32_t gpa, unsigned n);
bool both_wire(const char *key, unsigned irq);
bool same(const char *key, uint32_t ours, uint32_t theirs);
uint32_t random_below(uint32_t n);

/* ---- a chip's script ---- */

struct chip {
	const char *name;
	void (*start)(void); /* programs the board; once */
	void (*directed)(void);
	void (*random)(void); /* one sequence, from a state that it makes itself */
};
extern const struct chip chip_ata, chip_atapi, chip_ide_pci;

#endif
