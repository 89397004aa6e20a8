public import Base
internal import COpenVINO

/// What the network answered to one request; lent to whoever gets it, for the call in which it comes.
public struct Outputs: OutputTensors, LentTensors, Sendable {
  private enum Content: Sendable {
    /// One row, where the engine left it.
    case lent([OutputTensorView], place: Int)
    /// Rows that came one by one, put together.
    case copied([TensorSpec], [[UInt8]])
  }

  private let content: Content

  init(_ views: [OutputTensorView], place: Int) { content = .lent(views, place: place) }

  init(_ specs: [TensorSpec], _ bytes: [[UInt8]]) { content = .copied(specs, bytes) }

  /// Of several rows, with their number as the first dimension.
  public var specs: [TensorSpec] {
    switch content {
    case .lent(let views, _): views.map(\.spec)
    case .copied(let specs, _): specs
    }
  }

  public func withFloats<Result>(_ index: Int, _ body: (Span<Float>) -> Result) -> Result {
    switch content {
    case .lent(let views, let place): views[index].withFloats(place, body)
    case .copied: preconditionFailure("only one row is read as numbers")
    }
  }

  public func withBytes<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result {
    switch content {
    case .lent(let views, let place): views[index].withBytes(place, body)
    case .copied(_, let bytes): unsafe bytes[index].withUnsafeBytes { unsafe body(RawSpan(_unsafeBytes: $0)) }
    }
  }

  /// The bytes of each output.
  var copied: [[UInt8]] {
    specs.indices.map { index in
      withBytes(index) { bytes in unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) } }
    }
  }
}

/// What came out of one run of a batch, row by row.
struct BatchOutputs {
  let views: [OutputTensorView]
  /// Each row has its own part of every output.
  let isInRows: Bool

  subscript(row: Int) -> Outputs { Outputs(views, place: isInRows ? row : 0) }
}

/// One output tensor of a request, and where its bytes are.
@safe
struct OutputTensorView: @unchecked Sendable {  // read only between the engine's end and the next start
  /// The shape of one input's answer.
  let spec: TensorSpec
  /// Places that the tensor really holds.
  let rows: Int
  private let bytes: UnsafeRawBufferPointer
  private let placeCount: Int
  /// What keeps the bytes.
  private let tensor: any AnyObject & Sendable

  /// Reads where output `index` of a slot is: `inRows`, each place has a row of it; else it is one input's alone.
  init(of slot: Handle, _ index: Int, _ described: TensorSpec, inRows: Bool) throws(EngineError) {
    var made: OpaquePointer?
    try unsafe check(
      "ov_infer_request_get_output_tensor_by_index",
      ov_infer_request_get_output_tensor_by_index(slot.raw, index, &made))
    let tensor = unsafe Handle(made!, free: ov_tensor_free)
    self.tensor = tensor
    (spec, rows, placeCount) = Self.measured(try Self.sides(of: tensor, described), described, inRows)
    var data: UnsafeMutableRawPointer?
    try unsafe check("ov_tensor_data", ov_tensor_data(tensor.raw, &data))
    unsafe bytes = UnsafeRawBufferPointer(
      start: data, count: placeCount * described.element.byteCount * rows)
  }

  /// The library gives no shape for one number without sides.
  private static func sides(of tensor: Handle, _ described: TensorSpec) throws(EngineError) -> [Int] {
    if described.shape.isEmpty { return [] }
    var shape = unsafe ov_shape_t()
    do throws(EngineError) {
      try unsafe check("ov_tensor_get_shape", ov_tensor_get_shape(tensor.raw, &shape))
    } catch {
      var count = 0
      guard described.isDynamic, unsafe ov_tensor_get_size(tensor.raw, &count) == OK, count == 1 else { throw error }
      return []
    }
    defer { unsafe ov_shape_free(&shape) }
    return unsafe (0..<Int(shape.rank)).map { unsafe Int(shape.dims[$0]) }
  }

  /// The same of an output that came from elsewhere, of as many bytes as its sides say.
  init(_ output: BatchOutput, _ described: TensorSpec, inRows: Bool) {
    (spec, rows, placeCount) = Self.measured(output.sides, described, inRows)
    unsafe (bytes, tensor) = (output.bytes.pointer, Kept(output.bytes))
  }

  private static func measured(
    _ sides: [Int], _ described: TensorSpec, _ inRows: Bool
  ) -> (spec: TensorSpec, rows: Int, placeCount: Int) {
    var own = sides
    if inRows, !own.isEmpty { own[0] = 1 }
    let spec = TensorSpec(name: described.name, shape: own, element: described.element)
    return (spec, inRows ? sides.first ?? 0 : 1, own.reduce(1, *))
  }

  /// A batch of `count` inputs gave another number of rows.
  func notInRows(_ count: Int) -> Fault {
    Fault(
      .unsupported,
      """
      output '\(spec.name)' gave \(rows) rows for \(count) inputs, so it is not known whose they are: \
      run this network with batch 1
      """)
  }

  /// Holds shared bytes for as long as a view is there.
  private final class Kept: Sendable {
    let bytes: SharedBytes
    init(_ bytes: SharedBytes) { self.bytes = bytes }
  }

  func withBytes<Result>(_ place: Int, _ body: (RawSpan) -> Result) -> Result {
    unsafe body(RawSpan(_unsafeBytes: part(place)))
  }

  func withFloats<Result>(_ place: Int, _ body: (Span<Float>) -> Result) -> Result {
    let part = unsafe part(place)
    if spec.element == .f32 { return unsafe body(Span(_unsafeElements: part.assumingMemoryBound(to: Float.self))) }
    return body(unsafe Self.converted(part, spec.element).span)
  }

  @unsafe
  private func part(_ place: Int) -> UnsafeRawBufferPointer {
    let size = placeCount * spec.element.byteCount
    return unsafe UnsafeRawBufferPointer(rebasing: bytes[place * size..<(place + 1) * size])
  }

  @unsafe
  private static func converted(_ bytes: UnsafeRawBufferPointer, _ element: ElementType) -> [Float] {
    func all<T>(_: T.Type, _ convert: (T) -> Float) -> [Float] { unsafe bytes.bindMemory(to: T.self).map(convert) }
    return switch element {
    case .bool, .u8: all(UInt8.self) { Float($0) }
    case .i8: all(Int8.self) { Float($0) }
    case .u16: all(UInt16.self) { Float($0) }
    case .i16: all(Int16.self) { Float($0) }
    case .u32: all(UInt32.self) { Float($0) }
    case .i32: all(Int32.self) { Float($0) }
    case .u64: all(UInt64.self) { Float($0) }
    case .i64: all(Int64.self) { Float($0) }
    case .f32: all(Float.self) { $0 }
    case .f64: all(Double.self) { Float($0) }
    case .bf16: all(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .f16: all(Float16.self) { Float($0) }
    case .string: []
    }
  }
}
