internal import Base
internal import Media
internal import Pipelines
internal import Vision

/// Looks at frames in a small plane of luma and lets through those in which something moves, with a little before them.
struct FrameGate {
  /// Cells that frames are compared in; small, because neighbours move together and noise averages out.
  private static let size = Size(width: 64, height: 36)

  private var gate: MotionGate
  private var preRoll: PreRoll<Frame>
  private var luma = [UInt8](repeating: 0, count: size.area)

  init(_ settings: Pipeline.Gate) {
    gate = MotionGate(settings.settings)
    preRoll = PreRoll(seconds: settings.lead)
  }

  /// Frames that the gate let go.
  var passedOver: Int { preRoll.passedOver }

  /// The frames that go on now, in order.
  mutating func pass(_ frame: Frame) throws(Fault) -> [Frame] {
    let whole = Rect(x: 0, y: 0, width: Double(frame.size.width), height: Double(frame.size.height))
    let target = Rect(x: 0, y: 0, width: Double(Self.size.width), height: Double(Self.size.height))
    var pixels = luma.mutableSpan
    var bytes = pixels.mutableBytes
    try frame.render(into: &bytes, size: Self.size, source: whole, target: target, order: .gray, pad: 0)
    let seen = luma
    return preRoll.add(frame, time: frame.time, passes: gate.passes(luma: seen.span, time: frame.time))
  }

  /// Lets go of frames that still wait when the file ends.
  mutating func end() { preRoll.dismiss() }
}
