internal import Base
internal import Insights
internal import Media
internal import MediaProcess

/// Describes frames in the few bytes that shots are found from.
struct FrameDescriber {
  private let share: ((Int) throws(Fault) -> SharedBuffer)?
  /// Made for the first frame.
  private var memory: InputMemory?

  /// `share` makes memory that the media process of the frames reaches.
  init(share: ((Int) throws(Fault) -> SharedBuffer)?) { self.share = share }

  mutating func describe(_ frame: SourceFrame) throws(Fault) -> ShotDescriptor {
    let size = ShotDescriptor.rendition
    let memory: InputMemory
    if let own = self.memory {
      memory = own
    } else {
      memory = try InputMemory.row(of: 1, byteCount: size.area * 3, share: share)[0]
    }
    self.memory = memory
    try frame.render(into: memory, size: size, source: frame.size.rect, target: size.rect, order: .rgb, pad: 0)
    let seen = memory.bytes.pointer.bindMemory(to: UInt8.self)
    return withExtendedLifetime(memory) { ShotDescriptor(rgb: seen.span) }
  }
}

extension Size {
  /// All of it.
  var rect: Rect { Rect(x: 0, y: 0, width: Double(width), height: Double(height)) }
}
