// COCO annotation files through simdjson's On-Demand parser, into flat arrays.
#include "CSimdjson.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <string_view>

#include <simdjson.h>

namespace {

using namespace simdjson;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// A fault of the document itself; a value of an unexpected type is only "missing".
struct Fault {
  error_code code;
};

void check(error_code code) {
  if (code) throw Fault{code};
}

template <typename T>
T unwrap(simdjson_result<T> result) {
  T value;
  check(std::move(result).get(value));
  return value;
}

double number(ondemand::value value) {
  double result;
  if (!value.get_double().get(result)) return result;  // what fails is read again below
  if (unwrap(value.type()) != ondemand::json_type::number) return kMissing;
  return unwrap(value.get_double());
}

// An integer that is written as 5 or 5.0; false for anything else.
bool integer(ondemand::value value, int64_t &result) {
  int64_t exact;
  if (!value.get_int64().get(exact)) {
    result = exact;
    return true;
  }
  if (unwrap(value.type()) != ondemand::json_type::number) return false;
  double real = unwrap(value.get_double());
  if (!(std::abs(real) < 9e15) || real != std::floor(real)) return false;
  result = static_cast<int64_t>(real);
  return true;
}

// 1 or true.
bool flag(ondemand::value value) {
  if (unwrap(value.type()) == ondemand::json_type::boolean) return unwrap(value.get_bool());
  int64_t result = 0;
  return integer(value, result) && result != 0;
}

// A list whose memory is handed to the caller. It grows by realloc, which moves the pages of large
// lists instead of copying them: the peak is the list itself, and untouched room costs nothing.
template <typename T>
class List {
 public:
  List() = default;
  List(const List &) = delete;
  List &operator=(const List &) = delete;
  ~List() { std::free(values_); }

  size_t size() const { return count_; }
  T &back() { return values_[count_ - 1]; }
  T &operator[](size_t index) { return values_[index]; }
  void push_back(const T &value) {
    reserve(count_ + 1);
    values_[count_++] = value;
  }
  void append(const T *values, size_t count) {
    reserve(count_ + count);
    if (count) std::memcpy(values_ + count_, values, sizeof(T) * count);
    count_ += count;
  }
  // Only to make it shorter.
  void resize(size_t count) { count_ = count; }
  // The memory, to be freed by the caller; never null.
  T *release() {
    reserve(1);
    T *values = values_;
    values_ = nullptr;
    count_ = capacity_ = 0;
    return values;
  }

 private:
  void reserve(size_t count) {
    if (count <= capacity_) return;
    size_t capacity = std::max({count, capacity_ * 2, size_t{64}});
    void *values = std::realloc(static_cast<void *>(values_), sizeof(T) * capacity);
    if (!values) throw std::bad_alloc();
    values_ = static_cast<T *>(values);
    capacity_ = capacity;
  }

  T *values_ = nullptr;
  size_t count_ = 0, capacity_ = 0;
};

struct Reader {
  List<posetop_coco_image> images;
  List<posetop_coco_annotation> annotations;
  List<posetop_coco_category> categories;
  List<posetop_coco_text> names;
  List<double> numbers;
  List<char> text;
  bool has_images = false, has_annotations = false, has_categories = false;

  bool string(ondemand::value value, posetop_coco_text &result) {
    if (unwrap(value.type()) != ondemand::json_type::string) return false;
    std::string_view view = unwrap(value.get_string());
    result = {static_cast<int64_t>(text.size()), static_cast<int64_t>(view.size())};
    text.append(view.data(), view.size());
    return true;
  }

  // Appends the numbers of a list; a list with something else gives count -1.
  int64_t list(ondemand::value value) {
    if (unwrap(value.type()) != ondemand::json_type::array) return -1;
    size_t start = numbers.size();
    bool good = true;
    for (auto element : unwrap(value.get_array())) {
      double entry = number(unwrap(std::move(element)));
      if (std::isnan(entry)) good = false;
      numbers.push_back(entry);
    }
    if (good) return static_cast<int64_t>(numbers.size() - start);
    numbers.resize(start);
    return -1;
  }

  template <typename Record, typename Member>
  bool records(ondemand::value value, List<Record> &target, Record blank, Member member) {
    if (unwrap(value.type()) != ondemand::json_type::array) return false;
    for (auto element : unwrap(value.get_array())) {
      ondemand::value entry = unwrap(std::move(element));
      target.push_back(blank);
      if (unwrap(entry.type()) != ondemand::json_type::object) continue;
      for (auto pair : unwrap(entry.get_object())) {
        ondemand::field field = unwrap(std::move(pair));
        std::string_view key = unwrap(field.unescaped_key());
        member(target.back(), key, field.value());
      }
    }
    return true;
  }

  void image(posetop_coco_image &record, std::string_view key, ondemand::value value) {
    if (key == "id") record.has_id = integer(value, record.id);
    else if (key == "file_name") string(value, record.file_name);
    else if (key == "width") integer(value, record.width);
    else if (key == "height") integer(value, record.height);
  }

  void annotation(posetop_coco_annotation &record, std::string_view key, ondemand::value value) {
    if (key == "id") record.has_id = integer(value, record.id);
    else if (key == "image_id") record.has_image = integer(value, record.image);
    else if (key == "category_id") integer(value, record.category);
    else if (key == "area") record.area = number(value);
    else if (key == "iscrowd") record.is_crowd = flag(value);
    else if (key == "num_keypoints") integer(value, record.labelled);
    else if (key == "keypoints") {
      record.keypoints_start = static_cast<int64_t>(numbers.size());
      record.keypoints_count = list(value);
    } else if (key == "bbox") {
      size_t start = numbers.size();
      if (list(value) == 4) std::memcpy(record.box, &numbers[start], sizeof record.box);
      numbers.resize(start);
    }
  }

