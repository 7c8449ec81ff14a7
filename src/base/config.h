/* base/config: files into memory, and YAML into structs by a libcyaml schema.
 *
 * The only place of the ground that opens files. Every error names the file, the line or key where libcyaml knows it,
 * and what to do. */
#pragma once
#include "base/base.h"
#include <cyaml/cyaml.h>

/* The whole file, or standard input for "-". Larger than `max` bytes is an error, not a cut. */
int file_read(struct arena *arena, const char *path, size_t max, struct span *out, struct err *err);

/* A field that holds a bool and is written yes, no, true or false. libcyaml's own takes every other word for yes. */
extern const cyaml_strval_t config_yes_no[4];
#define CONFIG_FIELD_YES_NO(key, structure, member) CYAML_FIELD_ENUM(key, CYAML_FLAG_STRICT, structure, member, config_yes_no, 4)

/* Whether a key was probably meant by another: all is the same but one letter, or two that changed places. */
bool key_is_like(const char *a, const char *b);

/* *out is what libcyaml allocated for `schema` (a pointer schema); give it back with config_free. */
int config_load(const char *path, const cyaml_schema_value_t *schema, void **out, struct err *err);
void config_free(const cyaml_schema_value_t *schema, void **data); /* accepts NULL inside; sets it NULL */
