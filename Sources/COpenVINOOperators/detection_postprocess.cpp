#include "detection_postprocess.hpp"

#include <cmath>
#include <limits>
#include <openvino/opsets/opset11.hpp>
#include <sstream>
#include <stdexcept>

namespace ridley {
namespace {

using namespace ov::opset11;
using ov::Output;
using ov::OutputVector;
using ov::element::f32;
using ov::element::i64;
using Value = Output<ov::Node>;

/// More detections than any network gives; larger numbers are mistakes, and would only take memory.
constexpr int64_t mostRows = 1 << 16;

[[noreturn]] void refuse(const std::string &why) { throw std::runtime_error("TFLite_Detection_PostProcess: " + why); }

template <class Number>
void require(bool holds, const char *name, Number value, const char *expected) {
  if (holds) return;
  std::ostringstream text;
  text << name << " is " << value << ", and " << expected << " is expected";
  refuse(text.str());
}

/// A number among the operator's options, however the file writes it.
double number(const ov::frontend::NodeContext &node, const char *name, double otherwise) {
  const ov::Any value = node.get_attribute_as_any(name);
  if (value.is<int32_t>()) return value.as<int32_t>();
  if (value.is<uint32_t>()) return value.as<uint32_t>();
  if (value.is<int64_t>()) return static_cast<double>(value.as<int64_t>());
  if (value.is<float>()) return value.as<float>();
  if (value.is<double>()) return value.as<double>();
  if (value.is<bool>()) return value.as<bool>();
  return otherwise;
}

struct Options {
  int64_t rows, classesPerRow, rowsPerClass, classes;
  bool classByClass;
  float scoreThreshold, overlapThreshold;
  float yScale, xScale, heightScale, widthScale;

  explicit Options(const ov::frontend::NodeContext &node)
      : rows(count(node, "max_detections", 0)),
        classesPerRow(count(node, "max_classes_per_detection", 0)),
        rowsPerClass(count(node, "detections_per_class", 100)),
        classes(count(node, "num_classes", 0)),
        classByClass(number(node, "use_regular_nms", 0) != 0),
        scoreThreshold(real(node, "nms_score_threshold")),
        overlapThreshold(real(node, "nms_iou_threshold")),
        yScale(scale(node, "y_scale")),
        xScale(scale(node, "x_scale")),
        heightScale(scale(node, "h_scale")),
        widthScale(scale(node, "w_scale")) {
    require(rows * classesPerRow <= mostRows, "max_detections times max_classes_per_detection", rows * classesPerRow,
            "at most 65536");
    require(overlapThreshold > 0 && overlapThreshold <= 1, "nms_iou_threshold", overlapThreshold, "above 0, at most 1");
  }

 private:
  static int64_t count(const ov::frontend::NodeContext &node, const char *name, double otherwise) {
    const double value = number(node, name, otherwise);
    require(value >= 1 && value <= mostRows, name, value, "a number from 1 to 65536");
    return static_cast<int64_t>(value);
  }

  static float real(const ov::frontend::NodeContext &node, const char *name) {
    const double value = number(node, name, std::numeric_limits<double>::quiet_NaN());
    require(std::isfinite(value), name, value, "a number");
    return static_cast<float>(value);
  }

  static float scale(const ov::frontend::NodeContext &node, const char *name) {
    const float value = real(node, name);
    require(value > 0, name, value, "a number above 0");
    return value;
  }
};

Value integers(const std::vector<int64_t> &values) { return Constant::create(i64, {values.size()}, values); }
Value integer(int64_t value) { return Constant::create(i64, {}, {value}); }
Value real(float value) { return Constant::create(f32, {}, {value}); }
Value zeros(const ov::Shape &shape) { return Constant::create(f32, shape, {0.0f}); }

template <class Operator, class... Arguments>
Value make(Arguments &&...arguments) {
  return std::make_shared<Operator>(std::forward<Arguments>(arguments)...)->output(0);
}

Value reshape(const Value &value, const std::vector<int64_t> &shape) {
  return make<Reshape>(value, integers(shape), false);
}

/// Columns `from` to `to` of a matrix.
Value columns(const Value &matrix, int64_t from, int64_t to) {
  return make<Slice>(matrix, integers({from}), integers({to}), integers({1}), integers({1}));
}

Value join(const OutputVector &parts, int64_t axis) { return make<Concat>(parts, axis); }

/// The operator's inputs, checked, as matrices of floats: one row an anchor.
struct Inputs {
  int64_t count;
  Value offsets, scores, anchors;

