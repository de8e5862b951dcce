/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The descriptions of tests/config on a machine that is always the same: each says what its .expected file has, word for word. Those called good- or founding- have no
 * error; every other has exactly one. CONFIG_EXPECTED=write in the environment writes the .expected files anew, for a look at the difference.
 */
#include "unit.h"

#include "guest_config.h"
#include "machine_fake.h"

#include <glob.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static struct guest_config g;
static struct messages m;

static bool take(const char *path, char **overrides, size_t nr)
{
	memset(&m, 0, sizeof(m));
	return guest_config_read(&g, path, overrides, nr, &m) &&
	       guest_config_check(&g, &machine_fake, &m);
}

static char *said(void)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	messages_print(&m, f, true);
	fclose(f);
	return text;
}

static bool is_good(const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	return strncmp(name, "good-", 5) == 0 || strncmp(name, "founding-", 9) == 0;
}

static bool as_expected(const char *cfg, const char *text)
{
	char path[256], expected[4096] = "";
	const char *mode = getenv("CONFIG_EXPECTED") ? "w" : "r";
	FILE *f;

	snprintf(path, sizeof(path), "%.*s.expected", (int)(strlen(cfg) - 4), cfg);
	f = fopen(path, mode);
	if (!f)
		return false;
	if (*mode == 'w')
		fputs(text, f);
	else
		expected[fread(expected, 1, sizeof(expected) - 1, f)] = 0;
	fclose(f);
	return *mode == 'w' || strcmp(text, expected) == 0;
}

static void each_says_what_it_shall(void)
{
	glob_t all;
	unsigned broken = 0;

	CHECK_EQ(glob("tests/config/*.cfg", 0, NULL, &all), 0);
	for (size_t i = 0; i < all.gl_pathc; i++) {
		bool done = take(all.gl_pathv[i], NULL, 0), good = is_good(all.gl_pathv[i]);
		char *text = said();
		bool same = as_expected(all.gl_pathv[i], text);

		if (done != good || m.nr_errors != !good || !same)
			printf("%s: %zu errors:\n%s", all.gl_pathv[i], m.nr_errors, text);
		free(text);
		CHECK_EQ(done, good);
		CHECK_EQ(m.nr_errors, good ? 0 : 1);
		CHECK(same);
		broken += !good;
	}
	globfree(&all);
	CHECK(broken >= 40);
}

static void spellings_mean_what_they_say(void)
{
	CHECK(take("tests/config/good-spellings.cfg", NULL, 0));
	CHECK_EQ(g.memory_kib, 512 * 1024);
	CHECK_EQ(g.vcpus, 2);
	CHECK_EQ(g.nr_disks, 5);
	CHECK_EQ(g.disks[0].number, 202 << 8);
	CHECK_EQ(g.disks[0].ide, 0);
	CHECK_EQ(g.disks[1].format, DISK_QCOW2);
	CHECK(g.disks[1].is_read_only);
	CHECK_EQ(g.disks[1].line, 6);
	CHECK_EQ(g.disks[2].ide, -1);
	CHECK_EQ(g.disks[3].format, DISK_EMPTY);
	CHECK_EQ(g.disks[3].number, 22 << 8);
	CHECK(strcmp(g.disks[4].target, "/dev/sda1") == 0);
	CHECK_EQ(g.nr_nics, 2);
	CHECK_EQ(g.nics[0].mac[5], 0x56);
	CHECK_EQ(g.nr_serials, 2);
	CHECK(strcmp(g.boot, "dc") == 0);
	CHECK(strcmp(g.vnc_listen, "0.0.0.0") == 0);
	CHECK_EQ(g.vnc_display, 3);
	CHECK_EQ(g.affinity[0], 1);
	CHECK_EQ(g.highest_cpu, 1);
	CHECK_EQ(guest_config_line(&g, "serial"), 14);
	CHECK_EQ(guest_config_line(&g, "keymap"), 0);
}

