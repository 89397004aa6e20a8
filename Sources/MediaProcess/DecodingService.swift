internal import Base
internal import Isolation
internal import Media

/// The child's work: one file at a time, the frames of it that the parent still needs, and memory to render into.
final class DecodingService {
  private let memory: SharedMemory
  private let beforeFilm: () -> Void
  private var reader: MediaReader?
  private var frames: [Int: Frame] = [:]

  /// `beforeFilm` is called where a file is no picture, before anything decodes it.
  init(_ memory: SharedMemory, beforeFilm: @escaping () -> Void) {
    (self.memory, self.beforeFilm) = (memory, beforeFilm)
  }

  /// `nil` where no answer is wanted; `file` is owned.
  func answer(_ message: Message, file: Int32?) -> Answer? {
    do throws(Fault) {
      let (request, released) = try Request.read(message)
      for number in released { frames[number] = nil }
      return try answer(request, file: file)
    } catch {
      return .failed(error)
    }
  }

  private func answer(_ request: Request, file: Int32?) throws(Fault) -> Answer? {
    switch request {
    case .setUp: throw FieldReader.nonsense
    case .open(let sampling, let isNamedFilm):
      close()
      guard let file else { throw FieldReader.nonsense }
      let opened = try MediaReader(
        try MediaFile(owning: file, isNamedFilm: isNamedFilm), sampling: sampling, beforeFilm: beforeFilm)
      reader = opened
      return .opened(opened.info)
    case .next(let number):
      guard let reader else { throw FieldReader.nonsense }
      guard let frame = try reader.next() else { return .ended(Progress(reader)) }
      frames[number] = frame
      return .frame(FrameFacts(frame), Progress(reader))
    case .render(let order):
      try render(order)
      return .rendered
    case .close:
      close()
      return nil
    case .probe: return .openDoors(Sandbox.openDoors())
    }
  }

  private func render(_ order: RenderOrder) throws(Fault) {
    guard let frame = frames[order.frame], order.place.upperBound <= memory.byteCount,
      order.place.count == order.size.area * order.order.channels
    else { throw FieldReader.nonsense }
    let bytes = unsafe memory.writableBytes(order.place)
    var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
    try frame.render(
      into: &span, size: order.size, source: order.source, target: order.target, order: order.order, pad: order.pad)
  }

  private func close() {
    frames.removeAll()
    reader = nil
  }
}
