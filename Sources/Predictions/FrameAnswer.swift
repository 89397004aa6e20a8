internal import Base

/// What the networks of a pipeline answered about one frame, before anything that remembers other frames.
public struct FrameAnswer: Sendable, Hashable {
  /// Number of the frame, from 0.
  public var index: Int
  /// In ticks of the stream's time base.
  public var pts: Int?
  /// Seconds.
  public var time: Double
  /// In the order of the networks, with step and parent; scores and places as the networks gave them.
  public var predictions: [Prediction]
  /// What describes the picture, as bytes; empty where nothing does.
  public var descriptor: [UInt8]

  public init(
    index: Int, pts: Int? = nil, time: Double, predictions: [Prediction], descriptor: [UInt8] = []
  ) {
    (self.index, self.pts, self.time) = (index, pts, time)
    (self.predictions, self.descriptor) = (predictions, descriptor)
  }
}

extension FrameAnswer {
  func write(into out: inout AnswerBytes) {
    out.put(index)
    out.put(pts == nil ? 0 : 1)
    if let pts { out.put(pts) }
    out.put(time)
    out.put(predictions.count)
    for prediction in predictions { prediction.write(into: &out) }
    out.put(descriptor)
  }

  init(_ input: inout AnswerByteReader) throws(Fault) {
    self.init(
      index: try input.number(), pts: try input.choice([false, true]) ? try input.number() : nil,
      time: try input.double(), predictions: [])
    for _ in 0..<(try input.count(of: 3)) { predictions.append(try Prediction(&input)) }
    descriptor = try input.byteList()
  }
}

extension Prediction {
  /// What is there, bit by bit.
  private var fields: Int {
    let there = [
      label != nil, score != nil, box != nil, !points.isEmpty, mask != nil, text != nil, !vector.isEmpty,
      tensor != nil, parent != nil, track != nil, state != nil, span != nil,
    ]
    return there.indices.reduce(0) { $0 | (there[$1] ? 1 << $1 : 0) }
  }

  fileprivate func write(into out: inout AnswerBytes) {
    out.put(ModelTask.allCases.firstIndex(of: kind)!)
    out.put(step)
    out.put(fields)
    if let label { out.put(label) }
    if let score { out.put(score) }
    if let box { for side in [box.x, box.y, box.width, box.height] { out.put(side) } }
    if !points.isEmpty { Self.write(points, into: &out) }
    if let mask {
      out.put([mask.size.width, mask.size.height])
      out.put(mask.counts)
      out.put(mask.share)
    }
    if let text { out.put(text) }
    if !vector.isEmpty {
      out.put(vector.count)
      for value in vector { out.put(value) }
    }
    if let tensor { Self.write(tensor, into: &out) }
    if let parent { out.put(parent) }
    if let track { out.put(track) }
    if let state { out.put(State.allCases.firstIndex(of: state)!) }
    if let span { for end in [span.lowerBound, span.upperBound] { out.put(end) } }
  }

  private static func write(_ points: [Keypoint], into out: inout AnswerBytes) {
    out.put(points.count)
    for point in points {
      out.put(point.name)
      out.put(point.x)
      out.put(point.y)
      out.put(point.score == nil ? 0 : 1)
      if let score = point.score { out.put(score) }
    }
  }

  private static func write(_ tensor: TensorSummary, into out: inout AnswerBytes) {
    out.put(tensor.spec.name)
    out.put(ElementType.allCases.firstIndex(of: tensor.spec.element)!)
    out.put(tensor.spec.shape.map { $0 ?? -1 })
    for value in [tensor.minimum, tensor.maximum, tensor.mean] { out.put(value) }
  }

  fileprivate init(_ input: inout AnswerByteReader) throws(Fault) {
    self.init(kind: try input.choice(ModelTask.allCases))
    step = try input.number()
    let fields = try input.number()
    guard (0..<1 << 12).contains(fields) else { throw AnswerByteReader.damaged }
    func has(_ bit: Int) -> Bool { fields & 1 << bit != 0 }
    if has(0) { label = try input.text() }
    if has(1) { score = try input.float() }
    if has(2) {
      box = Rect(
        x: try input.double(), y: try input.double(), width: try input.double(), height: try input.double())
    }
    if has(3) { for _ in 0..<(try input.count(of: 18)) { points.append(try Keypoint(&input)) } }
    if has(4) { mask = try Mask(&input) }
    if has(5) { text = try input.text() }
    if has(6) { for _ in 0..<(try input.count(of: 4)) { vector.append(try input.float()) } }
    if has(7) { tensor = try TensorSummary(&input) }
    if has(8) { parent = try input.number() }
    if has(9) { track = try input.number() }
    if has(10) { state = try input.choice(State.allCases) }
    if has(11) {
      let (from, to) = (try input.double(), try input.double())
      guard from <= to else { throw AnswerByteReader.damaged }
      span = from...to
    }
  }
}

extension Keypoint {
  fileprivate init(_ input: inout AnswerByteReader) throws(Fault) {
    self.init(name: try input.text(), x: try input.double(), y: try input.double())
    if try input.choice([false, true]) { score = try input.float() }
  }
}

extension Mask {
  fileprivate init(_ input: inout AnswerByteReader) throws(Fault) {
    let sides = try input.numbers()
    guard sides.count == 2, sides.allSatisfy({ (0...1 << 20).contains($0) }) else { throw AnswerByteReader.damaged }
    self.init(
      size: Size(width: sides[0], height: sides[1]), counts: try input.numbers(), share: try input.double())
  }
}

extension TensorSummary {
  fileprivate init(_ input: inout AnswerByteReader) throws(Fault) {
    let (name, element) = (try input.text(), try input.choice(ElementType.allCases))
    let shape = try input.numbers().map { $0 == -1 ? nil : $0 }
    self.init(
      spec: TensorSpec(name: name, shape: shape, element: element), minimum: try input.float(),
      maximum: try input.float(), mean: try input.float())
  }
}
