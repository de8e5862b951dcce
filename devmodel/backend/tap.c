/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tap: making it, naming it, putting it on a bridge. */
#include "nic.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define USUAL_BRIDGE "xenbr0"

bool bridge_exists(const char *name)
{
	char path[64];
	struct stat s;

	snprintf(path, sizeof(path), "/sys/class/net/%.15s/bridge", name);
	return stat(path, &s) == 0;
}

int tap_open(char name[NIC_NAME], struct failure *f)
{
	struct ifreq r = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	memcpy(r.ifr_name, name, NIC_NAME);
	if (fd >= 0 && ioctl(fd, TUNSETIFF, &r) == 0) {
		memcpy(name, r.ifr_name, NIC_NAME);
		/* The kernel cuts no streams and sums nothing up for us: we do that once (segment.c). One that cannot leave it to us does it itself. */
		(void)ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6);
		return fd;
	}
	if (errno == EBUSY || errno == EEXIST)
		fail(f,
		     "network interface %s is there already: end the guest that has it, or choose another "
		     "vifname",
		     name);
	else
		fail(f,
		     "network: a tap cannot be made: %s. It takes root, /dev/net/tun and the kernel's "
		     "module tun (modprobe tun)",
		     strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool ask(int s, unsigned long what, struct ifreq *r)
{
	return ioctl(s, what, r) == 0;
}

/* Bridges take the lowest address of their ports for their own: this one never is. */
static bool address_set(int s, const char *name)
{
	static const uint8_t high[6] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct ifreq r = { .ifr_hwaddr.sa_family = ARPHRD_ETHER };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	memcpy(r.ifr_hwaddr.sa_data, high, sizeof(high));
	return ask(s, SIOCSIFHWADDR, &r);
}

static bool mtu_set(int s, const char *name, unsigned mtu)
{
	struct ifreq r = { .ifr_mtu = (int)mtu };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	return ask(s, SIOCSIFMTU, &r);
}

/* As large as the bridge's: otherwise the bridge shrinks to ours. */
static unsigned mtu_of(int s, const char *bridge)
{
	struct ifreq r = { 0 };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%.15s", bridge);
	return ask(s, SIOCGIFMTU, &r) ? (unsigned)r.ifr_mtu : 0;
}

static bool up_set(int s, const char *name)
{
	struct ifreq r = { 0 };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (!ask(s, SIOCGIFFLAGS, &r))
		return false;
	r.ifr_flags |= IFF_UP;
	return ask(s, SIOCSIFFLAGS, &r);
}

static bool bridge_join(int s, const char *name, const char *bridge)
{
	struct ifreq r = { .ifr_ifindex = (int)if_nametoindex(name) };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%.15s", bridge);
	return ask(s, SIOCBRADDIF, &r);
}

/* The control domain has no address there. */
static void ipv6_switch_off(const char *name)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)!write(fd, "1", 1);
	close(fd);
}

static bool plug(int s, const char *name, const struct nic_wish *w, struct failure *f)
{
	const char *bridge = w->bridge ? w->bridge : USUAL_BRIDGE;
	unsigned mtu = w->mtu ? w->mtu : mtu_of(s, bridge);

	ipv6_switch_off(name);
	if (!address_set(s, name))
		return fail(f, "network interface %s: its address cannot be set: %s", name,
		            strerror(errno));
	if (mtu && !mtu_set(s, name, mtu))
		return fail(
			f,
			"network interface %s: its MTU cannot be %u: %s. Choose one from 68 to 65521",
			name, mtu, strerror(errno));
	if (!w->script && !bridge_exists(bridge))
		return fail(
			f,
			"network interface %u: there is no bridge %s: make it (ip link add %s type bridge), "
			"name another with bridge=, or leave bridge= out for a network without one",
			w->n, bridge, bridge);
	if (!w->script && !bridge_join(s, name, bridge))
		return fail(f, "network interface %s cannot be put on bridge %s: %s", name, bridge,
		            strerror(errno));
	return up_set(s, name) ||
	       fail(f, "network interface %s cannot be switched on: %s", name, strerror(errno));
}

/* ---- scripts: those of Xen's users, called as for an emulated interface ---- */

static void script_environment(const char *name, const struct nic_wish *w)
{
	setenv("script", w->script, 1);
	setenv("INTERFACE", name, 1);
	setenv("vif", name, 1);
	setenv("bridge", w->bridge ? w->bridge : USUAL_BRIDGE, 1);
	if (w->mac)
		setenv("MAC", w->mac, 1);
	if (w->xenstore)
		setenv("XENBUS_PATH", w->xenstore, 1);
	if (!getenv("PATH"))
		setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
}

static bool script_run(const char *name, const struct nic_wish *w, struct failure *f)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		script_environment(name, w);
		execl(w->script, w->script, "add", "type_if=tap", (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return fail(f, "network script %s cannot be started: %s", w->script,
		            strerror(errno));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return fail(
			f,
			"network script %s cannot be started: correct its path or its rights, or leave script= "
			"out: the bridge is joined without one",
			w->script);
	return fail(
		f,
		"network script %s (add) did not succeed for %s: run it by hand to see why, or leave script= "
		"out: the bridge is joined without one",
		w->script, name);
}

bool tap_plug(const char *name, const struct nic_wish *w, struct failure *f)
{
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is_good;

	if (s < 0)
		return fail(f, "network interface %s: %s", name, strerror(errno));
	is_good = plug(s, name, w, f) && (!w->script || script_run(name, w, f));
	close(s);
	return is_good;
}

/* ---- which ---- */

static void name_choose(char name[NIC_NAME], const struct nic_wish *w)
{
	if (w->ifname)
		snprintf(name, NIC_NAME, "%s", w->ifname);
	else if (w->domid)
		snprintf(name, NIC_NAME, "vif%u.%u-emu", w->domid & 0x7fff, w->n & 7);
	else
		snprintf(name, NIC_NAME, "zazen%%d");
}

bool nic_open(struct nic *c, const struct nic_wish *w, struct failure *f)
{
	memset(c, 0, sizeof(*c));
	c->n = w->n;
	c->is_there = true;
	c->rate = w->rate;
	c->is_user = w->is_user || (!w->bridge && !w->script && !bridge_exists(USUAL_BRIDGE));
	if (c->is_user) {
		c->frames.fd = user_net_start(w->n, USER_NET_UID + w->n, f);
		return c->frames.fd >= 0;
	}
	if (w->ifname && (strlen(w->ifname) >= NIC_NAME || strpbrk(w->ifname, "/% ")))
		return fail(
			f,
			"network interface %u: \"%s\" is no name for one: 15 characters at most, without "
			"/, %% and blanks",
			w->n, w->ifname);
	name_choose(c->ifname, w);
	c->frames.fd = tap_open(c->ifname, f);
	c->is_tap = true;
	return c->frames.fd >= 0 && tap_plug(c->ifname, w, f);
}
