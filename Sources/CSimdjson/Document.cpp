// A whole document through simdjson's DOM parser, flattened for Swift.
#include "CSimdjson.h"

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <simdjson.h>

namespace {

struct Flattener {
  std::vector<posetop_json_node> nodes;
  std::string text;

  void string(uint32_t kind, std::string_view value) {
    nodes.push_back({kind, static_cast<uint32_t>(value.size()),
                     static_cast<int64_t>(text.size()), 0});
    text.append(value);
  }

  void value(simdjson::dom::element element) {
    using simdjson::dom::element_type;
    switch (element.type()) {
      case element_type::NULL_VALUE: nodes.push_back({POSETOP_JSON_NULL, 0, 0, 0}); break;
      case element_type::BOOL:
        nodes.push_back({element.get_bool().value_unsafe() ? POSETOP_JSON_TRUE : POSETOP_JSON_FALSE,
                         0, 0, 0});
        break;
      case element_type::INT64: {
        int64_t v = element.get_int64().value_unsafe();
        nodes.push_back({POSETOP_JSON_INTEGER, 0, v, static_cast<double>(v)});
        break;
      }
      case element_type::UINT64: {
        double v = static_cast<double>(element.get_uint64().value_unsafe());
        nodes.push_back({POSETOP_JSON_DOUBLE, 0, 0, v});
        break;
      }
      case element_type::DOUBLE:
        nodes.push_back({POSETOP_JSON_DOUBLE, 0, 0, element.get_double().value_unsafe()});
        break;
      case element_type::STRING:
        string(POSETOP_JSON_STRING, element.get_string().value_unsafe());
        break;
      case element_type::ARRAY: {
        size_t at = nodes.size();
        nodes.push_back({POSETOP_JSON_ARRAY, 0, 0, 0});
        uint32_t count = 0;
        // A name of its own: what a range-for reads out of a temporary is gone before the loop.
        simdjson::dom::array children = element.get_array().value_unsafe();
        for (auto child : children) { value(child); count++; }
        nodes[at].count = count;
        break;
      }
      case element_type::OBJECT: {
        size_t at = nodes.size();
        nodes.push_back({POSETOP_JSON_OBJECT, 0, 0, 0});
        uint32_t count = 0;
        simdjson::dom::object fields = element.get_object().value_unsafe();
        for (auto field : fields) {
          string(POSETOP_JSON_KEY, field.key);
          value(field.value);
          count++;
        }
        nodes[at].count = count;
        break;
      }
    }
  }
};

}  // namespace

extern "C" posetop_json_document posetop_json_parse(const char *bytes, size_t length,
                                                    size_t max_depth) {
  posetop_json_document document = {};
  try {
    simdjson::dom::parser parser;
    if (auto error = parser.allocate(length < 64 ? 64 : length, max_depth)) {
      document.error = simdjson::error_message(error);
      return document;
    }
    simdjson::dom::element root;
    if (auto error = parser.parse(bytes, length).get(root)) {
      document.error = simdjson::error_message(error);
      return document;
    }
    Flattener flat;
    flat.value(root);
    document.node_count = flat.nodes.size();
    document.text_count = flat.text.size();
    document.nodes = static_cast<posetop_json_node *>(
        std::malloc(sizeof(posetop_json_node) * document.node_count));
    document.text = static_cast<char *>(std::malloc(document.text_count + 1));
    if (!document.nodes || !document.text) {
      document.error = "out of memory";
      return document;
    }
    std::memcpy(document.nodes, flat.nodes.data(), sizeof(posetop_json_node) * document.node_count);
    std::memcpy(document.text, flat.text.data(), document.text_count);
  } catch (...) {
    document.error = "out of memory";
  }
  return document;
}

extern "C" void posetop_json_free(posetop_json_document document) {
  std::free(document.nodes);
  std::free(document.text);
}
