/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums over packets, many bytes a step: they are most of what a frame costs. */
#include "net_checksum.h"

#include "string.h"

typedef uint64_t __attribute__((aligned(1), may_alias)) word_t;

/* a + b, and the carry out of the highest bit added to the lowest. */
static inline uint64_t add_round(uint64_t a, uint64_t b)
{
	uint64_t sum = a + b;

	return sum + (sum < a);
}

static inline uint64_t sum_32(uint64_t sum, const word_t *p)
{
	__asm__("addq %1, %0; adcq %2, %0; adcq %3, %0; adcq %4, %0; adcq $0, %0"
	        : "+r"(sum)
	        : "m"(p[0]), "m"(p[1]), "m"(p[2]), "m"(p[3])
	        : "cc");
	return sum;
}

uint16_t net_sum(const uint8_t *bytes, size_t n, uint32_t sum)
{
	uint64_t words = 0,
		 rest = 0; /* little-endian: the sum is the same with its bytes swapped */

	for (; n >= 32; n -= 32, bytes += 32)
		words = sum_32(words, (const word_t *)bytes);
	for (; n >= 8; n -= 8, bytes += 8)
		words = add_round(words, *(const word_t *)bytes);
	memcpy(&rest, bytes, n);
	words = add_round(words, rest);
	while (words >> 16)
		words = (words & 0xffff) + (words >> 16);
	sum += (uint32_t)((words & 0xff) << 8 | words >> 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* By polynomial 0xedb88320 (bits mirrored): what a half byte at bit 0, 4, ... 28 does to the register 32 bits later. */
static const uint32_t crc_nibbles[8][16] = {
	{
		0x00000000,
		0xb8bc6765,
		0xaa09c88b,
		0x12b5afee,
		0x8f629757,
		0x37def032,
		0x256b5fdc,
		0x9dd738b9,
		0xc5b428ef,
		0x7d084f8a,
		0x6fbde064,
		0xd7018701,
		0x4ad6bfb8,
		0xf26ad8dd,
		0xe0df7733,
		0x58631056,
	},
	{
		0x00000000,
		0x5019579f,
		0xa032af3e,
		0xf02bf8a1,
		0x9b14583d,
		0xcb0d0fa2,
		0x3b26f703,
		0x6b3fa09c,
		0xed59b63b,
		0xbd40e1a4,
		0x4d6b1905,
		0x1d724e9a,
		0x764dee06,
		0x2654b999,
		0xd67f4138,
		0x866616a7,
	},
	{
		0x00000000,
		0x01c26a37,
		0x0384d46e,
		0x0246be59,
		0x0709a8dc,
		0x06cbc2eb,
		0x048d7cb2,
		0x054f1685,
		0x0e1351b8,
		0x0fd13b8f,
		0x0d9785d6,
		0x0c55efe1,
		0x091af964,
		0x08d89353,
		0x0a9e2d0a,
		0x0b5c473d,
	},
	{
		0x00000000,
		0x1c26a370,
		0x384d46e0,
		0x246be590,
		0x709a8dc0,
		0x6cbc2eb0,
		0x48d7cb20,
		0x54f16850,
		0xe1351b80,
		0xfd13b8f0,
		0xd9785d60,
		0xc55efe10,
		0x91af9640,
		0x8d893530,
		0xa9e2d0a0,
		0xb5c473d0,
	},
	{
		0x00000000,
		0x191b3141,
		0x32366282,
		0x2b2d53c3,
		0x646cc504,
		0x7d77f445,
		0x565aa786,
		0x4f4196c7,
		0xc8d98a08,
		0xd1c2bb49,
		0xfaefe88a,
		0xe3f4d9cb,
		0xacb54f0c,
		0xb5ae7e4d,
		0x9e832d8e,
		0x87981ccf,
	},
	{
		0x00000000,
		0x4ac21251,
		0x958424a2,
		0xdf4636f3,
		0xf0794f05,
		0xbabb5d54,
		0x65fd6ba7,
		0x2f3f79f6,
		0x3b83984b,
		0x71418a1a,
		0xae07bce9,
		0xe4c5aeb8,
		0xcbfad74e,
		0x8138c51f,
		0x5e7ef3ec,
		0x14bce1bd,
	},
	{
		0x00000000,
		0x77073096,
		0xee0e612c,
		0x990951ba,
		0x076dc419,
		0x706af48f,
		0xe963a535,
		0x9e6495a3,
		0x0edb8832,
		0x79dcb8a4,
		0xe0d5e91e,
		0x97d2d988,
		0x09b64c2b,
		0x7eb17cbd,
		0xe7b82d07,
		0x90bf1d91,
	},
	{
		0x00000000,
		0x1db71064,
		0x3b6e20c8,
		0x26d930ac,
		0x76dc4190,
		0x6b6b51f4,
		0x4db26158,
		0x5005713c,
		0xedb88320,
		0xf00f9344,
		0xd6d6a3e8,
		0xcb61b38c,
		0x9b64c2b0,
		0x86d3d2d4,
		0xa00ae278,
		0xbdbdf21c,
	},
};

/* The same for whole bytes: of the byte that is i bytes before the end of what is taken in at once. Made of the table above when it is first needed. */
#define CRC_STEP 16
static uint32_t crc_bytes[CRC_STEP][256];

static void crc_bytes_make(void)
{
	for (unsigned byte = 0; byte < 256; byte++)
		crc_bytes[0][byte] = crc_nibbles[6][byte & 0xf] ^ crc_nibbles[7][byte >> 4];
	for (unsigned i = 1; i < CRC_STEP; i++)
		for (unsigned byte = 0; byte < 256; byte++) {
			uint32_t before = crc_bytes[i - 1][byte];

			crc_bytes[i][byte] = before >> 8 ^ crc_bytes[0][before & 0xff];
		}
}

#define FROM(i) crc_bytes[CRC_STEP - 1 - (i)][bytes[i]]

/* The register is only in the first four bytes: the others go into the tables as they are. */
static inline uint32_t crc_step(uint32_t crc, const uint8_t *bytes)
{
	uint32_t four;

	memcpy(&four, bytes, 4);
	crc ^= four;
	return crc_bytes[15][crc & 0xff] ^ crc_bytes[14][crc >> 8 & 0xff] ^
	       crc_bytes[13][crc >> 16 & 0xff] ^ crc_bytes[12][crc >> 24] ^ FROM(4) ^ FROM(5) ^
	       FROM(6) ^ FROM(7) ^ FROM(8) ^ FROM(9) ^ FROM(10) ^ FROM(11) ^ FROM(12) ^ FROM(13) ^
	       FROM(14) ^ FROM(15);
}

uint32_t ethernet_crc(const uint8_t *bytes, size_t n)
{
	uint32_t crc = ~0u;

	if (!crc_bytes[0][1])
		crc_bytes_make();
	for (; n >= CRC_STEP; n -= CRC_STEP, bytes += CRC_STEP)
		crc = crc_step(crc, bytes);
	for (; n; n--, bytes++)
		crc = crc >> 8 ^ crc_bytes[0][(crc ^ *bytes) & 0xff];
	return ~crc;
}
