public import Base
internal import COpenVINO

/// A network as its file describes it: not yet compiled, so that shapes can still be set.
@safe
public struct Network: ~Copyable {
  let raw: OpaquePointer
  public private(set) var inputs: [TensorSpec]
  public private(set) var outputs: [TensorSpec]

  /// Takes ownership of the library's object, also when it throws.
  @unsafe
  init(adopting raw: OpaquePointer) throws(Fault) {
    do {
      (inputs, outputs) = unsafe (try Self.ports(of: raw, .input), try Self.ports(of: raw, .output))
    } catch {
      unsafe ov_model_free(raw)
      throw error.asBug
    }
    unsafe self.raw = raw
  }

  deinit { unsafe ov_model_free(raw) }

  /// Sets the shape of every input; each given as lowest and highest value a dimension.
  mutating func reshape(_ shapes: [[ClosedRange<Int>]]) throws(Fault) {
    var partial = unsafe shapes.map { unsafe PartialShape.make($0) }
    defer { for index in unsafe partial.indices { unsafe ov_partial_shape_free(&partial[index]) } }
    let indexes = Array(shapes.indices)
    do {
      try checkAlone("ov_model_reshape_by_port_indexes") {
        unsafe ov_model_reshape_by_port_indexes(raw, indexes, partial, shapes.count)
      }
      (inputs, outputs) = unsafe (try Self.ports(of: raw, .input), try Self.ports(of: raw, .output))
    } catch {
      throw Fault(
        .unsupported,
        "the network cannot take inputs of shape \(Self.text(shapes)); its file says \(inputs.map(\.shapeText).joined(separator: ", "))",
        cause: error.words)
    }
  }

  private static func text(_ shapes: [[ClosedRange<Int>]]) -> String {
    shapes.map { shape in
      "["
        + shape.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
        + "]"
    }.joined(separator: ", ")
  }

  private enum Side { case input, output }

  @unsafe
  private static func ports(of model: OpaquePointer, _ side: Side) throws(EngineError) -> [TensorSpec] {
    var count = 0
    switch side {
    case .input: try unsafe check("ov_model_inputs_size", ov_model_inputs_size(model, &count))
    case .output: try unsafe check("ov_model_outputs_size", ov_model_outputs_size(model, &count))
    }
    var specs: [TensorSpec] = []
    for index in 0..<count {
      var port: OpaquePointer?
      switch side {
      case .input:
        try unsafe check("ov_model_const_input_by_index", ov_model_const_input_by_index(model, index, &port))
      case .output:
        try unsafe check("ov_model_const_output_by_index", ov_model_const_output_by_index(model, index, &port))
      }
      defer { unsafe ov_output_const_port_free(port) }
      specs.append(unsafe try spec(of: port!, fallback: side == .input ? "input\(index)" : "output\(index)"))
    }
    return specs
  }

  @unsafe
  static func spec(of port: OpaquePointer, fallback: String) throws(EngineError) -> TensorSpec {
    var type = DYNAMIC
    try unsafe check("ov_port_get_element_type", ov_port_get_element_type(port, &type))
    var shape = unsafe ov_partial_shape_t()
    try unsafe check("ov_port_get_partial_shape", ov_port_get_partial_shape(port, &shape))
    defer { unsafe ov_partial_shape_free(&shape) }
    var name: UnsafeMutablePointer<CChar>?
    // A port without a name is an error to the library; it gets a number here.
    let named = unsafe ov_port_get_any_name(port, &name) == OK
    defer { unsafe ov_free(name) }
    return TensorSpec(
      name: named ? unsafe String(cString: name!) : fallback,
      shape: unsafe PartialShape.read(shape), element: ElementType(type))
  }
}

/// The library's shapes with open dimensions, to and from ranges.
@safe
enum PartialShape {
  @unsafe
  static func read(_ shape: ov_partial_shape_t) -> [Int?] {
    guard unsafe shape.rank.min == shape.rank.max else { return [nil] }
    return unsafe (0..<Int(shape.rank.max)).map { index in
      let dimension = unsafe shape.dims[index]
      return dimension.min == dimension.max ? Int(dimension.max) : nil
    }
  }

  /// Freed by the caller with `ov_partial_shape_free`.
  @unsafe
  static func make(_ ranges: [ClosedRange<Int>]) -> ov_partial_shape_t {
    let dimensions = ranges.map { ov_dimension_t(min: Int64($0.lowerBound), max: Int64($0.upperBound)) }
    var shape = unsafe ov_partial_shape_t()
    let status = unsafe ov_partial_shape_create(Int64(ranges.count), dimensions, &shape)
    precondition(status == OK, "a shape of plain numbers is always made")
    return unsafe shape
  }
}

extension ElementType {
  private static let known: [(type: ov_element_type_e, element: ElementType)] = [
    (OV_BOOLEAN, .bool), (BF16, .bf16), (F16, .f16), (F32, .f32), (F64, .f64), (I8, .i8), (I16, .i16), (I32, .i32),
    (I64, .i64), (U8, .u8), (U16, .u16), (U32, .u32), (U64, .u64),
  ]

  /// Types that have no name here (packed sub-byte ones, undecided ones) read as `string`: nobody can fill them.
  init(_ type: ov_element_type_e) { self = Self.known.first { $0.type == type }?.element ?? .string }

  var engineType: ov_element_type_e { Self.known.first { $0.element == self }?.type ?? DYNAMIC }
}
