internal import Base
internal import COpenVINO

/// Memory for a batch of inputs, aligned for the engine, and the engine's views of its first places.
@safe
final class InputTensor {
  private let spec: TensorSpec
  private let bytes: UnsafeMutableRawBufferPointer
  private let placeBytes: Int
  /// One view for each number of places, made when first used.
  private var views: [Int: Handle] = [:]

  /// 64 bytes: a cache line, and the widest vector register.
  private static let alignment = 64

  init(_ spec: TensorSpec, batch: Int) {
    self.spec = spec
    let sides = spec.shape.dropFirst(spec.shape.isEmpty ? 0 : 1).map { $0 ?? 1 }
    let fixed = batch == 1 ? (spec.shape.first ?? 1) ?? 1 : 1
    placeBytes = sides.reduce(spec.element.byteCount * fixed, *)
    unsafe bytes = .allocate(byteCount: max(1, placeBytes * batch), alignment: Self.alignment)
    unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { unsafe bytes.deallocate() }

  /// Writes rows from place `place` on.
  func write(_ place: Int, _ rows: SharedBytes, _ part: Range<Int>) {
    let source = unsafe UnsafeRawBufferPointer(rebasing: rows.pointer[part])
    unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[(place * placeBytes)...]).copyMemory(from: source)
  }

  /// The engine's view of the first places.
  func view(rows count: Int) throws(EngineError) -> Handle {
    if let kept = views[count] { return kept }
    let view = try makeView(count)
    views[count] = view
    return view
  }

  private func makeView(_ count: Int) throws(EngineError) -> Handle {
    let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<max(1, placeBytes * count)])
    return unsafe try Self.view(of: part, as: spec, rows: count)
  }

  /// The engine's view of somebody's memory, from its beginning; it only reads inputs.
  @unsafe
  static func view(
    of bytes: UnsafeRawBufferPointer, as spec: TensorSpec, rows: Int
  ) throws(EngineError) -> Handle {
    var sides = spec.sides(rows: rows, byteCount: bytes.count).map { Int64($0) }
    var shape = unsafe ov_shape_t()
    // One number without sides is a shape that the library reads but does not make: all zeros.
    if !sides.isEmpty { unsafe _ = ov_shape_create(Int64(sides.count), &sides, &shape) }
    defer { if !sides.isEmpty { unsafe ov_shape_free(&shape) } }
    var made: OpaquePointer?
    try unsafe check(
      "ov_tensor_create_from_host_ptr",
      ov_tensor_create_from_host_ptr(
        spec.element.engineType, shape, UnsafeMutableRawPointer(mutating: bytes.baseAddress), &made))
    return unsafe Handle(made!, free: ov_tensor_free)
  }
}
