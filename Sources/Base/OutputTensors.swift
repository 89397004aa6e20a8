/// What a network answered for one input; lent to what decodes it, and gone afterwards.
public protocol OutputTensors {
  /// Name, actual shape (with a leading 1 for the one input) and element type of each output.
  var specs: [TensorSpec] { get }

  /// Lends the elements of one output as floats, converting where the network gives another type.
  func withFloats<Result>(_ index: Int, _ body: (Span<Float>) -> Result) -> Result
}

/// Tensors whose bytes are lent, such as what a network answered for one input.
public protocol LentTensors {
  /// Name, actual shape and element type of each tensor.
  var specs: [TensorSpec] { get }

  /// Lends the bytes of one tensor: little-endian, without gaps, as many as its spec says.
  ///
  /// Strings stand behind their lengths in 4 bytes each.
  func withBytes<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result
}
