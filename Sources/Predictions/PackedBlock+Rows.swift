internal import Base

/// One prediction with the frame it is about and the model that it is of: what a line of JSON Lines says.
public struct PredictionRow: Sendable, Hashable {
  public var prediction: Prediction
  public var stamp: FrameStamp
  /// `NAME@sha256:…`.
  public var model: String

  public init(_ prediction: Prediction, _ stamp: FrameStamp, model: String) {
    (self.prediction, self.stamp, self.model) = (prediction, stamp, model)
  }
}

/// Texts by number, each once; 0 is none.
struct TextTable {
  private(set) var texts: [String]
  private var numbers: [String: Int] = [:]

  init(_ texts: [String] = []) { self.texts = texts }

  mutating func number(_ text: String?) -> Int {
    guard let text else { return 0 }
    if let number = numbers[text] { return number }
    texts.append(text)
    numbers[text] = texts.count
    return texts.count
  }

  func text(_ number: Int) throws(Fault) -> String? {
    guard (0...texts.count).contains(number) else { throw PackedBlock.damaged }
    return number == 0 ? nil : texts[number - 1]
  }

  func known(_ number: Int) throws(Fault) -> String {
    guard let text = try text(number) else { throw PackedBlock.damaged }
    return text
  }
}

extension PackedBlock {
  mutating func begin(_ stamp: FrameStamp, _ texts: inout TextTable) {
    self[.predictions].append(0)
    self[.file].append(texts.number(stamp.file))
    self[.index].append(stamp.index)
    self[.hasPTS].append(stamp.pts == nil ? 0 : 1)
    if let pts = stamp.pts { self[.pts].append(pts) }
    self[.time].append(stamp.time)
  }

  /// Adds to the frame that was begun last.
  mutating func add(_ found: Prediction, model: String, _ texts: inout TextTable) {
    self[.predictions][self[.predictions].count - 1] += 1
    self[.model].append(texts.number(model))
    self[.step].append(found.step)
    self[.kind].append(ModelTask.allCases.firstIndex(of: found.kind)!)
    self[.label].append(texts.number(found.label))
    self[.text].append(texts.number(found.text))
    self[.state].append(found.state.map { Prediction.State.allCases.firstIndex(of: $0)! + 1 } ?? 0)
    put(found.score.map { Double($0) }, .hasScore, .score)
    self[.hasBox].append(found.box == nil ? 0 : 1)
    if let box = found.box {
      self[.x].append(box.x)
      self[.y].append(box.y)
      self[.width].append(box.width)
      self[.height].append(box.height)
    }
    put(found.track, .hasTrack, .track)
    put(found.parent, .hasParent, .parent)
    self[.hasSpan].append(found.span == nil ? 0 : 1)
    if let span = found.span {
      self[.from].append(span.lowerBound)
      self[.to].append(span.upperBound)
    }
    add(points: found.points, &texts)
    add(mask: found.mask)
    self[.vectorLength].append(found.vector.count)
    self[.vector].append(contentsOf: found.vector.map { Double($0) })
    add(tensor: found.tensor, &texts)
  }

  private mutating func put(_ value: Int?, _ there: Whole, _ column: Whole) {
    self[there].append(value == nil ? 0 : 1)
    if let value { self[column].append(value) }
  }

  private mutating func put(_ value: Double?, _ there: Whole, _ column: Decimal) {
    self[there].append(value == nil ? 0 : 1)
    if let value { self[column].append(value) }
  }

  private mutating func add(points: [Keypoint], _ texts: inout TextTable) {
    self[.points].append(points.count)
    for point in points {
      self[.pointName].append(texts.number(point.name))
      self[.pointX].append(point.x)
      self[.pointY].append(point.y)
      put(point.score.map { Double($0) }, .pointHasScore, .pointScore)
    }
  }

  private mutating func add(mask: Mask?) {
    self[.hasMask].append(mask == nil ? 0 : 1)
    guard let mask else { return }
    self[.maskWidth].append(mask.size.width)
    self[.maskHeight].append(mask.size.height)
    self[.maskRuns].append(mask.counts.count)
    self[.run].append(contentsOf: mask.counts)
    self[.share].append(mask.share)
  }

  private mutating func add(tensor: TensorSummary?, _ texts: inout TextTable) {
    self[.hasTensor].append(tensor == nil ? 0 : 1)
    guard let tensor else { return }
    self[.tensorName].append(texts.number(tensor.spec.name))
    self[.tensorElement].append(ElementType.allCases.firstIndex(of: tensor.spec.element)!)
    self[.tensorRank].append(tensor.spec.shape.count)
    self[.side].append(contentsOf: tensor.spec.shape.map { $0 ?? -1 })
    self[.minimum].append(Double(tensor.minimum))
    self[.maximum].append(Double(tensor.maximum))
    self[.mean].append(Double(tensor.mean))
  }
}

