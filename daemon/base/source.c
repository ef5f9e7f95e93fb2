#include "base/source.h"

int
source_rewind(struct source *source, struct err *err)
{
    return source->rewind(source, err);
}

enum source_read
source_next_sheet(struct source *source, struct refusal *refusal, struct err *err)
{
    return source->next_sheet == NULL ? SOURCE_END : source->next_sheet(source, refusal, err);
}

int
source_learn(struct source *source, struct err *err)
{
    return source->learn == NULL ? 0 : source->learn(source, err);
}

void
source_close(struct source *source)
{
    if (source != NULL)
        source->close(source);
}
