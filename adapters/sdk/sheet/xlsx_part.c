#include "sdk/sheet/xlsx_part.h"

#include <expat.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#define XLSX_CHUNK (64 * 1024)

struct xlsx_archive {
    zip_t *zip;
    int64_t bytes; /* of the file */
};

struct xlsx_part {
    zip_file_t *file;
    XML_Parser parser;
    const struct xlsx_handlers *handlers;
    void *context;
    zip_uint64_t packed, unpacked;
    bool paused, stopped, eof;
};

void
xlsx_part_damaged(struct refusal *refusal)
{
    refusal_set(refusal, REFUSAL_SPREADSHEET,
                "这个 Excel 工作簿打不开：文件损坏、加密，或不是 .xlsx。请在 Excel 中打开并另存为"
                "“Excel 工作簿（.xlsx）”或“CSV UTF-8”后重新发送。",
                "this workbook cannot be read: it is damaged, encrypted or no .xlsx; open it in "
                "Excel, save it as .xlsx or 'CSV UTF-8' and send it again");
}

void
xlsx_refuse_size(struct refusal *refusal)
{
    refusal_set(refusal, REFUSAL_SIZE_LIMIT,
                "这个工作簿解压后过大或压缩异常，不像正常的表格。请检查后另存为“CSV UTF-8”再发送。",
                "this workbook unpacks to an absurd size; check it, save it as 'CSV UTF-8' and "
                "send it again");
}

void
xlsx_refuse_archive(struct refusal *refusal)
{
    refusal_set(
        refusal, REFUSAL_ARCHIVE,
        "这是压缩包，不是表格。请先解压，再逐个发送里面的 Excel 或 CSV 文件。",
        "this is an archive and no table; unpack it first and send the files in it one by one");
}

struct xlsx_archive *
xlsx_archive_open(int fd, struct refusal *refusal)
{
    struct xlsx_archive *archive;
    struct stat stat = {0};
    int code = 0, failed = fstat(fd, &stat);
    zip_t *zip = failed != 0 ? NULL : zip_fdopen(fd, 0, &code);

    if (zip == NULL) {
        (void)close(fd);
        xlsx_part_damaged(refusal);
        return NULL;
    }
    if (zip_get_num_entries(zip, 0) > XLSX_ENTRIES_MAX) {
        zip_discard(zip);
        xlsx_refuse_size(refusal);
        return NULL;
    }
    if (zip_name_locate(zip, "[Content_Types].xml", 0) < 0 &&
        zip_name_locate(zip, "xl/workbook.xml", 0) < 0) {
        bool open_document = zip_name_locate(zip, "mimetype", 0) >= 0;

        zip_discard(zip);
        if (open_document)
            refusal_set(
                refusal, REFUSAL_SPREADSHEET,
                "这是 OpenDocument 表格（.ods），无法读取。请打开后另存为“Excel 工作簿（.xlsx）”"
                "或“CSV UTF-8”再发送。",
                "this is an OpenDocument spreadsheet; open it, save it as .xlsx or 'CSV "
                "UTF-8' and send it again");
        else
            xlsx_refuse_archive(refusal);
        return NULL;
    }
    archive = mem_zalloc(sizeof(*archive));
    archive->zip = zip;
    archive->bytes = stat.st_size;
    return archive;
}

int64_t
xlsx_archive_bytes(const struct xlsx_archive *archive)
{
    return archive->bytes;
}

void
xlsx_archive_close(struct xlsx_archive *archive)
{
    if (archive == NULL)
        return;
    zip_discard(archive->zip);
    free(archive);
}

int64_t
xlsx_archive_size(const struct xlsx_archive *archive, const char *name)
{
    zip_stat_t stat;

    zip_stat_init(&stat);
    return zip_stat(archive->zip, name, 0, &stat) == 0 && (stat.valid & ZIP_STAT_SIZE) != 0
               ? (int64_t)stat.size
               : 0;
}

/* ---- callbacks of expat ---- */

static const char *
xlsx_part_local(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon == NULL ? name : colon + 1;
}

static void
xlsx_part_start(void *context, const char *name, const char **attributes)
{
    struct xlsx_part *part = context;

    part->handlers->start(part->context, xlsx_part_local(name), attributes);
}