/// Goes through the columns of a block, front to back.
struct PackedCursor {
  private let block: PackedBlock
  private let texts: TextTable
  private var whole = [Int](repeating: 0, count: PackedBlock.Whole.allCases.count)
  private var decimal = [Int](repeating: 0, count: PackedBlock.Decimal.allCases.count)

  init(_ block: PackedBlock, _ texts: TextTable) { (self.block, self.texts) = (block, texts) }

  /// Calls `body` with each prediction of the block.
  mutating func forEach(_ body: (PredictionRow) throws(Fault) -> Void) throws(Fault) {
    for _ in block[.predictions].indices {
      let count = try take(.predictions)
      let file = try texts.known(try take(.file))
      let index = try take(.index)
      let pts = try take(.hasPTS) == 1 ? try take(.pts) : nil
      let stamp = FrameStamp(file: file, index: index, pts: pts, time: try take(.time))
      for _ in 0..<count {
        let model = try texts.known(try take(.model))
        try body(PredictionRow(try prediction(), stamp, model: model))
      }
    }
  }

  private mutating func prediction() throws(Fault) -> Prediction {
    var found = Prediction(
      kind: try choice(ModelTask.allCases, try take(.kind)), label: try texts.text(try take(.label)))
    found.step = try take(.step)
    found.text = try texts.text(try take(.text))
    let state = try take(.state)
    if state != 0 { found.state = try choice(Prediction.State.allCases, state &- 1) }
    if try take(.hasScore) == 1 { found.score = Float(try take(.score)) }
    if try take(.hasBox) == 1 {
      found.box = Rect(x: try take(.x), y: try take(.y), width: try take(.width), height: try take(.height))
    }
    if try take(.hasTrack) == 1 { found.track = try take(.track) }
    if try take(.hasParent) == 1 { found.parent = try take(.parent) }
    if try take(.hasSpan) == 1 {
      let (from, to) = (try take(.from) as Double, try take(.to) as Double)
      guard from <= to else { throw PackedBlock.damaged }
      found.span = from...to
    }
    for _ in 0..<(try take(.points)) { found.points.append(try point()) }
    if try take(.hasMask) == 1 { found.mask = try mask() }
    for _ in 0..<(try take(.vectorLength)) { found.vector.append(Float(try take(.vector))) }
    if try take(.hasTensor) == 1 { found.tensor = try tensor() }
    return found
  }

  private mutating func point() throws(Fault) -> Keypoint {
    var point = Keypoint(name: try texts.known(try take(.pointName)), x: try take(.pointX), y: try take(.pointY))
    if try take(.pointHasScore) == 1 { point.score = Float(try take(.pointScore)) }
    return point
  }

  private mutating func mask() throws(Fault) -> Mask {
    let size = Size(width: try take(.maskWidth), height: try take(.maskHeight))
    var counts: [Int] = []
    for _ in 0..<(try take(.maskRuns)) { counts.append(try take(.run)) }
    return Mask(size: size, counts: counts, share: try take(.share))
  }

  private mutating func tensor() throws(Fault) -> TensorSummary {
    let name = try texts.known(try take(.tensorName))
    let element = try choice(ElementType.allCases, try take(.tensorElement))
    var shape: [Int?] = []
    for _ in 0..<(try take(.tensorRank)) {
      let side: Int = try take(.side)
      shape.append(side == -1 ? nil : side)
    }
    return TensorSummary(
      spec: TensorSpec(name: name, shape: shape, element: element), minimum: Float(try take(.minimum)),
      maximum: Float(try take(.maximum)), mean: Float(try take(.mean)))
  }

  private func choice<T>(_ all: [T], _ number: Int) throws(Fault) -> T {
    guard all.indices.contains(number) else { throw PackedBlock.damaged }
    return all[number]
  }

  private mutating func take(_ column: PackedBlock.Whole) throws(Fault) -> Int {
    let place = whole[column.rawValue]
    guard place < block.whole[column.rawValue].count else { throw PackedBlock.damaged }
    whole[column.rawValue] = place + 1
    return block.whole[column.rawValue][place]
  }

  private mutating func take(_ column: PackedBlock.Decimal) throws(Fault) -> Double {
    let place = decimal[column.rawValue]
    guard place < block.decimal[column.rawValue].count else { throw PackedBlock.damaged }
    decimal[column.rawValue] = place + 1
    return block.decimal[column.rawValue][place]
  }
}
