public import Base

/// Predictions that others packed, and that may be any bytes.
extension PackedPredictions {
  /// Bytes of an index: what others send may be short and stand for very much.
  public static let foreignIndexBytes = 16 << 20
  /// Numbers of one block, those of all, and those of all vectors, which are kept in memory.
  static let (foreignBlockNumbers, foreignNumbers, foreignVectorNumbers) = (1 << 22, 1 << 29, 1 << 26)
  private static let (foreignBlockBytes, foreignFrameRows, foreignTexts) = (64 << 20, 1 << 16, 1 << 20)

  /// Goes through all of them, and calls `body` with each.
  ///
  /// The fault is `badInput` where anything is not as this program packs it, or has numbers that no frame of a film has, and `tooLarge` where there is
  /// more than is read of others; what was gone through can be read by everything that reads packed predictions.
  public func check(_ body: (PredictionRow) throws(Fault) -> Void) throws(Fault) {
    guard texts.texts.count <= Self.foreignTexts else { throw Self.tooMany }
    for text in texts.texts { try RowCheck.check(text) }
    var (place, numbers, vectors) = (Self.magic.count, 0, 0)
    var (stamp, rows) = (FrameStamp?.none, 0)
    for entry in entries {
      // One block after the other, so that none is told of twice.
      guard entry.offset == place, entry.byteCount <= Self.foreignBlockBytes else { throw PackedBlock.damaged }
      place += entry.byteCount
      let block = try PackedBlock(bytes(of: entry), frames: entry.frames, most: Self.foreignBlockNumbers)
      (numbers, vectors) = (numbers + block.numberCount, vectors + block[.vector].count)
      guard numbers <= Self.foreignNumbers, vectors <= Self.foreignVectorNumbers else { throw Self.tooMany }
      guard block[.kind].count == entry.predictions, Self.has(entry, block[.time]) else { throw PackedBlock.damaged }
      var cursor = PackedCursor(block, texts)
      try cursor.forEach { (row) throws(Fault) in
        if row.stamp != stamp { try RowCheck.check(row.stamp) }
        try RowCheck.check(row.prediction)
        // Those of a frame are looked at together.
        rows = row.stamp.index == stamp?.index ? rows + 1 : 1
        stamp = row.stamp
        guard rows <= Self.foreignFrameRows else { throw Self.tooMany }
        try body(row)
      }
    }
  }

  /// Whether times lie where the index says, by which they are found; to a microsecond.
  private static func has(_ entry: Entry, _ times: [Double]) -> Bool {
    let (first, last) = (Double(entry.first) / 1e6 - 1e-6, Double(entry.last) / 1e6 + 1e-6)
    return times.allSatisfy { first <= $0 && $0 <= last }
  }

  private static let tooMany = Fault(
    .tooLarge, "the packed predictions have more numbers, or more predictions of one frame, than are read of others")
}

/// Holds texts and rows against what frames of films can have.
private enum RowCheck {
  private static let mostTextBytes = 64 << 10
  /// Seconds; and of boxes, whole pictures.
  private static let (longest, farthest) = (1e7, 1e3)

  /// Whatever the text is of: not every place that texts are kept in takes a zero.
  static func check(_ text: String) throws(Fault) {
    try hold(text.utf8.count <= mostTextBytes && !text.utf8.contains(0))
  }

  static func check(_ stamp: FrameStamp) throws(Fault) {
    try hold((0...1 << 40).contains(stamp.index) && (stamp.pts ?? 0).magnitude <= 1 << 60 && isTime(stamp.time))
    try hold((1...1024).contains(stamp.file.utf8.count) && !stamp.file.utf8.contains(UInt8(ascii: "/")))
  }

  static func check(_ one: Prediction) throws(Fault) {
    try hold((0...1 << 16).contains(one.step) && (0...1 << 24).contains(one.parent ?? 0))
    try hold((0...1 << 53).contains(one.track ?? 0) && (one.score ?? 0).isFinite)
    if let box = one.box { for side in [box.x, box.y, box.width, box.height] { try hold(abs(side) <= farthest) } }
    if let span = one.span { try hold(isTime(span.lowerBound) && isTime(span.upperBound)) }
    for point in one.points {
      try hold(abs(point.x) <= farthest && abs(point.y) <= farthest && (point.score ?? 0).isFinite)
    }
    for number in one.vector { try hold(number.isFinite) }
    if let mask = one.mask { try check(mask) }
    if let tensor = one.tensor { try check(tensor) }
  }

  private static func check(_ mask: Mask) throws(Fault) {
    let (size, sides) = (mask.size, 1...1 << 14)
    try hold(sides.contains(size.width) && sides.contains(size.height) && (0...1.001).contains(mask.share))
    var left = size.width * size.height
    for count in mask.counts {
      try hold((0...left).contains(count))
      left -= count
    }
    try hold(left == 0)
  }

  private static func check(_ tensor: TensorSummary) throws(Fault) {
    try hold(tensor.spec.shape.count <= 16)
    for side in tensor.spec.shape { try hold((0...1 << 31).contains(side ?? 0)) }
    for number in [tensor.minimum, tensor.maximum, tensor.mean] { try hold(number.isFinite) }
  }

  private static func isTime(_ seconds: Double) -> Bool { abs(seconds) <= longest }

  private static func hold(_ isSo: Bool) throws(Fault) {
    guard isSo else { throw Fault(.badInput, "the packed predictions hold what no frame of a film has") }
  }
}
