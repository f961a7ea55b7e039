/* SPDX-License-Identifier: MIT */
/* The receiving end of the shim's reports. */
#ifndef TEST_CONFORMANCE_REPORTS_H
#define TEST_CONFORMANCE_REPORTS_H

/* Opens the socket; returns its port. */
int reports_begin(void);

#endif
