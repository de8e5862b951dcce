/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DSDT: the devices of the board. acpi_dsdt.c writes what depends on the guest over the values of these names, whose size stays:
 *   ZMIN, ZMAX   first and last address of PCI memory below 4 GiB
 *   ZHMI, ZHLE   start and length of PCI memory above 4 GiB; length 0: none
 *   ZHPT         there is a HPET
 *   ZCM1, ZCM2   there is a serial port
 * (Not External and in another table: old interpreters do not know the operator.) The preprocessor of the C compiler reads this first.
 */
DefinitionBlock ("dsdt.aml", "DSDT", 2, "ZAZEN ", "ZAZENHVM", 1)
{
	Name (ZMIN, 0xf0000000)
	Name (ZMAX, 0xfbffffff)
	Name (ZHPT, 0x0f)
	Name (ZCM1, 0x0f)
	Name (ZCM2, 0x0f)

	/* SLP_TYP of soft off in the PIIX4 */
	Name (\_S5, Package (4) { 0, 0, 0, 0 })

	/* The interrupt model that the system says it uses: 0 PIC, 1 APIC */
	Name (PICM, 0)
	Method (_PIC, 1, NotSerialized)
	{
		PICM = Arg0
	}

	Scope (\_SB)
	{
		Device (PWRB)
		{
			Name (_HID, EisaId ("PNP0C0C"))
		}

		Device (SLPB)
		{
			Name (_HID, EisaId ("PNP0C0E"))
		}

		Device (PCI0)
		{
			Name (_HID, EisaId ("PNP0A03"))
			Name (_UID, 0)

			Name (LOWR, ResourceTemplate ()
			{
				WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode,
					0, 0, 0xff, 0, 0x100)
				IO (Decode16, 0xcf8, 0xcf8, 1, 8)
				WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
					0, 0, 0xcf7, 0, 0xcf8)
				WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
					0, 0xd00, 0xffff, 0, 0xf300)
				DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable, ReadWrite,
					0, 0xa0000, 0xbffff, 0, 0x20000)
				DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
					0, 0xf0000000, 0xfbffffff, 0, 0x0c000000, , , HOLE)
			})
			Name (HIGH, ResourceTemplate ()
			{
				QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable, ReadWrite,
					0, 0x100000000, 0x13fffffff, 0, 0x40000000, , , ABOV)
			})

			Method (_CRS, 0, Serialized)
			{
				CreateDWordField (LOWR, ^HOLE._MIN, LMIN)
				CreateDWordField (LOWR, ^HOLE._MAX, LMAX)
				CreateDWordField (LOWR, ^HOLE._LEN, LLEN)
				LMIN = ZMIN
				LMAX = ZMAX
				LLEN = ZMAX - ZMIN + 1
				If (ZHLE == 0)
				{
					Return (LOWR)
				}
				CreateQWordField (HIGH, ^ABOV._MIN, HMIN)
				CreateQWordField (HIGH, ^ABOV._MAX, HMAX)
				CreateQWordField (HIGH, ^ABOV._LEN, HLEN)
				HMIN = ZHMI
				HMAX = ZHMI + ZHLE - 1
				HLEN = ZHLE
				Return (ConcatenateResTemplate (LOWR, HIGH))
			}

			/* With PIC: pin P of device D is wired to link (D + P) mod 4. */
#define WIRED(d, a, b, c, e)                                                              \
	Package (4) { (d << 16) | 0xffff, 0, a, 0 },                                      \
	Package (4) { (d << 16) | 0xffff, 1, b, 0 },                                      \
	Package (4) { (d << 16) | 0xffff, 2, c, 0 },                                      \
	Package (4) { (d << 16) | 0xffff, 3, e, 0 }
#define WIRED_4(d)                                                                        \
	WIRED (d + 0, LNKA, LNKB, LNKC, LNKD),                                            \
	WIRED (d + 1, LNKB, LNKC, LNKD, LNKA),                                            \
	WIRED (d + 2, LNKC, LNKD, LNKA, LNKB),                                            \
	WIRED (d + 3, LNKD, LNKA, LNKB, LNKC)
			Name (PICR, Package ()
			{
				WIRED_4 (0), WIRED_4 (4), WIRED_4 (8), WIRED_4 (12),
				WIRED_4 (16), WIRED_4 (20), WIRED_4 (24), WIRED_4 (28)
			})

			/* With APIC: pin P of device D goes to 16 + (D * 4 + P) mod 32. */