static void
xlsx_part_end(void *context, const char *name)
{
    struct xlsx_part *part = context;

    part->handlers->end(part->context, xlsx_part_local(name));
}

static void
xlsx_part_text(void *context, const char *bytes, int len)
{
    struct xlsx_part *part = context;

    part->handlers->text(part->context, bytes, len);
}

static void
xlsx_part_doctype(void *context, const char *name, const char *system, const char *public,
                  int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    xlsx_part_stop(context);
}

/* ---- reading ---- */

struct xlsx_part *
xlsx_part_open(struct xlsx_archive *archive, const char *name, const struct xlsx_handlers *handlers,
               void *context, struct refusal *refusal)
{
    AUTO(xlsx_part_close) struct xlsx_part *part = mem_zalloc(sizeof(*part));
    zip_int64_t index = zip_name_locate(archive->zip, name, ZIP_FL_NOCASE);
    zip_stat_t stat;

    if (index < 0 || zip_stat_index(archive->zip, (zip_uint64_t)index, 0, &stat) != 0 ||
        (stat.valid & ZIP_STAT_COMP_SIZE) == 0 ||
        (part->file = zip_fopen_index(archive->zip, (zip_uint64_t)index, 0)) == NULL ||
        (part->parser = XML_ParserCreate(NULL)) == NULL) {
        xlsx_part_damaged(refusal);
        return NULL;
    }
    part->handlers = handlers;
    part->context = context;
    part->packed = stat.comp_size;
    XML_SetUserData(part->parser, part);
    XML_SetElementHandler(part->parser, xlsx_part_start, xlsx_part_end);
    if (handlers->text != NULL)
        XML_SetCharacterDataHandler(part->parser, xlsx_part_text);
    XML_SetStartDoctypeDeclHandler(part->parser, xlsx_part_doctype);
    return STEAL(part);
}

void
xlsx_part_close(struct xlsx_part *part)
{
    if (part == NULL)
        return;
    if (part->parser != NULL)
        XML_ParserFree(part->parser);
    if (part->file != NULL)
        (void)zip_fclose(part->file);
    free(part);
}

void
xlsx_part_pause(struct xlsx_part *part)
{
    part->paused = true;
    (void)XML_StopParser(part->parser, XML_TRUE);
}

void
xlsx_part_stop(struct xlsx_part *part)
{
    part->stopped = true;
    (void)XML_StopParser(part->parser, XML_FALSE);
}

/* Unpack and parse one more piece. */
static enum XML_Status
xlsx_part_step(struct xlsx_part *part, struct refusal *refusal)
{
    void *to = XML_GetBuffer(part->parser, XLSX_CHUNK);
    zip_int64_t got = to == NULL ? -1 : zip_fread(part->file, to, XLSX_CHUNK);

    if (got < 0)
        return XML_STATUS_ERROR;
    part->unpacked += (zip_uint64_t)got;
    if (part->unpacked > (zip_uint64_t)XLSX_BYTES_MAX ||
        (part->unpacked > (zip_uint64_t)XLSX_RATIO_FROM &&
         part->unpacked / XLSX_RATIO_MAX > part->packed)) {
        xlsx_refuse_size(refusal);
        return XML_STATUS_ERROR;
    }
    part->eof = got == 0;
    return XML_ParseBuffer(part->parser, (int)got, part->eof);
}

enum xlsx_read
xlsx_part_read(struct xlsx_part *part, struct refusal *refusal)
{
    enum XML_Status status = XML_STATUS_OK;

    if (part->stopped)
        return XLSX_REFUSED;
    if (part->paused) {
        part->paused = false;
        status = XML_ResumeParser(part->parser);
    }
    while (status == XML_STATUS_OK && !part->eof)
        status = xlsx_part_step(part, refusal);
    if (status == XML_STATUS_SUSPENDED)
        return XLSX_PAUSED;
    if (status == XML_STATUS_OK)
        return XLSX_END;
    part->stopped = true;
    if (refusal->code == REFUSAL_NONE)
        xlsx_part_damaged(refusal);
    return XLSX_REFUSED;
}

const char *
xlsx_part_attribute(const char **attributes, const char *name)
{
    for (; attributes[0] != NULL; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return NULL;
}
