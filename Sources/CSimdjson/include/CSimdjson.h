// C face of simdjson: a document becomes one flat array of nodes in document order.
#ifndef POSETOP_CSIMDJSON_H
#define POSETOP_CSIMDJSON_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum posetop_json_kind {
  POSETOP_JSON_NULL = 0,
  POSETOP_JSON_FALSE = 1,
  POSETOP_JSON_TRUE = 2,
  POSETOP_JSON_INTEGER = 3,
  POSETOP_JSON_DOUBLE = 4,
  POSETOP_JSON_STRING = 5,
  POSETOP_JSON_ARRAY = 6,
  POSETOP_JSON_OBJECT = 7,
  POSETOP_JSON_KEY = 8,
};

/// One node. An array or object is followed by its `count` children (for an object: key, value,
/// key, value, ...; `count` is the number of pairs).
typedef struct {
  uint32_t kind;
  uint32_t count;    // children, or bytes of a string
  int64_t integer;   // value, or offset of a string in `text`
  double number;
} posetop_json_node;

typedef struct {
  posetop_json_node *nodes;
  size_t node_count;
  char *text;
  size_t text_count;
  const char *error;  // static text, or NULL when the document was read
} posetop_json_document;

/// Parses `length` bytes at `bytes`; at most `max_depth` levels of nesting. Always release with
/// `posetop_json_free`.
posetop_json_document posetop_json_parse(const char *bytes, size_t length, size_t max_depth);
void posetop_json_free(posetop_json_document document);

#ifdef __cplusplus
}
#endif
#endif
