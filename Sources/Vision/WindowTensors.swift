internal import Base

/// The outputs of a window as those of one of its frames, where they are told frame by frame.
struct WindowTensors<Outputs: OutputTensors>: OutputTensors {
  let specs: [TensorSpec]
  private let outputs: Outputs
  private let place: Int
  private let length: Int
  /// By output: it holds all frames.
  private let isInTime: [Bool]

  init(_ outputs: Outputs, at place: Int, of length: Int, isInTime: [Bool]) {
    (self.outputs, self.place, self.length, self.isInTime) = (outputs, place, length, isInTime)
    specs = zip(outputs.specs, isInTime).map { $1 ? $0.ofFrame : $0 }
  }

  func withFloats<Result>(_ index: Int, _ body: (Span<Float>) -> Result) -> Result {
    outputs.withFloats(index) { floats in
      guard isInTime[index] else { return body(floats) }
      let count = floats.count / length
      return body(floats.extracting(place * count..<(place + 1) * count))
    }
  }
}

extension TensorSpec {
  /// Its second side are the frames of a window, and what follows is told of each.
  ///
  /// Where nothing follows, that may as well be one row of so many numbers: it is frames for what reads one number.
  func isInTime(_ length: Int, readsNumber: Bool) -> Bool {
    shape.count > 1 && shape[1] == length && (shape.count > 2 || readsNumber)
  }

  /// What is told of one frame.
  var ofFrame: TensorSpec {
    var spec = self
    spec.shape = [shape[0]] + shape.dropFirst(2)
    return spec
  }
}