/* Both forms, and what comes of writing one and reading it back. */
static void cpuid_in_both_forms(void)
{
	const struct cpuid_change *r = g.cpuid.rows;
	char text[CPUID_TEXT];

	CHECK(take("tests/config/good-cpuid.cfg", NULL, 0));
	CHECK_EQ(g.cpuid.nr, 3);
	CHECK_EQ(r[0].leaf, 1);
	CHECK_EQ(r[0].subleaf, CPUID_NO_SUBLEAF);
	CHECK_EQ(r[0].clear[2], 1u << 28);
	CHECK_EQ(r[0].set[2], 1u << 20);
	CHECK_EQ(r[1].leaf, 7);
	CHECK_EQ(r[1].subleaf, 0);
	CHECK_EQ(r[1].set[1] | r[1].clear[1], 0);
	CHECK_EQ(r[2].leaf, 0x80000001);
	CHECK_EQ(r[2].clear[3], 1u << 26);
	CHECK(take("tests/config/good-cpuid-leaves.cfg", NULL, 0));
	CHECK_EQ(g.cpuid.nr, 3);
	CHECK_EQ(r[0].clear[2], 1u << 28);
	CHECK_EQ(r[0].set[3], 1);
	CHECK_EQ(r[1].clear[1], 1u << 5);
	cpuid_print(text, &r[1]);
	CHECK_EQ(strcmp(text, "0x7,0:ebx=xxxxxxxxxxxxxxxxxxxxxxxxxx0xxxxx"), 0);
}

static void founding_guest(void)
{
	CHECK(take("tests/config/founding-guest1-hvm.cfg", NULL, 0));
	CHECK_EQ(g.type, GUEST_HVM);
	CHECK_EQ(g.memory_kib, 500 * 1024);
	CHECK(strcmp(g.disks[0].target, "/guests/guest1") == 0);
	CHECK_EQ(g.disks[0].ide, 0);
	CHECK(g.nics[0].is_emulated);
	CHECK_EQ(g.uuid[0], 0x58);
	CHECK_EQ(g.on_crash, ACTION_RESTART);
	CHECK_EQ(g.kernel[0], 0);
}

static void words_of_the_command_line_win(void)
{
	char memory[] = "memory=600", name[] = "name=other", vif[] = "vif=[]",
	     lots[] = "memory=lots";
	char *words[] = { memory, name, vif };

	CHECK(take("tests/config/founding-guest1-hvm.cfg", words, 3));
	CHECK_EQ(g.memory_kib, 600 * 1024);
	CHECK(strcmp(g.name, "other") == 0);
	CHECK_EQ(g.nr_nics, 0);
	CHECK(guest_config_is_word(&g, "memory") && !guest_config_is_word(&g, "boot"));
	CHECK_EQ(guest_config_line(&g, "memory"), 0);
	CHECK_EQ(guest_config_line(&g, "serial"), 11);
	words[0] = lots;
	CHECK(!take("tests/config/founding-guest1-hvm.cfg", words, 1));
	lots[6] = 0;
	CHECK(!take("tests/config/founding-guest1-hvm.cfg", words, 1));
}

static void addresses_stay(void)
{
	uint8_t first[6];

	CHECK(take("tests/config/good-spellings.cfg", NULL, 0));
	memcpy(first, g.nics[1].mac, 6);
	CHECK_EQ(first[0] << 16 | first[1] << 8 | first[2], 0x00163e);
	CHECK(take("tests/config/good-spellings.cfg", NULL, 0));
	CHECK(memcmp(first, g.nics[1].mac, 6) == 0);
}

static void no_text_file(void)
{
	char path[] = "/tmp/zazen-config-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	fwrite("name\0=", 1, 6, f);
	fclose(f);
	CHECK(!take(path, NULL, 0));
	remove(path);
	CHECK_EQ(m.nr_errors, 1);
	CHECK(strstr(m.rows[0].text, "no text file") != NULL);
	CHECK(!take("/nowhere/win.cfg", NULL, 0));
	CHECK(strstr(m.rows[0].text, "/nowhere/win.cfg: No such file") != NULL);
	CHECK(!take("tests/config", NULL, 0));
	CHECK_EQ(m.nr_errors, 1);
}

