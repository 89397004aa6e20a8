/// What a network answered for one input; lent to whoever decodes it, and gone afterwards.
public protocol OutputTensors {
  /// Name, actual shape (with a leading 1 for the one input) and element type of each output.
  var specs: [TensorSpec] { get }

  /// Lends the elements of one output as floats, converting where the network gives another type.
  func withFloats<Result>(_ index: Int, _ body: (Span<Float>) -> Result) -> Result
}
