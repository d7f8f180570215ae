/* rdt: classes and monitoring groups of resctrl, the kernel's interface to Intel RDT and AMD QoS
 * (Documentation/filesystems/resctrl.rst). Names are one component, verified by who calls. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define RDT_MOUNT "/sys/fs/resctrl"

/* The mounted resctrl as a descriptor; -ENODEV when there is none, or another -errno. */
int rdt_open(void);
/* Makes a directory there. 0 or -errno. */
int rdt_make(int dir, const char *name);
/* Writes text to a file of a group, as a whole. 0 or -errno. */
int rdt_write(int group, const char *file, const char *text);
/* Removes a directory that is there; its tasks go back to what is above it. 0 or -errno. */
int rdt_drop(int dir, const char *name);

/* Is the class ("" is the root), or with monitor that group in it, there? */
bool rdt_has(const char *class, const char *monitor);
/* Has a class tasks? False when it is not there. */
bool rdt_in_use(const char *class);
/* Removes the monitoring group from the class, or with monitor NULL the class. 0, also when it is gone already, or
 * -errno. */
int rdt_remove(const char *class, const char *monitor);

/* Does the text of a schemata file say what the lines of wanted say? Each line is a resource ("L3:0=ff;1=f"); of those
 * that are not named anything may be true. Numbers may have leading zeros. */
bool rdt_schemata_match(const char *text, const char *wanted);