  void category(posetop_coco_category &record, std::string_view key, ondemand::value value) {
    if (key == "id") integer(value, record.id);
    else if (key == "name") string(value, record.name);
    else if (key == "keypoints") {
      if (unwrap(value.type()) != ondemand::json_type::array) return;
      record.names_start = static_cast<int64_t>(names.size());
      for (auto element : unwrap(value.get_array())) {
        posetop_coco_text name = {0, 0};
        string(unwrap(std::move(element)), name);
        names.push_back(name);
      }
      record.names_count = static_cast<int64_t>(names.size()) - record.names_start;
    }
  }

  void detection(posetop_detection &record, std::string_view key, ondemand::value value) {
    if (key == "image_id") record.has_image = integer(value, record.image);
    else if (key == "category_id") integer(value, record.category);
    else if (key == "score") record.score = number(value);
    else if (key == "keypoints") {
      record.keypoints_start = static_cast<int64_t>(numbers.size());
      record.keypoints_count = list(value);
    } else if (key == "bbox") {
      size_t start = numbers.size();
      if (list(value) == 4) std::memcpy(record.box, &numbers[start], sizeof record.box);
      numbers.resize(start);
    }
  }

  List<posetop_detection> detections;

  // False when the document is no list.
  bool results(padded_string_view view) {
    ondemand::parser parser;
    ondemand::document document = unwrap(parser.iterate(view));
    if (unwrap(document.type()) != ondemand::json_type::array) return false;
    records(
        unwrap(document.get_value()), detections,
        posetop_detection{0, -1, false, kMissing, {kMissing, kMissing, kMissing, kMissing}, 0, -1},
        [this](auto &record, auto name, auto entry) { detection(record, name, entry); });
    const char *rest;  // there is one only when something follows the list
    if (!document.current_location().get(rest)) throw Fault{TAPE_ERROR};
    return true;
  }

  void document(padded_string_view view) {
    ondemand::parser parser;
    ondemand::document document = unwrap(parser.iterate(view));
    if (unwrap(document.type()) != ondemand::json_type::object) return;
    for (auto pair : unwrap(document.get_object())) {
      ondemand::field field = unwrap(std::move(pair));
      std::string_view key = unwrap(field.unescaped_key());
      ondemand::value value = field.value();
      if (key == "images") {
        has_images = records(
            value, images, posetop_coco_image{0, false, {0, 0}, 0, 0},
            [this](auto &record, auto name, auto entry) { image(record, name, entry); });
      } else if (key == "annotations") {
        has_annotations = records(
            value, annotations,
            posetop_coco_annotation{0, 0, -1, false, false, false, kMissing,
                                    {kMissing, kMissing, kMissing, kMissing}, -1, 0, -1},
            [this](auto &record, auto name, auto entry) { annotation(record, name, entry); });
      } else if (key == "categories") {
        has_categories = records(
            value, categories, posetop_coco_category{-1, {0, 0}, 0, 0},
            [this](auto &record, auto name, auto entry) { category(record, name, entry); });
      }
    }
    const char *rest;  // there is one only when something follows the object
    if (!document.current_location().get(rest)) throw Fault{TAPE_ERROR};
  }
};

}  // namespace

extern "C" size_t posetop_json_padding(void) { return SIMDJSON_PADDING; }

extern "C" posetop_coco_file posetop_coco_read(const char *bytes, size_t length, size_t capacity) {
  posetop_coco_file file = {};
  try {
    Reader reader;
    reader.document(padded_string_view(bytes, length, capacity));
    file.is_coco = reader.has_images && reader.has_annotations;
    file.image_count = reader.images.size();
    file.images = reader.images.release();
    file.annotation_count = reader.annotations.size();
    file.annotations = reader.annotations.release();
    file.category_count = reader.categories.size();
    file.categories = reader.categories.release();
    file.name_count = reader.names.size();
    file.names = reader.names.release();
    file.number_count = reader.numbers.size();
    file.numbers = reader.numbers.release();
    file.text_count = reader.text.size();
    file.text = reader.text.release();
  } catch (const Fault &fault) {
    file.error = error_message(fault.code);
  } catch (...) {
    file.error = "out of memory";
  }
  return file;
}

extern "C" void posetop_coco_free(posetop_coco_file file) {
  std::free(file.images);
  std::free(file.annotations);
  std::free(file.categories);
  std::free(file.names);
  std::free(file.numbers);
  std::free(file.text);
}

extern "C" posetop_detections posetop_detections_read(
    const char *bytes, size_t length, size_t capacity) {
  posetop_detections result = {};
  try {
    Reader reader;
    result.is_list = reader.results(padded_string_view(bytes, length, capacity));
    result.count = reader.detections.size();
    result.detections = reader.detections.release();
    result.number_count = reader.numbers.size();
    result.numbers = reader.numbers.release();
  } catch (const Fault &fault) {
    result.error = error_message(fault.code);
  } catch (...) {
    result.error = "out of memory";
  }
  return result;
}

extern "C" void posetop_detections_free(posetop_detections detections) {
  std::free(detections.detections);
  std::free(detections.numbers);
}
