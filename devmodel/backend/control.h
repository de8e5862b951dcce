/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest's keeper and its backend process say to each other: lines of text over a pair of sockets (AF_UNIX, SOCK_SEQPACKET: a packet is a line, without a newline). File descriptors go along
 * with the line that they belong to (SCM_RIGHTS). The keeper forks, keeps one end and executes
 *
 *     zazen-backend --control=FD
 *
 * as root, with no other descriptor open than 0, 1, 2 and FD. A line is a word and arguments NAME=VALUE, divided by single blanks; a value has %XX for bytes that are not printable, for blanks and '%'.
 * Who does not know an argument's name passes over it; an unknown first word is an error.
 *
 * 1. The keeper describes the guest, a line for each thing, in any order (what is in brackets may be left out):
 *
 *    guest name=win [log=/var/log/xen/win.log] [model=0] log: everything that the guest says, time-stamped: what `xl log` shows. model=0: a PVH guest, which has no device model: no drive, nic, serial, vnc
 *    drive vdev=hda kind=disk|cdrom access=r|w [path=/x] [format=raw|qcow|qcow2|vhd|vmdk|qed|nbd] [force=1] [discard=0]
 *                                                        hda to hdd. No path: an empty CD drive. force: what w! means, others may use it too. format=nbd: path is an NBD URI.
 *                                                        No format: raw, and an image that looks like another is refused
 *    nic n=0 mac=00:16:3e:01:02:03 [bridge=xenbr0] [ifname=vif1.0-emu] [script=/etc/..] [domid=5] [mtu=1500] [rate=BYTES] [net=user]
 *                                                        n: 0 to 3. rate: bytes a second. Neither bridge, script nor net=user: xenbr0 if there is one, else user mode
 *    serial n=0 to=pty|none|null|file:PATH|unix:PATH[,server]|tcp:HOST:PORT[,server]
 *                                                        with to=pty a pseudo-terminal's master side may come as descriptor: it outlives this process, and so does who has opened its other side
 *    console to=pty|none|..                              the first PV console, hvc0; to: as of a serial line, and so is a descriptor that comes along
 *    vnc [local=1] [listen=127.0.0.1] [display=0] [unused=1] [password=..] [keymap=de] [websocket=PORT]
 *                                                        no such line: no screen. local=1: a screen without a port, for view
 *    user uid=N                                          what it becomes, with the group of the same number. Otherwise BACKEND_UID + domid
 *    pv-drive number=51712 same=hda                      a paravirtual drive with the emulated drive's disk. number: as guests know it (public io/blkif.h)
 *    pv-drive number=51712 kind=.. access=.. path=.. [format=..] [force=1] [discard=0]       one with a disk of its own
 *    pv-nic n=0 [..]                                     a paravirtual interface: with the wire of the emulated one, or as "nic" says where there is none
 *    open                                                that was all
 *
 * 2. The backend opens all that and answers with
 *
 *    drive vdev=hda sectors=N read-only=0|1              for each drive; sectors of 512 bytes, 0: no medium
 *    pv-drive number=N sectors=N read-only=0|1 discard=0|1 segments=N ring-order=N
 *                                                        segments: of an indirect request; a ring has at most 1 << ring-order pages
 *    nic n=0 tap=NAME                                    or net=user
 *    serial n=0 [path=/dev/pts/3]                        a pty's name
 *    console [path=/dev/pts/4]                           a pty's name. None without /dev/xen/gntdev, when there is a device model
 *    vnc address=127.0.0.1 port=5900 [websocket=5700]
 *    ready
 *
 *    or with one line, after which it ends with status 1:
 *
 *    error text=..                                       names object, cause and remedy
 *
 * 3. The keeper makes the device model (drive sizes are part of its board) and says
 *
 *    attach domid=5 [port=7] [console=2]                 port: of struct devmodel_domctl_create; none with model=0. console: the guest's port for its console
 *
 *    The backend maps the link and VRAM, binds the event channel (where there is a device model), maps the rings of paravirtual devices that are there from the start, gives up every privilege, waits for the device
 *    model's answer and says "attached", or "error".
 *
 * 4. Then, in any order. Each request gets one answer: "done" (with what is said below) or "failed text=..". Requests are answered in their order.
 *
 *    cd-insert vdev=hdc [read-only=1] [name=x.iso]       + the medium's descriptor, a raw file or block device, opened by the keeper
 *    cd-eject vdev=hdc [force=1]                         a guest that has locked the drive is asked (done asked=1), unless force
 *    disk-resize vdev=hda                                the file has grown: done sectors=N
 *    screen format=png|text                              + a descriptor to write it to
 *    view                                                + a connection, whose other end is a viewer that needs no password
 *    pv-connect drive=51712 ring-ref=8[,9..] event-channel=5 [protocol=x86_32-abi]
 *                                                        the frontend is there, with what it says in the store
 *    pv-connect nic=0 tx-ring-ref=8 rx-ring-ref=9 event-channel=5 rx-copy=1 [sg=1]   or event-channel-tx=5 event-channel-rx=6
 *    pv-disconnect drive=51712                           it goes. pv-closed comes when what is on its way is done
 *    state                                               done attached=1 paused=0 reads=.. writes=.. [text=..]
 *    quit                                                writes out what there is, says done and ends with status 0
 *
 *    From the backend, at any time:
 *
 *    pause text=..                                       a disk is full: the guest is to stand still. The backend goes on trying
 *    resume                                              there is room again
 *    ejected vdev=hdc                                    the guest has put the medium out: a successor is to be told of none
 *    pv-closed drive=51712|nic=0                            nothing of the frontend's is held any more
 *    log text=..                                         for the operator
 *
 * It may be killed at any moment. The keeper then starts another with the same lines (it is patient with locks that the dead one's last writes still hold) and the same "attach": requests in the
 * link that were not answered are carried out again. When the keeper's end is closed, the backend writes out what there is and ends.
 */
#ifndef BACKEND_CONTROL_H
#define BACKEND_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BACKEND_UID    0x5a000000u /* + domid */
#define CONTROL_LENGTH 4096        /* bytes of a line at most, the zero at its end included */
#define CONTROL_ARGS   24

/* A line taken apart: names and values point into text. */
struct control_line {
	char text[CONTROL_LENGTH];
	const char *word;
	struct {
		const char *name, *value;
	} args[CONTROL_ARGS];
	unsigned nr_args;
};

/* Takes line->text apart, in place. False: it is no such line. */
bool control_parse(struct control_line *line);
/* The value; NULL: it was not said. */
const char *control_value(const struct control_line *line, const char *name);
/* A number of the whole value; otherwise when it was not said, is no decimal number, or above max. */
uint64_t control_number(const struct control_line *line, const char *name, uint64_t max,
                        uint64_t otherwise);

/* A line being made: control_begin(&l, "drive"); control_put(&l, "vdev", "hda"); ... What does not fit makes is_too_long true, and control_send() fails. */
struct control_text {
	char text[CONTROL_LENGTH];
	size_t length;
	bool is_too_long;
};
void control_begin(struct control_text *t, const char *word);
void control_put(struct control_text *t, const char *name, const char *value);
void control_put_number(struct control_text *t, const char *name, uint64_t value);

/* With a descriptor that goes along, or -1. 0, or a negative errno (-EMSGSIZE, -EPIPE). */
int control_send(int fd, const struct control_text *t, int descriptor);
/* The same for n bytes that are no line, over whatever socket. */
int control_send_bytes(int fd, const void *bytes, size_t n, int descriptor);
/*
 * The next line, not taken apart, with the descriptor that came along or -1 (the caller's to close; descriptor NULL: it is closed). Its length; 0: the other end is closed; a negative errno: -EAGAIN on a
 * socket that does not wait, -EMSGSIZE: a line that is too long (and lost).
 */
int control_receive(int fd, struct control_line *line, int *descriptor);

#endif