#define PIN(d, p) Package (4) { (d << 16) | 0xffff, p, 0, 16 + ((d * 4 + p) & 31) }
#define PINS(d)   PIN ((d), 0), PIN ((d), 1), PIN ((d), 2), PIN ((d), 3)
#define PINS_4(d) PINS (d + 0), PINS (d + 1), PINS (d + 2), PINS (d + 3)
			Name (APIR, Package ()
			{
				PINS_4 (0), PINS_4 (4), PINS_4 (8), PINS_4 (12),
				PINS_4 (16), PINS_4 (20), PINS_4 (24), PINS_4 (28)
			})

			Method (_PRT, 0, NotSerialized)
			{
				If (PICM)
				{
					Return (APIR)
				}
				Return (PICR)
			}

			Device (ISA)
			{
				Name (_ADR, 0x00010000)
				OperationRegion (PIRQ, PCI_Config, 0x60, 4)
				Field (PIRQ, ByteAcc, NoLock, Preserve)
				{
					PIRA, 8,
					PIRB, 8,
					PIRC, 8,
					PIRD, 8
				}

				Device (PIC)
				{
					Name (_HID, EisaId ("PNP0000"))
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x20, 0x20, 1, 2)
						IO (Decode16, 0xa0, 0xa0, 1, 2)
						IRQNoFlags () { 2 }
					})
				}

				Device (DMA)
				{
					Name (_HID, EisaId ("PNP0200"))
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x00, 0x00, 1, 0x10)
						IO (Decode16, 0x81, 0x81, 1, 3)
						IO (Decode16, 0x87, 0x87, 1, 1)
						IO (Decode16, 0x89, 0x89, 1, 3)
						IO (Decode16, 0x8f, 0x8f, 1, 1)
						IO (Decode16, 0xc0, 0xc0, 1, 0x20)
						DMA (Compatibility, NotBusMaster, Transfer8) { 4 }
					})
				}

				Device (TMR)
				{
					Name (_HID, EisaId ("PNP0100"))
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x40, 0x40, 1, 4)
						IRQNoFlags () { 0 }
					})
				}

				Device (RTC)
				{
					Name (_HID, EisaId ("PNP0B00"))
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x70, 0x70, 1, 8)
						IRQNoFlags () { 8 }
					})
				}

				Device (SPKR)
				{
					Name (_HID, EisaId ("PNP0800"))
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x61, 0x61, 1, 1)
					})
				}

				Device (FPU)
				{
					Name (_HID, EisaId ("PNP0C04"))
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0xf0, 0xf0, 1, 1)
						IRQNoFlags () { 13 }
					})
				}

				Device (KBD)
				{
					Name (_HID, EisaId ("PNP0303"))
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x60, 0x60, 1, 1)
						IO (Decode16, 0x64, 0x64, 1, 1)
						IRQNoFlags () { 1 }
					})
				}

				Device (MOU)
				{
					Name (_HID, EisaId ("PNP0F13"))
					Name (_CRS, ResourceTemplate ()
					{
						IRQNoFlags () { 12 }
					})
				}

#define SERIAL(name, unit, there, port, irq)                                              \
	Device (name)                                                                     \
	{                                                                                 \
		Name (_HID, EisaId ("PNP0501"))                                           \
		Name (_UID, unit)                                                         \
		Method (_STA, 0, NotSerialized)                                           \
		{                                                                         \
			If (there)                                                        \
			{                                                                 \
				Return (0x0f)                                             \
			}                                                                 \
			Return (0)                                                        \
		}                                                                         \
		Name (_CRS, ResourceTemplate ()                                           \
		{                                                                         \
			IO (Decode16, port, port, 8, 8)                                   \
			IRQNoFlags () { irq }                                             \
		})                                                                        \
	}
				SERIAL (COM1, 1, ZCM1, 0x3f8, 4)
				SERIAL (COM2, 2, ZCM2, 0x2f8, 3)

				/* Ports of the board that no other device here has. */
				Device (BRD)
				{
					Name (_HID, EisaId ("PNP0C02"))
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x10, 0x10, 1, 0x10)
						IO (Decode16, 0x80, 0x80, 1, 1)
						IO (Decode16, 0x4d0, 0x4d0, 1, 2)
						IO (Decode16, 0xafe0, 0xafe0, 1, 4)
						IO (Decode16, 0xb000, 0xb000, 1, 0x40)
					})
				}
			}
		}

		Device (HPET)
		{
			Name (_HID, EisaId ("PNP0103"))
			Method (_STA, 0, NotSerialized)
			{
				If (ZHPT)
				{
					Return (0x0f)
				}
				Return (0)
			}
			Name (_CRS, ResourceTemplate ()
			{
				Memory32Fixed (ReadOnly, 0xfed00000, 0x400)
			})
		}

		/* A PCI interrupt link: bit 7 of its register switches it off, the others are the number of the interrupt. */
#define LINK(name, unit, route)                                                           \
	Device (name)                                                                     \
	{                                                                                 \
		Name (_HID, EisaId ("PNP0C0F"))                                           \
		Name (_UID, unit)                                                         \
		Name (_PRS, ResourceTemplate ()                                           \
		{                                                                         \
			Interrupt (ResourceConsumer, Level, ActiveLow, Shared) { 5, 10, 11 } \
		})                                                                        \
		Method (_STA, 0, NotSerialized)                                           \
		{                                                                         \
			If (route & 0x80)                                                 \
			{                                                                 \
				Return (0x09)                                             \
			}                                                                 \
			Return (0x0b)                                                     \
		}                                                                         \
		Method (_DIS, 0, NotSerialized)                                           \
		{                                                                         \
			route |= 0x80                                                     \
		}                                                                         \
		Name (BUFF, ResourceTemplate ()                                                                \
		{                                                                \
			Interrupt (ResourceConsumer, Level, ActiveLow, Shared, , , WIRE) { 0 } \
		})                                                                \
		Method (_CRS, 0, Serialized)                                                                \
		{                                                                \
			CreateDWordField (BUFF, ^WIRE._INT, NUMB)                          \
			NUMB = route & 0x0f                                               \
			Return (BUFF)                                                     \
		}                                                                         \
		Method (_SRS, 1, Serialized)                                              \
		{                                                                         \
			CreateDWordField (Arg0, 5, NUMB)                                  \
			route = NUMB & 0x0f                                               \
		}                                                                         \
	}
		LINK (LNKA, 1, ^^PCI0.ISA.PIRA)
		LINK (LNKB, 2, ^^PCI0.ISA.PIRB)
		LINK (LNKC, 3, ^^PCI0.ISA.PIRC)
		LINK (LNKD, 4, ^^PCI0.ISA.PIRD)
	}

	/* At the end: SeaBIOS, which looks for devices here, stops at numbers of 64 bits. */
	Name (ZHMI, 0x1000000000000000)
	Name (ZHLE, 0x1000000000000000)
}
