#include "part.h"

#include <protobuf-c/protobuf-c.h>

bool
part_texts_valid(const struct ProtobufCMessageDescriptor *message, const uint8_t *bytes, size_t len)
{
    const uint8_t *at = bytes, *end = len > 0 ? bytes + len : bytes; /* which may be NULL */

    while (at < end) {
        const ProtobufCFieldDescriptor *field;
        struct part part;

        at = part_get(at, end, &part);
        if (at == NULL)
            return false;
        field = protobuf_c_message_descriptor_get_field(message, part.number);
        if (field == NULL || part.wire != PART_BYTES)
            continue;
        if (field->type == PROTOBUF_C_TYPE_STRING && !part_utf8_valid(part.bytes, part.len))
            return false;
        if (field->type == PROTOBUF_C_TYPE_MESSAGE &&
            !part_texts_valid(field->descriptor, part.bytes, part.len))
            return false;
    }
    return true;
}
