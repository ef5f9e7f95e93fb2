/*
 * profile_origin — where each value of a profile comes from: for people, never for judging.
 */
#ifndef PROFILE_ORIGIN_H
#define PROFILE_ORIGIN_H

#include "base/yaml.h"
#include "rules/profile.h"

/*
 * Note the value of a key and where it comes from, in place of the extended profile's: `name` is the
 * profile that sets it, `document` the one that it follows (may be NULL); both are copied.
 */
void profile_origin_note(struct profile *profile, const struct yaml_node *node, const char *name,
                         const char *document);

/* The same under another name than the node's, "M05.helped". */
void profile_origin_note_as(struct profile *profile, const char *key, const struct yaml_node *node,
                            const char *name, const char *document);

/* The origin that was noted of a key, or NULL. */
const struct profile_origin *profile_origin_find(const struct profile *profile, const char *key);

/* Free the origins that were noted. */
void profile_origin_free(struct profile *profile);

#endif