  Inputs(const ov::frontend::NodeContext &node, int64_t classes) {
    const size_t inputs = node.get_input_size();
    require(inputs == 3, "the number of its inputs", inputs, "3 (offsets, scores, anchors)");
    const auto offsetShape = shape(node.get_input(0), "the shape of its offsets", 3);
    const auto scoreShape = shape(node.get_input(1), "the shape of its scores", 3);
    const auto anchorShape = shape(node.get_input(2), "the shape of its anchors", 2);
    count = offsetShape[1];
    require(count >= 1 && offsetShape[2] >= 4 && offsetShape[0] <= 1, "the shape of its offsets",
            node.get_input(0).get_partial_shape(), "[1, anchors, 4 or more]");
    require(scoreShape[1] == count && scoreShape[0] <= 1 && (scoreShape[2] == classes || scoreShape[2] == classes + 1),
            "the shape of its scores", node.get_input(1).get_partial_shape(),
            "one row an anchor, with num_classes columns or one more,");
    require(anchorShape[0] == count && anchorShape[1] == 4, "the shape of its anchors",
            node.get_input(2).get_partial_shape(), "[anchors, 4]");
    offsets = columns(reshape(floats(node.get_input(0)), {count, offsetShape[2]}), 0, 4);
    scores = columns(reshape(floats(node.get_input(1)), {count, scoreShape[2]}), scoreShape[2] - classes, scoreShape[2]);
    anchors = floats(node.get_input(2));
  }

 private:
  /// Quantised numbers become what they stand for: the reader does that where it meets a conversion to floats.
  static Value floats(const Value &value) { return make<Convert>(value, f32); }

