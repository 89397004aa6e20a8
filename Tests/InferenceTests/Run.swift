import Base
import Inference
import TestKit

/// Answers of a network, copied out.
struct Answer: OutputTensors, Sendable {
  var specs: [TensorSpec] = []
  var values: [[Float]] = []

  func withFloats<Result>(_ index: Int, _ body: (Span<Float>) -> Result) -> Result {
    let list = values[index]
    return body(list.span)
  }

  init(_ outputs: Outputs) {
    specs = outputs.specs
    values = specs.indices.map { index in outputs.withFloats(index) { Array($0) } }
  }

  func values(named name: String) -> [Float]? { specs.firstIndex { $0.name == name }.map { values[$0] } }
}

/// Memory for one row of each input, lent to whoever fills it.
struct InputPlace: ~Copyable {
  fileprivate let inputs: [AlignedMemory]
  fileprivate let sizes: [Int]

  fileprivate init(of unit: InferenceUnit) {
    sizes = unit.inputs.map { spec in
      // A network of a fixed first side takes all of it in one row.
      let first = unit.batch == 1 ? (spec.shape.first ?? 1) ?? 1 : 1
      return spec.shape.dropFirst().reduce(first * spec.element.byteCount) { $0 * ($1 ?? 1) }
    }
    inputs = sizes.map { AlignedMemory($0) }
  }

  func write(input: Int = 0, _ body: (inout MutableRawSpan) throws(Fault) -> Void) throws(Fault) {
    try inputs[input].write(0..<sizes[input], body)
  }

  fileprivate var bytes: [SharedBytes] { inputs.indices.map { inputs[$0][0..<sizes[$0]] } }
}

extension InferenceUnit {
  /// Brings one input that `fill` writes; a fault in it is thrown on, and nothing is asked.
  func submit(
    fill: (borrowing InputPlace) throws(Fault) -> Void, done: @escaping @Sendable (Result<Outputs, Fault>) -> Void
  ) throws(Fault) {
    let place = InputPlace(of: self)
    try fill(place)
    let request = InferenceRequest(place.bytes, rows: 1, source: "") { outcome, _ in
      switch outcome {
      case .answered(let outputs): done(.success(outputs))
      case .failed(let fault): done(.failure(fault))
      case .late, .cancelled, .lost: done(.failure(Fault(.bug, "neither was asked for")))
      }
    }
    do { try submitWaiting(request) } catch { throw error.fault }
  }
}

/// Runs one input and waits for its answer.
func infer(_ unit: InferenceUnit, _ bytes: [UInt8]) throws -> Answer {
  let answer = Monitor<Result<Answer, Fault>?>(nil)
  try unit.submit { (place) throws(Fault) in
    try place.write { (span) throws(Fault) in
      for index in bytes.indices { span.storeBytes(of: bytes[index], toByteOffset: index, as: UInt8.self) }
    }
  } done: { result in
    let copied = result.map { Answer($0) }
    answer.update { $0 = copied }
  }
  return try answer.wait(for: "an answer") { $0 }.get()
}

/// A golden case's picture in the channel order that its network wants.
func bytes(of golden: GoldenCase) -> [UInt8] {
  let rgb = golden.rgb
  return switch golden.color {
  case "bgr": rgb.indices.map { rgb[$0 - $0 % 3 + 2 - $0 % 3] }
  case "gray": stride(from: 0, to: rgb.count, by: 3).map { rgb[$0] }
  default: rgb
  }
}

func compile(_ golden: GoldenCase, model: String? = nil, on engine: Engine) throws -> CompiledNetwork {
  var options = CompileOptions()
  options.picture = PictureInput(
    width: golden.width, height: golden.height, channels: golden.color == "gray" ? 1 : 3,
    channelsFirst: golden.layout == "NCHW", mean: golden.isQuantised ? [] : golden.mean,
    scale: golden.isQuantised ? [] : golden.scale)
  return try CompiledNetwork(try engine.read(TestData.path(model ?? golden.model)), with: options, on: engine)
}

extension Array where Element == Float {
  init(_ span: Span<Float>) {
    self.init()
    for index in span.indices { append(span[index]) }
  }
}
