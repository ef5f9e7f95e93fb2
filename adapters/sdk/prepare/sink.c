#include "sdk/prepare/sink.h"

#include <stdlib.h>

void
sink_report_done(struct sink_report *report)
{
    free(report->csv);
    free(report->book);
    free(report->kept);
    *report = (struct sink_report){0};
}
