internal import Base
internal import Media
internal import MediaProcess

/// Whole frames in a few pixels, in memory that is used again and again.
struct SmallPicture {
  private let size: Size
  private let order: PixelOrder
  private let share: ((Int) throws(Fault) -> SharedBuffer)?
  /// Made for the first frame.
  private var memory: InputMemory?

  /// `share` makes memory that the media process of the frames reaches.
  init(_ size: Size, _ order: PixelOrder, share: ((Int) throws(Fault) -> SharedBuffer)?) {
    (self.size, self.order, self.share) = (size, order, share)
  }

  /// Gives `read` the pixels of the whole upright frame, stretched, rows from top to bottom; they hold until it returns.
  mutating func of<Result>(
    _ frame: SourceFrame, _ read: (Span<UInt8>) -> Result
  ) throws(Fault) -> Result {
    let memory: InputMemory
    if let own = self.memory {
      memory = own
    } else {
      memory = try InputMemory.row(of: 1, byteCount: size.area * order.channels, share: share)[0]
    }
    self.memory = memory
    try frame.render(into: memory, size: size, source: frame.size.rect, target: size.rect, order: order, pad: 0)
    let seen = memory.bytes.pointer.bindMemory(to: UInt8.self)
    return withExtendedLifetime(memory) { read(seen.span) }
  }
}
