internal import Base
internal import Media
internal import MediaProcess
internal import Pipelines
internal import Vision

/// Looks at frames in a small plane of luma and lets through those in which something moves, with a little before them.
///
/// What it remembers ends with each cell of the film, so that cells can be looked at apart.
struct FrameGate {
  /// Cells that frames are compared in; small, because neighbours move together and noise averages out.
  private static let size = Size(width: 64, height: 36)

  private let settings: Pipeline.Gate
  private var gate: MotionGate
  private var cell: Int?
  private var preRoll: PreRoll<SourceFrame>
  private var picture: SmallPicture
  /// Cells in which movement does not count.
  private let masked: [Bool]

  /// `share` makes memory that the media process of the frames reaches.
  init(_ settings: Pipeline.Gate, masks: [Polygon] = [], share: ((Int) throws(Fault) -> SharedBuffer)?) {
    self.settings = settings
    masked =
      masks.isEmpty
      ? []
      : (0..<Self.size.area).map { cell in
        let (x, y) = (cell % Self.size.width, cell / Self.size.width)
        let middle = Point((Double(x) + 0.5) / Double(Self.size.width), (Double(y) + 0.5) / Double(Self.size.height))
        return masks.contains { $0.contains(middle) }
      }
    gate = MotionGate(settings.settings, masked: masked)
    preRoll = PreRoll(seconds: settings.lead)
    picture = SmallPicture(Self.size, .gray, share: share)
  }

  /// Frames that the gate let go.
  var passedOver: Int { preRoll.passedOver }

  /// The frames that go on now, in order.
  mutating func pass(_ frame: SourceFrame) throws(Fault) -> [SourceFrame] {
    if frame.cell != cell {
      gate = MotionGate(settings.settings, masked: masked)
      preRoll.dismiss()
      cell = frame.cell
    }
    let passes = try picture.of(frame) { gate.passes(luma: $0, time: frame.time) }
    return preRoll.add(frame, time: frame.time, passes: passes)
  }

  /// Lets go of frames that still wait when the file ends.
  mutating func end() { preRoll.dismiss() }
}