static void explained(void)
{
	static const char *const lines[] = {
		"win: a guest of type hvm, uuid ",
		"  memory: 512 MiB for the guest + 22 MiB of tables and screen, about 534 MiB\n",
		"  disk xvda (line 5): /images/win.img, raw; IDE primary master\n",
		"  CD hdc (line 8): empty; IDE secondary master\n",
		"  network 0 (line 11): 00:16:3e:12:34:56, bridge xenbr0; an e1000\n",
		"  serial port 0 (line 14): pty\n",
		"  screen: VNC on 0.0.0.0, port 5903 or the first free one after it\n",
		"  vcpus = 2 (line 4)\n",
		"  on_poweroff = \"destroy\" (default, or from another key)\n",
	};
	char *text = NULL;
	size_t n;
	FILE *f;

	CHECK(take("tests/config/good-spellings.cfg", NULL, 0));
	f = open_memstream(&text, &n);
	guest_config_explain(&g, f);
	fclose(f);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		bool found = strstr(text, lines[i]) != NULL;

		if (!found)
			printf("%s\nlacks: %s", text, lines[i]);
		CHECK(found);
	}
	free(text);
}

static char *written(void)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	guest_config_write(&g, f);
	fclose(f);
	return text;
}

/* Lines and what was said of where things come from differ; the plan does not. */
static void plan_only(struct guest_config *p)
{
	memset(p->key_lines, 0, sizeof(p->key_lines));
	memset(p->file, 0, sizeof(p->file));
	memset(p->cpus, 0, sizeof(p->cpus));
	p->has_uuid = true;
	p->highest_cpu = 0;
	for (size_t i = 0; i < p->nr_disks; i++)
		p->disks[i].line = 0;
	for (size_t i = 0; i < p->nr_nics; i++) {
		p->nics[i].line = 0;
		p->nics[i].has_mac = true;
	}
	for (size_t i = 0; i < p->nr_serials; i++)
		p->serials[i].line = 0;
}

static void written_and_read_back_is_the_same(void)
{
	static struct guest_config first;
	char path[] = "/tmp/zazen-config-XXXXXX";
	glob_t all;
	FILE *f = fdopen(mkstemp(path), "w");
	unsigned n = 0;

	CHECK(f != NULL);
	fclose(f);
	CHECK_EQ(glob("tests/config/[fg]o*.cfg", 0, NULL, &all), 0);
	for (size_t i = 0; i < all.gl_pathc; i++, n++) {
		char *text, *again;

		CHECK(take(all.gl_pathv[i], NULL, 0));
		first = g;
		text = written();
		f = fopen(path, "w");
		fputs(text, f);
		fclose(f);
		if (!take(path, NULL, 0))
			printf("%s", said());
		CHECK_EQ(m.nr_errors, 0);
		again = written();
		if (strcmp(text, again) != 0)
			printf("%s\nis not\n%s", text, again);
		CHECK(strcmp(text, again) == 0);
		plan_only(&first);
		plan_only(&g);
		CHECK(memcmp(&first, &g, offsetof(struct guest_config, disks)) == 0);
		CHECK(memcmp(first.nics, g.nics, sizeof(g.nics)) == 0);
		CHECK_EQ(first.nr_disks, g.nr_disks);
		CHECK_EQ(first.nr_serials, g.nr_serials);
		for (size_t j = 0; j < g.nr_disks; j++)
			CHECK(memcmp(&first.disks[j], &g.disks[j], sizeof(g.disks[j])) == 0);
		free(text);
		free(again);
	}
	globfree(&all);
	remove(path);
	CHECK(n >= 6);
}

UNIT_MAIN(UNIT(each_says_what_it_shall), UNIT(spellings_mean_what_they_say),
          UNIT(cpuid_in_both_forms), UNIT(founding_guest), UNIT(words_of_the_command_line_win),
          UNIT(addresses_stay), UNIT(no_text_file), UNIT(explained),
          UNIT(written_and_read_back_is_the_same))
