/*
 * insurance — the files of health insurance: enrolment and settlements.
 *
 * Whoever lives in an alleviated or monitored household and is older than 90
 * days is enrolled, and by chance nobody pays enough to raise a warning.
 */
#ifndef INSURANCE_H
#define INSURANCE_H

#include "world.h"

/* 医疗类别 */
#define KIND_CLINIC 11
#define KIND_CHRONIC 14
#define KIND_STAY 21

/* Age in days above which a newborn must be enrolled. */
#define INSURANCE_NEWBORN 90

/* Write health insurance's files of month `m`. */
void insurance_write(const struct world *world, unsigned m);

#endif
