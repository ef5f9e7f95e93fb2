/* Runs a target over its corpus, an ordinary test: corpus FOLDER… */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

/* Exactly as many bytes on the heap as the file has, so that a read past them is seen. */
static void
feed(const char *folder, const char *name)
{
    char path[1024];
    uint8_t *bytes;
    size_t len = 0;
    FILE *file;
    long size;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    (void)printf("%s\n", path);
    (void)fflush(stdout);
    file = fopen(path, "r");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
        abort();
    rewind(file);
    bytes = mem_zalloc((size_t)size);
    len = fread(bytes, 1, (size_t)size, file);
    if (len != (size_t)size || fclose(file) != 0)
        abort();
    (void)LLVMFuzzerTestOneInput(bytes, len);
    free(bytes);
}

int
main(int argc, char **argv)
{
    int fed = 0;

    for (int i = 1; i < argc; i++) {
        struct dirent **names;
        int count = scandir(argv[i], &names, NULL, alphasort);

        for (int j = 0; j < count; j++) {
            if (names[j]->d_name[0] != '.') {
                feed(argv[i], names[j]->d_name);
                fed++;
            }
            free(names[j]);
        }
        if (count >= 0)
            free(names);
    }
    (void)printf("%d inputs\n", fed);
    return fed > 0 ? 0 : 1;
}
