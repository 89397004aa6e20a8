public import Base
public import Predictions

/// A few pictures that show what was found: the best of each label, spread over the video.
///
/// The video is cut into at most ``slotLimit`` spans, which double when it outgrows them; each label keeps its best
/// frame of each span. No two kept frames are closer than ``distance``, and there are never more than ``limit``.
public struct Gallery: Sendable {
  public struct Picture: Sendable, Hashable {
    public var stamp: FrameStamp
    /// JPEG, and its size in pixels.
    public var jpeg: [UInt8]
    public var size: Size
    /// What the whole frame shows, strongest first.
    public var findings: [Finding]
    /// The label it was kept for.
    public var label: String
    var strength: Float
  }

  /// One label in one frame.
  public struct Finding: Sendable, Hashable {
    public var label: String
    public var count: Int
    public var bestScore: Float?
    /// A text that was read, where the model reads.
    public var text: String?
    var strength: Float
  }

  public static let limit = 24
  public static let slotLimit = 8
  /// Seconds.
  public static let distance = 1.0
  /// A billion seconds: stamps beyond it, and those that are no numbers, get no picture.
  private static let latest = 1e9

  /// Kept so far, in the order of time.
  public private(set) var pictures: [Picture] = []
  private var start: Double?
  private var slotWidth = Self.distance

  public init() {}

  /// Whether this frame would be kept now; asked before the picture is made, because making it costs.
  public mutating func wants(_ stamp: FrameStamp, _ predictions: [Prediction]) -> Bool {
    guard !predictions.isEmpty, stamp.time.magnitude < Self.latest else { return false }
    reach(stamp.time)
    return claim(stamp.time, Self.findings(predictions)) != nil
  }

  /// Keeps the picture if it is still wanted, in place of the one it beats.
  public mutating func add(_ jpeg: [UInt8], size: Size, _ stamp: FrameStamp, _ predictions: [Prediction]) {
    let findings = Self.findings(predictions)
    guard wants(stamp, predictions), let claim = claim(stamp.time, findings) else { return }
    if let beaten = claim.beaten { pictures.remove(at: beaten) }
    let picture = Picture(
      stamp: stamp, jpeg: jpeg, size: size, findings: findings, label: claim.finding.label,
      strength: claim.finding.strength)
    pictures.insert(picture, at: pictures.firstIndex { $0.stamp.time > stamp.time } ?? pictures.count)
  }

  mutating func fill(_ make: (FrameStamp) throws(Fault) -> ([UInt8], Size)) throws(Fault) {
    for place in pictures.indices { (pictures[place].jpeg, pictures[place].size) = try make(pictures[place].stamp) }
  }

  /// One entry a label, strongest first.
  static func findings(_ predictions: [Prediction]) -> [Finding] {
    var findings: [Finding] = []
    for prediction in predictions {
      if let index = findings.firstIndex(where: { $0.label == prediction.heading }) {
        findings[index].count += 1
        guard prediction.strength > findings[index].strength else { continue }
        (findings[index].strength, findings[index].bestScore) = (prediction.strength, prediction.score)
        findings[index].text = prediction.text
      } else {
        findings.append(
          Finding(
            label: prediction.heading, count: 1, bestScore: prediction.score, text: prediction.text,
            strength: prediction.strength))
      }
    }
    findings.sort { ($1.strength, $0.label) < ($0.strength, $1.label) }
    return findings
  }
}

extension Gallery {
  /// A place in the gallery: what for, and which picture goes for it.
  private struct Claim {
    var finding: Finding
    var beaten: Int?
  }

  /// The place this frame may take; labels with the fewest pictures are asked first.
  private func claim(_ time: Double, _ findings: [Finding]) -> Claim? {
    let counts = Dictionary(pictures.map { ($0.label, 1) }, uniquingKeysWith: +)
    let near = pictures.indices.filter { abs(pictures[$0].stamp.time - time) < Self.distance }
    let ranked = findings.prefix(Self.limit).sorted { counts[$0.label, default: 0] < counts[$1.label, default: 0] }
    for finding in ranked {
      let slot = slot(of: time)
      let rival = pictures.firstIndex { $0.label == finding.label && self.slot(of: $0.stamp.time) == slot }
      if let rival {
        guard near.allSatisfy({ $0 == rival }), finding.beats(pictures[rival]) else { continue }
        return Claim(finding: finding, beaten: rival)
      }
      if let claim = fresh(finding, near, counts) { return claim }
    }
    return nil
  }

  /// A place for a label that has no picture of this span yet.
  private func fresh(_ finding: Finding, _ near: [Int], _ counts: [String: Int]) -> Claim? {
    let own = counts[finding.label, default: 0]
    if let first = near.first {
      let replaceable = near.count == 1 && own == 0 && counts[pictures[first].label, default: 0] > 1
      return replaceable ? Claim(finding: finding, beaten: first) : nil
    }
    guard pictures.count >= Self.limit else { return Claim(finding: finding, beaten: nil) }
    guard let richest = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return nil }
    if richest.value >= own + 2 { return Claim(finding: finding, beaten: weakest(of: richest.key)) }
    guard let weakest = weakest(of: finding.label), finding.beats(pictures[weakest]) else { return nil }
    return Claim(finding: finding, beaten: weakest)
  }

  private func weakest(of label: String) -> Int? {
    pictures.indices.filter { pictures[$0].label == label }.min { pictures[$0].strength < pictures[$1].strength }
  }

  private func slot(of time: Double) -> Int { Int(max(0, time - (start ?? time)) / slotWidth) }

  /// Widens the spans until `time` is inside them; where two spans of a label become one, the better picture stays.
  private mutating func reach(_ time: Double) {
    let first = start ?? time
    start = first
    while (time - first) / slotWidth >= Double(Self.slotLimit) {
      slotWidth *= 2
      var best: [String: Int] = [:]
      for (index, picture) in pictures.enumerated() {
        let key = "\(slot(of: picture.stamp.time)) \(picture.label)"
        if let other = best[key], pictures[other].strength >= picture.strength { continue }
        best[key] = index
      }
      pictures = best.values.sorted().map { pictures[$0] }
    }
  }
}

extension Gallery.Finding {
  /// Clearly stronger: small gains are not worth the cost of another picture.
  fileprivate func beats(_ picture: Gallery.Picture) -> Bool {
    strength > picture.strength + max(0.03, picture.strength.magnitude * 0.03)
  }
}
