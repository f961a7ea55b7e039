# What both ends of the wire share: the metric table, the format, sealing.

noinst_LTLIBRARIES += protocol/libprotocol.la

protocol_libprotocol_la_SOURCES = \
	protocol/buffer.c protocol/buffer.h \
	protocol/decode.c protocol/decode.h \
	protocol/encode.c protocol/encode.h \
	protocol/metrics.c protocol/metrics.def protocol/metrics.h \
	protocol/name.c protocol/name.h \
	protocol/probe.c protocol/probe.h \
	protocol/replay.c protocol/replay.h \
	protocol/seal.c protocol/seal.h \
	protocol/subscription.h
protocol_libprotocol_la_CFLAGS = $(AM_CFLAGS) $(HIDDEN_CFLAGS) $(LIBGCRYPT_CFLAGS)
protocol_libprotocol_la_LIBADD = $(LIBGCRYPT_LIBS)
