#include "sdk/source.h"

int
source_rewind(struct source *source, struct err *err)
{
    return source->rewind(source, err);
}

void
source_close(struct source *source)
{
    if (source != NULL)
        source->close(source);
}
