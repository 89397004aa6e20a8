internal import Base
internal import COpenVINO
internal import COpenVINOOperators
internal import NetworkFormats

/// A network as OpenVINO has read it: not yet compiled, so that shapes can still be set.
@safe
struct Graph: ~Copyable {
  let raw: OpaquePointer
  private(set) var inputs: [TensorSpec]
  private(set) var outputs: [TensorSpec]

  /// Why its answers would be wrong; `nil` where nothing of that kind is known.
  let defect: Fault?
  private let names: PortNames

  /// Takes ownership of the library's object, also when it throws; `contents` are those of its file.
  @unsafe
  init(adopting raw: OpaquePointer, _ contents: NetworkContents) throws(Fault) {
    let evidence = unsafe KnownDefect.Evidence(
      contents: contents, doubleOperator: Self.name(in: raw, ridley_find_double),
      innerSoftmax: Self.name(in: raw, ridley_find_inner_softmax),
      overhangingPool: Self.name(in: raw, ridley_find_overhanging_pool),
      narrowOperator: Self.name(in: raw, ridley_find_narrow_arithmetic))
    let defect = unsafe KnownDefect.refusal(evidence) ?? Self.brokenWeight(of: raw)
    unsafe try self.init(adopting: raw, PortNames(contents), defect)
  }

  /// The same for what was made of another network, which keeps that one's names.
  @unsafe
  init(adopting raw: OpaquePointer, madeOf network: borrowing Graph) throws(Fault) {
    unsafe try self.init(adopting: raw, network.names, network.defect)
  }

  @unsafe
  private init(adopting raw: OpaquePointer, _ names: PortNames, _ defect: Fault?) throws(Fault) {
    do {
      (inputs, outputs) = unsafe (try Self.ports(of: raw, .input, names), try Self.ports(of: raw, .output, names))
    } catch {
      unsafe ov_model_free(raw)
      throw error.asBug
    }
    unsafe (self.raw, self.names, self.defect) = (raw, names, defect)
  }

  deinit { unsafe ov_model_free(raw) }

  /// Damage that every check of form lets pass; an engine's own Softmax or ReLU may turn NaN into a number again.
  @unsafe
  private static func brokenWeight(of raw: OpaquePointer) -> Fault? {
    unsafe name(in: raw, ridley_find_broken_weight).map { name in
      Fault(
        .badInput,
        """
        the network's weights are damaged: '\(NetworkParts.shown(name))' holds numbers that are none (NaN), or too large to be \
        multiplied by; export it again, or copy its files again
        """)
    }
  }

  @unsafe
  private static func name(
    in model: OpaquePointer, _ find: (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int) -> Int32
  ) -> String? {
    var text = [CChar](repeating: 0, count: 256)
    guard unsafe find(model, &text, text.count) != 0 else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Sets the shape of every input; each given as lowest and highest value a dimension.
  ///
  /// What has no dimensions stays as it is: the library has no way to say that shape.
  mutating func reshape(_ all: [[ClosedRange<Int>]]) throws(Fault) {
    let indexes = all.indices.filter { !all[$0].isEmpty }
    let shapes = indexes.map { all[$0] }
    guard !shapes.isEmpty else { return }
    var partial = unsafe shapes.map { unsafe PartialShape.make($0) }
    defer { for index in unsafe partial.indices { unsafe ov_partial_shape_free(&partial[index]) } }
    do {
      try checkAlone("ov_model_reshape_by_port_indexes") {
        unsafe ov_model_reshape_by_port_indexes(raw, indexes, partial, shapes.count)
      }
      (inputs, outputs) = unsafe (try Self.ports(of: raw, .input, names), try Self.ports(of: raw, .output, names))
    } catch {
      throw Fault(
        .unsupported,
        "the network cannot take inputs of shape \(Self.text(shapes)); its file says \(inputs.map(\.shapeText).joined(separator: ", ")): sides are often multiples of 32, or those of its training",
        cause: error.words)
    }
  }

  /// Puts constants in the place of inputs that always get the same numbers; where there is none, the input stays.
  mutating func fix(_ constants: [PictureInput.Constant?]) throws(Fault) {
    // From behind, so that the others keep their numbers.
    for (index, constant) in constants.enumerated().reversed() {
      guard let constant else { continue }
      let status = unsafe ridley_fix_input(raw, index, constant.values, constant.values.count)
      guard status == 0 else {
        throw Fault(.unsupported, "the network's input '\(inputs[index].name)' cannot be filled in")
      }
      inputs.remove(at: index)
    }
    do {
      outputs = unsafe try Self.ports(of: raw, .output, names)
    } catch { throw error.asBug }
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
  private static func ports(
    of model: OpaquePointer, _ side: Side, _ names: PortNames
  ) throws(EngineError) -> [TensorSpec] {
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
    return PortNames.apply(side == .input ? names.inputs : names.outputs, to: specs)
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

/// How a file calls its inputs and outputs, in its order, where it says so.
///
/// The library gives one of the names of a port, and forgets that of an input whose first operator does nothing.
struct PortNames: Sendable {
  var inputs: [String]?
  var outputs: [String]?

  init(_ contents: NetworkContents) {
    guard case .onnx(let file) = contents else { return }
    (inputs, outputs) = (file.inputs, file.outputs)
  }

  init(inputs: [String], outputs: [String]) { (self.inputs, self.outputs) = (inputs, outputs) }

  /// The ports with the file's names; as they are where the order is not that of the file after all.
  static func apply(_ names: [String]?, to specs: [TensorSpec]) -> [TensorSpec] {
    guard let names, names.count == specs.count, Set(names).count == names.count, !names.contains("") else {
      return specs
    }
    let isOrder = zip(names, specs).allSatisfy { name, spec in name == spec.name || !names.contains(spec.name) }
    guard isOrder else { return specs }
    return zip(names, specs).map { TensorSpec(name: $0, shape: $1.shape, element: $1.element) }
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
