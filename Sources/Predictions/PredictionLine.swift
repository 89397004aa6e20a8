public import Base
public import JSON

/// One line of `predictions.jsonl`, read again.
extension PredictionRow {
  private enum Key: String, CaseIterable {
    case file, pts, time, frame, kind, label, score, box, track, parent, state, span, points, mask, text, vector, tensor
    case model
  }

  /// Keys that are not known are left alone: a newer ridley may write more.
  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    var found = Prediction(kind: try fields.required(.kind).choice())
    found.label = try fields.given(.label)?.string()
    if let score = fields[.score] { found.score = score.isNull ? .nan : Float(try score.number()) }
    found.box = try fields.given(.box).map { (box) throws(Fault) in
      let sides = try Self.numbers(box, 4)
      return Rect(x: sides[0], y: sides[1], width: sides[2], height: sides[3])
    }
    found.track = try fields.given(.track)?.integer()
    found.parent = try fields.given(.parent)?.integer()
    found.state = try fields.given(.state)?.choice()
    found.span = try fields.given(.span).map { (span) throws(Fault) in
      let ends = try Self.numbers(span, 2)
      guard ends[0] <= ends[1] else { throw span.fault("the span ends before it begins") }
      return ends[0]...ends[1]
    }
    found.points = try fields.given(.points).map(Self.points) ?? []
    found.mask = try fields.given(.mask).map(Self.mask)
    found.text = try fields.given(.text)?.string()
    found.vector =
      try fields.given(.vector).map { (vector) throws(Fault) in try Self.numbers(vector).map { Float($0) } } ?? []
    found.tensor = try fields.given(.tensor).map(Self.tensor)
    self.init(
      found,
      FrameStamp(
        file: try fields.required(.file).string(), index: try fields.required(.frame).integer(),
        pts: try fields.given(.pts)?.integer(), time: try Self.number(fields.required(.time))),
      model: try fields.required(.model).string())
  }

  /// A number, where null stands for what JSON cannot hold.
  private static func number(_ value: JSONValue) throws(Fault) -> Double { value.isNull ? .nan : try value.number() }

  private static func numbers(_ value: JSONValue, _ count: Int? = nil) throws(Fault) -> [Double] {
    var numbers: [Double] = []
    for element in try value.elements() { numbers.append(try number(element)) }
    if let count, numbers.count != count { throw value.fault("\(numbers.count) numbers, expected \(count)") }
    return numbers
  }

  private enum PointKey: String, CaseIterable { case name, x, y, score }

  private static func points(_ value: JSONValue) throws(Fault) -> [Keypoint] {
    var points: [Keypoint] = []
    for element in try value.elements() {
      let fields = try element.fields(PointKey.self, others: .ignored)
      var point = Keypoint(
        name: try fields.required(.name).string(), x: try number(fields.required(.x)),
        y: try number(fields.required(.y)))
      if let score = fields[.score] { point.score = Float(try number(score)) }
      points.append(point)
    }
    return points
  }

  private enum MaskKey: String, CaseIterable { case size, counts, share }

  private static func mask(_ value: JSONValue) throws(Fault) -> Mask {
    let fields = try value.fields(MaskKey.self, others: .ignored)
    var (size, counts) = ([Int](), [Int]())
    for side in try fields.required(.size).elements() { size.append(try side.integer(in: 0...1 << 20)) }
    for count in try fields.required(.counts).elements() { counts.append(try count.integer(in: 0...1 << 40)) }
    guard size.count == 2 else { throw value.fault("a mask's size is its height and width") }
    return Mask(
      size: Size(width: size[1], height: size[0]), counts: counts, share: try number(fields.required(.share)))
  }

  private enum TensorKey: String, CaseIterable { case name, shape, type, min, max, mean }

  private static func tensor(_ value: JSONValue) throws(Fault) -> TensorSummary {
    let fields = try value.fields(TensorKey.self, others: .ignored)
    var shape: [Int?] = []
    for side in try fields.required(.shape).elements() { shape.append(side.isNull ? nil : try side.integer()) }
    return TensorSummary(
      spec: TensorSpec(
        name: try fields.required(.name).string(), shape: shape, element: try fields.required(.type).choice()),
      minimum: Float(try number(fields.required(.min))), maximum: Float(try number(fields.required(.max))),
      mean: Float(try number(fields.required(.mean))))
  }
}