  /// Sides of known length; only the first, the batch, may be open.
  static std::vector<int64_t> shape(const Value &value, const char *name, int64_t rank) {
    const ov::PartialShape shape = value.get_partial_shape();
    require(shape.rank().is_static() && shape.rank().get_length() == rank, name, shape,
            rank == 3 ? "one of 3 dimensions" : "one of 2 dimensions");
    std::vector<int64_t> sides;
    for (const auto &side : shape) {
      require(side.is_static() || (rank == 3 && sides.empty()), name, shape, "one of known size");
      sides.push_back(side.is_static() ? side.get_length() : 1);
    }
    return sides;
  }
};

/// Corners [N, 4] from offsets and anchors.
Value corners(const Inputs &inputs, const Options &options) {
  const auto part = [](const Value &matrix, int64_t column) { return columns(matrix, column, column + 1); };
  const auto centre = [&](int64_t axis, float scale) {
    const Value shift = make<Multiply>(make<Divide>(part(inputs.offsets, axis), real(scale)), part(inputs.anchors, axis + 2));
    return make<Add>(shift, part(inputs.anchors, axis));
  };
  const auto half = [&](int64_t axis, float scale) {
    const Value growth = make<Exp>(make<Divide>(part(inputs.offsets, axis + 2), real(scale)));
    return make<Multiply>(make<Multiply>(real(0.5f), growth), part(inputs.anchors, axis + 2));
  };
  const Value y = centre(0, options.yScale), x = centre(1, options.xScale);
  const Value height = half(0, options.heightScale), width = half(1, options.widthScale);
  return join({make<Subtract>(y, height), make<Subtract>(x, width), make<Add>(y, height), make<Add>(x, width)}, 1);
}

struct Found {
  /// [R, 3]: picture, class, anchor; the best first.
  Value rows;
  /// [1], whole numbers.
  Value count;
};

/// Suppression of doubles among `scores` [classes, N], at most `most` a class.
Found suppress(const Value &corners, const Value &scores, int64_t most, const Options &options) {
  // The engine keeps what scores more and drops what overlaps as much or more; the operator keeps what scores as much,
  // and drops what overlaps more. The next float makes up for it.
  const float infinity = std::numeric_limits<float>::infinity();
  const auto found = std::make_shared<NonMaxSuppression>(
      make<Unsqueeze>(corners, integer(0)), make<Unsqueeze>(scores, integer(0)), integer(most),
      real(std::nextafter(options.overlapThreshold, infinity)), real(std::nextafter(options.scoreThreshold, -infinity)),
      NonMaxSuppression::BoxEncodingType::CORNER, true, i64);
  return {found->output(0), found->output(2)};
}

/// The anchors (or classes) of what was found: exactly `length` numbers, `filler` where there was less.
Value padded(const Value &rows, int64_t column, int64_t filler, int64_t length) {
  const Value numbers = make<Squeeze>(columns(rows, column, column + 1), integers({1}));
  const Value spare = Constant::create(i64, {static_cast<size_t>(length)}, {filler});
  const Value cut = make<Slice>(join({numbers, spare}, 0), integers({0}), integers({length}), integers({1}));
  return reshape(cut, {length});
}

/// A matrix with a row of zeros below, for those who are not there.
Value grounded(const Value &matrix, int64_t width) { return join({matrix, zeros({1, static_cast<size_t>(width)})}, 0); }

Value pick(const Value &matrix, const Value &rows) { return make<Gather>(matrix, rows, integer(0)); }

/// [rows, width] with zeros to the right up to `to` columns.
Value widened(const Value &matrix, int64_t rows, int64_t width, int64_t to) {
  if (width == to) return matrix;
  return join({matrix, zeros({static_cast<size_t>(rows), static_cast<size_t>(to - width)})}, 1);
}

/// Each anchor has one go, with its best class; then its best classes are told.
OutputVector fast(const Inputs &inputs, const Value &corners, const Options &options) {
  const Value best = make<ReduceMax>(inputs.scores, integers({1}), false);
  const Found found = suppress(corners, make<Unsqueeze>(best, integer(0)), options.rows, options);
  const Value anchors = padded(found.rows, 2, inputs.count, options.rows);
  const int64_t told = std::min(options.classesPerRow, options.classes);
  const auto top = std::make_shared<TopK>(pick(grounded(inputs.scores, options.classes), anchors), integer(told), 1,
                                          TopK::Mode::MAX, TopK::SortType::SORT_VALUES, i64, true);
  // Where nothing was found all scores are 0, and the first classes stand there: the first is class 0.
  const Value boxes = make<Unsqueeze>(pick(grounded(corners, 4), anchors), integer(1));
  const Value copies = make<Broadcast>(boxes, integers({options.rows, told, 4}));
  const int64_t all = options.rows * options.classesPerRow;
  const auto row = [&](const Value &values) {
    return reshape(widened(values, options.rows, told, options.classesPerRow), {1, all});
  };
  const Value wide = widened(reshape(copies, {options.rows, told * 4}), options.rows, told * 4, options.classesPerRow * 4);
  return {reshape(wide, {1, all, 4}), row(make<Convert>(top->output(1), f32)), row(top->output(0)),
          make<Convert>(found.count, f32)};
}

/// Each class by itself; the best of all classes are told.
OutputVector classByClass(const Inputs &inputs, const Value &corners, const Options &options) {
  const Value byClass = make<Transpose>(inputs.scores, integers({1, 0}));
  const Found found = suppress(corners, byClass, options.rowsPerClass, options);
  const Value anchors = padded(found.rows, 2, inputs.count, options.rows);
  const Value classes = padded(found.rows, 1, 0, options.rows);
  const Value places = make<Add>(make<Multiply>(anchors, integer(options.classes)), classes);
  const Value flat = reshape(grounded(inputs.scores, options.classes), {(inputs.count + 1) * options.classes});
  const int64_t all = options.rows * options.classesPerRow;
  const auto row = [&](const Value &values) { return widened(reshape(values, {1, options.rows}), 1, options.rows, all); };
  const Value boxes = reshape(pick(grounded(corners, 4), anchors), {1, options.rows * 4});
  return {reshape(widened(boxes, 1, options.rows * 4, all * 4), {1, all, 4}), row(make<Convert>(classes, f32)),
          row(pick(flat, places)), make<Convert>(make<Minimum>(found.count, integers({options.rows})), f32)};
}

}  // namespace

OutputVector detectionPostprocess(const ov::frontend::NodeContext &node) {
  const Options options(node);
  const Inputs inputs(node, options.classes);
  const Value boxes = corners(inputs, options);
  return options.classByClass ? classByClass(inputs, boxes, options) : fast(inputs, boxes, options);
}

}  // namespace ridley
