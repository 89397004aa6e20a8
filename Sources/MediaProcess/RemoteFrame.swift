public import Base
public import Media

/// One decoded picture in a media process, with its time; the process holds it as long as this lives: keep few.
public final class RemoteFrame: Sendable {
  private let facts: FrameFacts
  private let number: Int
  private let session: Session

  init(_ facts: FrameFacts, _ number: Int, _ session: Session) {
    (self.facts, self.number, self.session) = (facts, number, session)
  }

  deinit { session.release(number) }

  /// Position in the order of output, from 0.
  public var index: Int { facts.index }
  /// Presentation timestamp in the stream's time base; `nil` where the file gives none.
  public var pts: Int? { facts.pts }
  /// Seconds.
  public var time: Double { facts.time }
  public var isKeyFrame: Bool { facts.isKeyFrame }
  /// The decoder said that parts are missing or guessed.
  public var isCorrupt: Bool { facts.isCorrupt }
  /// As ``Frame/cell``.
  public var cell: Int { facts.cell }
  /// The picture as people see it: turned upright, with square pixels.
  public var size: Size { facts.size }

  /// Renders as ``Frame/render(into:size:source:target:order:pad:interpolation:)`` does, into a buffer of exactly that many bytes that
  /// the same reader made; any thread.
  ///
  /// A thread that reads the buffer meanwhile sees parts of both pictures.
  public func render(
    into buffer: SharedBuffer, size: Size, source: Rect, target: Rect, order: PixelOrder, pad: UInt8,
    interpolation: Interpolation = .halving
  ) throws(Fault) {
    let byteCount = size.area * order.channels
    precondition(buffer.memory === session.memory, "the buffer is another reader's")
    precondition(byteCount == buffer.byteCount, "the bytes must be exactly one picture of the size")
    precondition((source.x + source.y + source.right + source.bottom).isFinite, "a part of a picture has finite edges")
    precondition(
      target.x >= 0 && target.y >= 0 && target.width >= 1 && target.height >= 1
        && Int(target.right) <= size.width && Int(target.bottom) <= size.height, "the target must lie in the picture")
    let start = buffer.part.lowerBound
    let answer = try session.call(
      .render(
        RenderOrder(
          frame: number, place: start..<start + byteCount, size: size, source: source, target: target, order: order,
          pad: pad, interpolation: interpolation)))
    guard case .rendered = answer else { throw session.refuse(answer) }
  }

  /// The whole upright picture, three bytes a pixel, red first, scaled to `size` or in its own; for people's eyes.
  public func rgb(size: Size? = nil) throws(Fault) -> [UInt8] {
    try pixels(of: self.size.rect, size: size ?? self.size, order: .rgb)
  }

  /// Brightness of a part of the upright picture, a byte a pixel, scaled to `size`; `region` is in pixels of it.
  public func gray(_ region: Rect, size: Size) throws(Fault) -> [UInt8] {
    try pixels(of: region, size: size, order: .gray)
  }

  private func pixels(of region: Rect, size: Size, order: PixelOrder) throws(Fault) -> [UInt8] {
    let buffer = try SharedBuffer(session.memory, byteCount: size.area * order.channels)
    try render(into: buffer, size: size, source: region, target: size.rect, order: order, pad: 0)
    return unsafe Array(buffer.bytes.pointer)
  }
}
