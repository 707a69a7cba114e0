// C face of simdjson: a document becomes one flat array of nodes in document order.
#ifndef POSETOP_CSIMDJSON_H
#define POSETOP_CSIMDJSON_H
#include <stdbool.h>
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

/// A piece of `text`.
typedef struct {
  int64_t start, length;
} posetop_coco_text;

typedef struct {
  int64_t id;
  bool has_id;
  posetop_coco_text file_name;  // empty when there is none
  int64_t width, height;        // 0 when missing
} posetop_coco_image;

/// Missing numbers are NaN; a missing or broken list has count -1.
typedef struct {
  int64_t id, image, category;
  bool has_id, has_image, is_crowd;
  double area;
  double box[4];
  int64_t labelled;  // num_keypoints, -1 when missing
  int64_t keypoints_start, keypoints_count;  // in `numbers`
} posetop_coco_annotation;

typedef struct {
  int64_t id;
  posetop_coco_text name;
  int64_t names_start, names_count;  // keypoint names in `names`
} posetop_coco_category;

/// What keypoint training needs of a COCO annotation file.
typedef struct {
  posetop_coco_image *images;
  size_t image_count;
  posetop_coco_annotation *annotations;
  size_t annotation_count;
  posetop_coco_category *categories;
  size_t category_count;
  posetop_coco_text *names;
  size_t name_count;
  double *numbers;
  size_t number_count;
  char *text;
  size_t text_count;
  bool is_coco;       // an object with lists `images` and `annotations`
  const char *error;  // static text, or NULL when the document was read
} posetop_coco_file;

/// Bytes that must be allocated beyond the end of a document.
size_t posetop_json_padding(void);

/// Reads `length` bytes of a buffer with `capacity` bytes, `capacity` being at least `length` plus
/// the padding. Always release with `posetop_coco_free`.
posetop_coco_file posetop_coco_read(const char *bytes, size_t length, size_t capacity);
void posetop_coco_free(posetop_coco_file file);

/// A detected person; a missing number is NaN, a missing box has NaNs.
typedef struct {
  int64_t image, category;
  bool has_image;
  double score;
  double box[4];
  int64_t keypoints_start, keypoints_count;  // in `numbers`; count -1 when missing or broken
} posetop_detection;

/// A results file: a list of objects with `image_id`, `category_id`, `keypoints` or `bbox`, `score`.
typedef struct {
  posetop_detection *detections;
  size_t count;
  double *numbers;
  size_t number_count;
  bool is_list;
  const char *error;  // static text, or NULL when the document was read
} posetop_detections;

/// Reads like `posetop_coco_read`. Always release with `posetop_detections_free`.
posetop_detections posetop_detections_read(const char *bytes, size_t length, size_t capacity);
void posetop_detections_free(posetop_detections detections);

#ifdef __cplusplus
}
#endif
#endif
